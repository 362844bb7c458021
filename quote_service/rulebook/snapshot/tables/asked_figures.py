"""Stock and demand, read only while a price rule asks for them.

Source: docs/decisions/followed-catalog.md.
"""

from typing import Any

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.postgres.timed_connection import read_chunks
from quote_service.pricing.catalog.packed_counts import PackedCounts, no_counts, put_count
from quote_service.pricing.packed_rows import PackedRows, PackedRowsEdit
from quote_service.rulebook.snapshot.model.transaction_snapshot import Range
from quote_service.rulebook.snapshot.tables.catalog_rows import CHUNK_ROWS, let_others_run
from quote_service.rulebook.snapshot.tables.moment import bounds

STATEMENTS = Statements(__file__, "catalog_rows")


async def read_stock(connection: Connection) -> PackedCounts:
    """What can be sold of every item that has stock."""
    return PackedCounts(await _put_counts(connection, no_counts(), STATEMENTS["stock"]))


async def read_changed_stock(connection: Connection, held: PackedRows, ended: list[Range]) -> PackedRows:
    """The same after some transactions ended; what is held where they changed none of it."""
    return await _put_counts(connection, held, STATEMENTS["changed_stock"], *bounds(ended))


async def read_demand(connection: Connection, minute_us: int, hours: int) -> PackedRows:
    """The units of each product that were sold in the hours before a minute."""
    return await _put_counts(connection, no_counts(), STATEMENTS["demand"], minute_us, hours)


async def _put_counts(connection: Connection, held: PackedRows, query: str, *arguments: Any) -> PackedRows:
    edit = PackedRowsEdit(held)
    any_rows = False
    async for rows in read_chunks(connection, query, *arguments, rows=CHUNK_ROWS):
        any_rows = True
        for item, count in rows:
            put_count(edit, item, count)
    if not any_rows:
        return held
    await let_others_run(edit.freeze())
    return edit.rows()
