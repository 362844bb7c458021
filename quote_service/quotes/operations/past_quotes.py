"""Accepted quotes of the past, for whoever prices them again.

Source: docs/spec/replay.md.
"""

from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.quotes.model.past_quote import PastQuote, PastRange
from quote_service.quotes.tables.past_quotes import count_past, next_past


async def count_past_quotes(database: Database, wanted: PastRange) -> int:
    """How many quotes there are of a range.

    Raises:
        Unavailable: The database cannot be reached.
    """
    async with database.read() as connection:
        return await count_past(connection, wanted)


async def read_past_quotes(
    database: Database, wanted: PastRange, after: tuple[datetime, UUID], limit: int
) -> list[PastQuote]:
    """The next quotes of a range behind a place, in the order in which they were accepted.

    Raises:
        Unavailable: The database cannot be reached.
    """
    async with database.read() as connection:
        return await next_past(connection, wanted, after, limit)
