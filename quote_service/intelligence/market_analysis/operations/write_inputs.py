"""The inputs of a batch as Parquet files, which every engine reads alike.

Source: docs/spec/market-analysis.md#inputs.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from quote_service.intelligence.market_analysis.model.calendar import Calendar
from quote_service.intelligence.market_analysis.model.transformations.dataframes import PRICE
from quote_service.intelligence.market_analysis.operations.engines.engine import NotInstalled
from quote_service.intelligence.market_analysis.tables.inputs import InputName, export_input
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.instants import from_micros

#: The columns of each input, and what they are in both engines.
INPUT_COLUMNS: Final[dict[InputName, dict[str, str]]] = {
    "prices": {"product_id": "VARCHAR", "currency": "VARCHAR", "at_us": "BIGINT", "price": PRICE},
    "sales": {
        "product_id": "VARCHAR",
        "currency": "VARCHAR",
        "at_us": "BIGINT",
        "units": "BIGINT",
        "orders": "BIGINT",
        "revenue_minor": "BIGINT",
        "units_returned": "BIGINT",
    },
    "offers": {
        "product_id": "VARCHAR",
        "listing_id": "VARCHAR",
        "competitor": "VARCHAR",
        "platform": "VARCHAR",
        "currency": "VARCHAR",
        "at_us": "BIGINT",
        "price": PRICE,
        "holds_until_us": "BIGINT",
    },
}
# As PostgreSQL writes it; nothing is guessed from what the file happens to hold.
_CSV: Final = """auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false"""


class InputWriter:
    """Writes inputs into a folder; each batch takes the place of the one before."""

    def __init__(self, folder: Path) -> None:
        try:
            import duckdb
        except ImportError as missing:
            raise NotInstalled(f"{missing}; pip install 'quote-service[intelligence]'") from None
        self._folder = folder
        self._connection: Any = duckdb.connect(config={"threads": 1, "memory_limit": "128MB"})

    def path(self, name: str) -> Path:
        """Where an input lies."""
        return self._folder / f"{name}.parquet"

    async def write(self, database: Database, product_ids: Sequence[UUID], calendar: Calendar, now: datetime) -> None:
        """Write the inputs of products, as of one state of the database."""
        since = from_micros(calendar.begins_us)
        for name in INPUT_COLUMNS:
            async with database.snapshot() as connection:
                await export_input(connection, name, product_ids, since, now, self._csv(name))
        await asyncio.to_thread(self._convert, calendar)

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()

    def _csv(self, name: str) -> Path:
        return self._folder / f"{name}.csv"

    def _convert(self, calendar: Calendar) -> None:
        for name, columns in INPUT_COLUMNS.items():
            source = self._csv(name)
            self._copy(name, f"read_csv('{source}', columns = {columns}, {_CSV})")
            source.unlink()
        days = ", ".join(str(tuple(day)) for day in calendar.days)
        self._copy("calendar", f"(VALUES {days}) AS days (day, day_begin_us, day_end_us)")

    def _copy(self, name: str, source: str) -> None:
        # Paths and numbers of ours; nothing here comes from a request.
        self._connection.execute(f"COPY (SELECT * FROM {source}) TO '{self.path(name)}' (FORMAT parquet)")  # noqa: S608 (see above)
