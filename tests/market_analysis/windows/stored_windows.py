"""Windows as they are stored, in the form of plain Python's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine, WindowSubject
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import to_micros
from tests.market_analysis.windows.plain_windows import COUNTS, Windows


async def stored_windows(database: Database, engine: WindowEngine, subject: WindowSubject) -> Windows:
    """Every window of a subject."""
    async with database.read() as connection:
        rows = await connection.fetch(
            "SELECT * FROM market_windows WHERE engine = $1 AND subject = $2", engine, subject
        )
    return {
        (str(row["product_id"]), row["currency"], to_micros(row["starts_at"])): {
            "events": row["events"],
            "newest_us": to_micros(row["newest_at"]),
            "first": price_of_mark(row["first_mark"]),
            "last": price_of_mark(row["last_mark"]),
            "low": row["low"],
            "high": row["high"],
            "listings": [str(listing) for listing in row["listings"]],
            **{name: row[name] for name in COUNTS},
        }
        for row in rows
    }


async def stored_figures(database: Database, engine: WindowEngine, subject: WindowSubject) -> tuple[int, int, int]:
    """Counted, late and ahead."""
    async with database.read() as connection:
        row = await connection.fetchrow(
            "SELECT counted, late, ahead FROM market_window_marks WHERE engine = $1 AND subject = $2", engine, subject
        )
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])


async def forget_all(connection: Connection) -> None:
    await connection.execute("TRUNCATE market_windows, market_window_marks, market_streams, event_handled")


def price_of_mark(mark: str | None) -> Any:
    return None if mark is None else Decimal(mark.rpartition(" ")[2])
