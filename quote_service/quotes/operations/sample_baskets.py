"""Baskets that customers bought recently, for whoever tries a change on them.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

from collections.abc import Callable
from typing import NamedTuple

from quote_service.platform.postgres.pool import Database
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.tables.accepted_quotes import newest_requests


class BasketReader(NamedTuple):
    """How bytes become a basket: those of a request, which are refused for a field that nobody reads
    (`routes/reading/read_basket.py`), and those that were kept with a quote (`routes/reading/decode_basket.py`)."""

    read: Callable[[bytes], CheckedBasket]
    read_kept: Callable[[bytes], CheckedBasket]


async def sample_baskets(database: Database, reader: BasketReader, count: int) -> list[CheckedBasket]:
    """The baskets of the quotes accepted last, the newest first; of erased customers nothing is kept.

    Raises:
        Unavailable: The database cannot be reached.
    """
    if not count:
        return []
    async with database.read() as connection:
        requests = await newest_requests(connection, count)
    return [reader.read_kept(request) for request in requests]
