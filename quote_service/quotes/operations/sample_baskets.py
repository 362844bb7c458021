"""Baskets that customers bought recently, for whoever tries a change on them.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import newest_requests


async def sample_baskets(database: Database, count: int) -> list[CheckedBasket]:
    """The baskets of the quotes accepted last, the newest first; of erased customers nothing is kept.

    Raises:
        Unavailable: The database cannot be reached.
    """
    if not count:
        return []
    async with database.read() as connection:
        requests = await newest_requests(connection, count)
    return [decode_basket(request) for request in requests]
