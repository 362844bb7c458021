"""Windows as rows: a batch counted, and what windows come to.

Source: docs/spec/market-analysis.md#windows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from quote_service.intelligence.market_analysis.model.windows.moments import Moment
from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine, WindowSubject
from quote_service.intelligence.market_analysis.model.windows.terms import WindowTerms
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements
from quote_service.platform.system.instants import from_micros

STATEMENTS = Statements(__file__, "windows")
_BATCH = Statements(__file__, "window_batch")


class CountedWindow(NamedTuple):
    """A window, or a part of one, with the columns of the transformation."""

    product_id: str
    currency: str
    starts_us: int
    events: int
    newest_us: int
    first_mark: str | None
    last_mark: str | None
    low: Decimal | None
    high: Decimal | None
    listings: Sequence[str | None]
    counted: int
    removed: int
    doubted: int
    applied: int
    views: int
    searches: int
    carts: int
    cart_units: int
    purchases: int
    purchase_units: int


class WindowKey(NamedTuple):
    """Where a page of windows goes on."""

    starts_at: datetime
    width_seconds: int
    product_id: UUID
    currency: str


class WindowFilter(NamedTuple):
    """Which windows: those that begin at `since` or later, and before `until`."""

    engine: WindowEngine
    since: datetime
    until: datetime
    product_id: UUID | None = None
    currency: str | None = None


_COUNTS: Final = CountedWindow._fields[CountedWindow._fields.index("counted") :]


async def count_batch(connection: Connection, terms: WindowTerms, moments: Sequence[Moment]) -> list[CountedWindow]:
    """The windows of a batch; nothing is written."""
    if not moments:
        return []
    columns = [list(column) for column in zip(*moments, strict=True)]
    return [CountedWindow(*row) for row in await connection.fetch(_BATCH["count_windows"], terms.width_us, *columns)]


async def add_to_windows(
    connection: Connection, subject: WindowSubject, terms: WindowTerms, windows: Sequence[CountedWindow]
) -> None:
    """Add parts of windows to what there is of them, as PostgreSQL counts."""
    await _write(connection, STATEMENTS["add_to_windows"], "postgresql", subject, terms, windows)


async def replace_windows(
    connection: Connection, subject: WindowSubject, terms: WindowTerms, windows: Sequence[CountedWindow]
) -> None:
    """Put whole windows in the place of what there is of them, as Spark counts."""
    await _write(connection, STATEMENTS["replace_windows"], "spark", subject, terms, windows)


@STATEMENTS.query()
async def forget_windows(connection: Connection, days: int, limit: int) -> Affected:
    """Forget windows that began so long ago, up to so many of each engine; how many."""


async def page_of_windows(
    connection: Connection, wanted: WindowFilter, after: WindowKey | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` windows, the newest first, from behind `after`; `subjects` is JSON."""
    key = after or (None, None, None, None)
    which = (wanted.engine, wanted.since, wanted.until, wanted.product_id, wanted.currency)
    return [dict(row) for row in await connection.fetch(STATEMENTS["page_of_windows"], *which, *key, limit)]


async def _write(
    connection: Connection,
    statement: str,
    engine: WindowEngine,
    subject: WindowSubject,
    terms: WindowTerms,
    windows: Iterable[CountedWindow],
) -> None:
    rows = [
        (
            UUID(one.product_id),
            one.currency,
            from_micros(one.starts_us),
            one.events,
            from_micros(one.newest_us),
            *(one.first_mark, one.last_mark, one.low, one.high),
            ",".join(sorted(each for each in one.listings if each is not None)),
            *(getattr(one, name) for name in _COUNTS),
        )
        for one in windows
    ]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(statement, engine, subject, terms.width_seconds, *columns)
