"""What is asked of everybody for products, and what may be said of it beside what was asked before.

Source: docs/spec/price-reductions.md.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import unit_price_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.identifiers import uuid7_millis
from quote_service.platform.system.instants import SECOND_US, from_micros
from quote_service.pricing.asked.asked_prices import AskedOf, Since, asked_prices
from quote_service.pricing.asked.price_reduction import OfNewProducts, PriceReduction, find_prior_price
from quote_service.pricing.asked.rules_for_all import RulesSince
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.catalog.shown_price import place_of_region
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.operations.standing_rules import HORIZON_US, StandingRules
from quote_service.shop.catalog.model.reductions import ShownReduction
from quote_service.shop.catalog.tables.asked_prices import (
    read_activity,
    read_list_prices,
    read_sales,
    read_stock_turns,
)

#: Instants looked at in one go, a few milliseconds of them.
_AT_ONCE: Final = 2000
#: Longer than an import that makes a variant and its prices.
_MADE_US: Final = 3600 * SECOND_US


class AskedNow(NamedTuple):
    """What everybody is asked for a unit: before promotions (`unit_price`) and with them, None where it is not sold."""

    unit_price: ExactNumber | None
    price: ExactNumber | None
    lowest: ExactNumber | None
    reduction: ShownReduction | None


class PriorPrices:
    """Of one process; what it reads of the past is by what its rulebook and sales know of the present."""

    __slots__ = ("_holder", "_of_new", "_sales", "_standing")

    def __init__(self, holder: RulebookHolder, sales: SalePrices, of_new: OfNewProducts) -> None:
        self._holder = holder
        self._sales = sales
        self._of_new = of_new
        self._standing = StandingRules()

    async def find(
        self, connection: Connection, products: Sequence[ProductPrice], region: str | None, at_us: int
    ) -> list[AskedNow]:
        """What is asked for each product or variant in its currency, in their order.

        Args:
            connection: To read with.
            products: As they are now.
            region: Where they are delivered; None for rules of everywhere alone.
            at_us: The present instant.

        Raises:
            RegionUnreadable: It is no region.
            Unavailable: The database cannot be reached.
        """
        place = place_of_region(region)
        rules = await self._standing.since_long(connection, self._holder.rulebook or empty_rulebook(), at_us)
        items = await self._read(connection, products, rules, at_us)
        found: list[AskedNow] = []
        looked = 0
        for item in items:
            looked += len(rules) + len(item.list_prices) + len(item.stock)
            if looked > _AT_ONCE:
                looked = 0
                await asyncio.sleep(0)  # others have their turn
            asked = asked_prices(item, rules, place, at_us)
            prior = find_prior_price(asked.steps, at_us, self._of_new)
            now_micro = asked.steps[-1].price_micro if asked.steps else None
            currency = item.product.currency
            found.append(
                AskedNow(
                    _number(asked.unit_micro, currency),
                    _number(now_micro, currency),
                    _number(prior.lowest_micro, currency),
                    None if prior.reduction is None else _shown(prior.reduction, currency),
                )
            )
        return found

    async def _read(
        self, connection: Connection, products: Sequence[ProductPrice], rules: Sequence[RulesSince], at_us: int
    ) -> list[AskedOf]:
        since = from_micros(at_us - HORIZON_US)
        product_ids = list({UUID(each.product_id) for each in products})
        item_ids = {*product_ids, *(UUID(each.item_id) for each in products)}
        moves = await read_list_prices(connection, item_ids, since)
        activity = await read_activity(connection, product_ids)
        sales = await read_sales(connection, product_ids, since)
        figures = _figures_of_stock(rules)
        stock = await read_stock_turns(connection, product_ids, since, figures) if figures else {}
        return [
            AskedOf(
                product,
                _while_sold(_list_prices(product, moves, at_us), activity.get(product.product_id, ())),
                [self._that_sells(product.product_id, each, at_us) for each in sales.get(product.product_id, ())],
                # As prices are worked out: a variant without stock of its own has its product's.
                stock.get(product.item_id) or stock.get(product.product_id) or (),
            )
            for product in products
        ]

    def _that_sells(self, product_id: str, sale: SalePrice, at_us: int) -> SalePrice:
        """A sale; where it is on by its dates and quotes do not sell at its price, because all of it is gone, one that is over."""
        if sale.starts_us <= at_us < sale.ends_us:
            selling = self._sales.by_product.get(product_id)
            if selling is None or selling.item_id != sale.item_id:
                return msgspec.structs.replace(sale, ends_us=at_us)
        return sale


def _list_prices(product: ProductPrice, moves: Mapping[tuple[str, str], list[Since]], at_us: int) -> list[Since]:
    """The list prices of an item: its own while it has one, else its product's, at last the present one."""
    whole = moves.get((product.product_id, product.currency), [])
    own = moves.get((product.item_id, product.currency), []) if product.variant_id is not None else []
    steps = whole
    if own:
        first_us = _asked_since(product, own[0][0], at_us)
        instants = sorted({first_us} | {at for at, _ in (*own, *whole) if at > first_us})
        steps = [(at, _figure(whole, at) if _figure(own, at) is None else _figure(own, at)) for at in instants]
    # What a process holds may be a moment older than what it reads.
    if _figure(steps, at_us) != product.current_micro:
        steps = [*(step for step in steps if step[0] < at_us), (at_us, product.current_micro)]
    return steps


def _asked_since(product: ProductPrice, own_us: int, at_us: int) -> int:
    """Since when a variant is asked for, of whose prices of its own `own_us` is the first that was read: before, it cost what
    its product did.

    Its id says when it was made. One that was given a price of its own as it was made, never cost what its product did.
    """
    made_ms = uuid7_millis(UUID(product.item_id))
    if made_ms is None or own_us <= at_us - HORIZON_US:
        return own_us
    return made_ms * 1000 if made_ms * 1000 < own_us - _MADE_US else own_us


def _while_sold(prices: list[Since], activity: Sequence[tuple[int, bool]]) -> list[Since]:
    """The prices without those of times in which the product was not sold."""
    if not activity or not prices:
        return prices
    sold = [(at, int(is_active)) for at, is_active in activity]
    instants = sorted({at for at, _ in prices} | {at for at, _ in sold if at > prices[0][0]})
    return [(at, None if _figure(sold, at) == 0 else _figure(prices, at)) for at in instants]


def _figure(figures: Sequence[Since], at_us: int) -> int | None:
    place = bisect_right(figures, at_us, key=lambda each: each[0])
    return figures[place - 1][1] if place else None


def _figures_of_stock(rules: Sequence[RulesSince]) -> list[int]:
    """The numbers of units about which any rule has another price."""
    figures: set[int] = set()
    for each in rules:
        for known in each.book.rulebook.rules.values():
            step = RULE_TYPES[known.compiled.type].adjusts_price
            if step is not None and step.needs_stock:
                extremes = (found.stock for found in step.extremes(known.compiled.effect))
                figures.update(figure for stock in extremes if stock is not None for figure in (stock, stock + 1))
    return sorted(figures)


def _number(price_micro: int | None, currency: str) -> ExactNumber | None:
    return None if price_micro is None else ExactNumber(unit_price_text(price_micro, EXPONENTS[currency]))


def _shown(reduction: PriceReduction, currency: str) -> ShownReduction:
    exponent = EXPONENTS[currency]
    return ShownReduction(
        price=ExactNumber(unit_price_text(reduction.price_micro, exponent)),
        prior_price=ExactNumber(unit_price_text(reduction.prior_micro, exponent)),
        percent_off=reduction.percent_off,
        started_at=from_micros(reduction.began_us),
        cause=reduction.cause,
    )
