"""The rulebook of another time, for whoever prices a basket again: to explain a quote, or to suppose an instant.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.pricing.basket import Basket
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.rulebook.snapshot.tables.past_rulebook import read_past_rulebook


async def past_rulebook(database: Database, version: int, basket: Basket) -> RulebookChanges | None:
    """Every row of a version that the basket can be priced by, switched off or not.

    Returns:
        The rows, or None where the database does not know the version: it was restored from before it.

    Raises:
        Unavailable: The database cannot be reached.
        RowUnreadable: A row cannot be understood by this release.
    """
    return await read_past_rulebook(database, version, basket)
