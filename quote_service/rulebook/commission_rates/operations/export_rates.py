"""All commission rates as they were in one rulebook version, page by page, however slowly they are read.

No connection is held between pages, so a slow reader takes nothing from anybody.

Source: docs/spec/commission.md#managing-rates.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.tables.commission_rates import page_as_of, read_rulebook_version

# So few that turning them into lines keeps no quote waiting.
PAGE_ROWS = 250
_BEFORE_ALL = UUID(int=0)


async def export_rates(database: Database, page_rows: int = PAGE_ROWS) -> AsyncIterator[list[RateRecord]]:
    """The rates that there are now, ended ones too, by id.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    async with database.read() as connection:
        version = await read_rulebook_version(connection)
    after: UUID | None = _BEFORE_ALL
    while after is not None:
        async with database.read() as connection:
            page, after = await page_as_of(connection, version, after=after, limit=page_rows)
        yield page
