"""The rulebook and the catalog as they were known at an instant of the past, for whoever prices a basket by them.

Source: docs/spec/quotes.md#as-it-was-known.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros, instant_text
from quote_service.pricing.basket import Basket
from quote_service.rulebook.snapshot.model.known_past import KnownPast
from quote_service.rulebook.snapshot.operations.read_known import find_asked
from quote_service.rulebook.snapshot.tables.known_past import read_known_versions, read_past_catalog, read_past_sales
from quote_service.rulebook.snapshot.tables.past_rulebook import read_past_rulebook_within


async def read_known_past(database: Database, basket: Basket, at_us: int, known_us: int, pointer: str) -> KnownPast:
    """What was known of a basket.

    Args:
        database: Holds the past.
        basket: Whose products, sellers, categories and customer are looked at, with what the catalog fills in.
        at_us: The instant to price for. Prices, stock and demand are those of the earlier of both instants.
        known_us: The instant by whose knowledge it is priced.
        pointer: Of the field that says `known_us`.

    Raises:
        Invalid: No rulebook is kept of that instant.
        Unavailable: The database cannot be reached.
        RowUnreadable: A row cannot be understood by this release.
    """
    at, known = from_micros(at_us), from_micros(known_us)
    async with database.snapshot() as connection:
        versions = await read_known_versions(connection, known_us)
        if versions.counted is None:
            raise Invalid.at(pointer, f"must not lie before {instant_text(versions.first)}, when the rulebook begins")
        rows = await read_past_rulebook_within(connection, versions.counted, basket)
        assert rows is not None  # the version was found in the same snapshot
        asked = find_asked(None, rows, at_us)
        catalog = await read_past_catalog(connection, basket, asked, min(at, known))
        products = {item.product_id for item in basket.items}
        return KnownPast(rows, catalog, await read_past_sales(connection, products, at, known))
