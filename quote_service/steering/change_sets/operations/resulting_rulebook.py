"""The rulebook as it would be with a change set, in memory; nothing is written and nothing that is held changes.

Source: docs/spec/change-sets.md#check-and-simulation.
"""

import asyncio
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Database
from quote_service.pricing.catalog.supposed_prices import suppose_prices
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.supposed_rows import with_rows
from quote_service.rulebook.snapshot.operations.check_rulebook import newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.shop.catalog.operations.current_prices import variants_that_follow
from quote_service.steering.change_sets.model.contents import Contents
from quote_service.steering.change_sets.model.supposed import supposed_change
from quote_service.steering.replay.model.supposed_change import PRICE_PLACES
from quote_service.steering.replay.model.supposed_rulebook import PreparedChange, suppose


class Books(NamedTuple):
    """The rulebook as it is committed, and with the set; each is its caller's own."""

    now: Rulebook
    resulting: Rulebook


async def resulting_rulebook(database: Database, holder: RulebookHolder, contents: Contents) -> Books:
    """Both rulebooks; a price that the set moves is that of the variants that follow it too.

    Raises:
        Unavailable: The database cannot be reached, or no rulebook has been loaded yet.
    """
    # A copy even of the one of now: the period that a rulebook keeps is the event loop's.
    now = with_rows(await newest_rulebook(database, holder), (), ())
    prices = await _prices(database, contents)

    def suppose_all() -> Books:
        supposed = suppose(now, PreparedChange(supposed_change(contents, from_beginning=False)))
        rulebook = supposed.rulebook if supposed.rulebook is not None else with_rows(now, (), ())
        return Books(now, rulebook.with_catalog(suppose_prices(now.catalog, prices), now.customers))

    return await asyncio.to_thread(suppose_all)


async def _prices(database: Database, contents: Contents) -> dict[tuple[str, str | None, str], int]:
    of_products = {
        (price.product_id, price.currency): scale_decimal(price.price, PRICE_PLACES)
        for price in contents.prices
        if price.variant_id is None
    }
    prices: dict[tuple[str, str | None, str], int] = {
        (str(product_id), None, currency): micro for (product_id, currency), micro in of_products.items()
    }
    async with database.read() as connection:
        followers = await variants_that_follow(connection, _ids(of_products))
    for product_id, variant_id, currency in followers:
        micro = of_products.get((product_id, currency))
        if micro is not None:
            prices[(str(product_id), str(variant_id), currency)] = micro
    prices |= {
        (str(price.product_id), str(price.variant_id), price.currency): scale_decimal(price.price, PRICE_PLACES)
        for price in contents.prices
        if price.variant_id is not None
    }
    return prices


def _ids(of_products: Collection[tuple[UUID, str]]) -> set[UUID]:
    return {product_id for product_id, _ in of_products}
