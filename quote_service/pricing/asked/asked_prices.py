"""What was asked of everybody for one unit of an item: list prices, as rules, sales and promotions changed them.

Prices come from where quotes have theirs, so that nothing is announced that nobody was charged. A pure function.

Source: docs/spec/price-reductions.md#everybody.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.asked.price_reduction import AskedCause, AskedPrice
from quote_service.pricing.asked.rules_for_all import PROMOTION, BookForAll, RulesSince
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis, is_taken
from quote_service.pricing.sales.sale_price import SalePrice

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"

PlaceAsked = tuple[str, str, str | None]  # country, city and district of a delivery address
Since = tuple[int, int | None]  # an instant, and a figure from then on; None for none


class AskedOf(NamedTuple):
    """What is kept of an item in one currency, ascending by instant.

    `product` is what it is now; of its list price and stock there is history, of the rest of it none. A sale that does not
    sell any more has ended.
    """

    product: ProductPrice
    list_prices: Sequence[Since]
    sales: Sequence[SalePrice] = ()
    stock: Sequence[Since] = ()


class AskedSteps(NamedTuple):
    """`unit_micro` is what a unit costs before promotions at the end, None where it is not sold then."""

    steps: list[AskedPrice]
    unit_micro: int | None


class _Asked(NamedTuple):
    unit_micro: int
    price_micro: int
    cause: AskedCause
    is_sure: bool


def asked_prices(item: AskedOf, rules: Sequence[RulesSince], place: PlaceAsked, at_us: int) -> AskedSteps:
    """What was asked for a unit from the first list price that is known until an instant, step by step.

    Args:
        item: What is kept of it.
        rules: Those of the whole time.
        place: Where it is delivered.
        at_us: The instant.
    """
    if not item.list_prices:
        return AskedSteps([], None)
    edges = {since_us for since_us, _ in (*item.list_prices, *item.stock)}
    edges.update(each.from_us for each in rules)
    edges.update(edge_us for sale in item.sales for edge_us in (sale.starts_us, sale.ends_us))
    first_us = item.list_prices[0][0]
    asker = _Asker(item.product, place)
    list_prices, stock = _Along(item.list_prices), _Along(item.stock)
    books = _Along(rules, rules[0].book)
    steps: list[AskedPrice] = []
    unit_micro: int | None = None
    for edge_us in sorted([each for each in edges if first_us <= each <= at_us]):
        list_micro, book, units = list_prices.at(edge_us), books.at(edge_us), stock.at(edge_us)
        if list_micro is None:
            steps.append(AskedPrice(edge_us, None))
            unit_micro = None
            continue
        sale = None
        for each in item.sales:
            if each.starts_us <= edge_us < each.ends_us:
                sale = each
                break
        unit_micro, price_micro, cause, is_sure = asker.ask(book, list_micro, sale, units)
        last = steps[-1] if steps else None
        if last is None or (price_micro, cause, is_sure) != last[1:]:
            steps.append(AskedPrice(edge_us, price_micro, cause, is_sure))
    return AskedSteps(steps, unit_micro)


def sales_in_turn(sale: SalePrice, former: Sequence[tuple[int, int]]) -> list[SalePrice]:
    """A sale whose price was changed while it ran, as one sale after the other.

    Args:
        sale: As it is now.
        former: Prices that it had, each with the instant until which, ascending.
    """
    starts = [sale.starts_us, *(min(max(until_us, sale.starts_us), sale.ends_us) for _, until_us in former)]
    prices = [*(price_micro for price_micro, _ in former), sale.price_micro]
    return [
        msgspec.structs.replace(sale, price_micro=price_micro, starts_us=begun, ends_us=ended)
        for price_micro, (begun, ended) in zip(prices, pairwise([*starts, sale.ends_us]), strict=True)
        if begun < ended
    ]


class _Asker:
    """Asks for one item at one place; what was asked before is remembered, since prices go to and fro."""

    def __init__(self, product: ProductPrice, place: PlaceAsked) -> None:
        self._product = product
        self._place = place
        self._scale: int = 10 ** (6 - EXPONENTS[product.currency])
        self._known: dict[Any, _Asked] = {}

    def ask(self, book: BookForAll, list_micro: int, sale: SalePrice | None, stock: int | None) -> _Asked:
        """What a unit costs, and what makes it so."""
        key = (id(book.rulebook), list_micro, sale and (sale.item_id, sale.price_micro), stock)
        if key not in self._known:
            self._known[key] = self._ask(book, list_micro, sale, stock)
        return self._known[key]

    def _ask(self, book: BookForAll, list_micro: int, sale: SalePrice | None, stock: int | None) -> _Asked:
        product = msgspec.structs.replace(self._product, current_micro=list_micro, is_active=True)
        period = book.rulebook.period_at(book.at_us)
        applicable = period.applicable_rules(*self._place, product.currency)
        # Nobody in particular; and of flags only those are known here that are true for everybody.
        rules = find_price_rules(period, applicable, Subject(None, None, [], applicable.regions))
        stocks = {} if stock is None else {product.item_id: stock}
        is_sure = not _goes_by_demand(rules, product)
        unit_micro, cause = self._before_promotions(product, rules, stocks, sale)
        if any(rule.line_test is None or rule.line_test(product) for rule in applicable.by_type.get(PROMOTION, ())):
            off_micro = self._off_by_promotions(book, product, stocks, sale)
            if off_micro:
                # A price finer than its currency is rounded before anything is taken off it.
                scale = self._scale
                price_micro = (unit_micro + scale // 2) // scale * scale - off_micro
                return _Asked(unit_micro, price_micro, "promotion", is_sure)
        return _Asked(unit_micro, unit_micro, cause, is_sure)

    def _before_promotions(
        self, product: ProductPrice, rules: PriceRules | None, stocks: dict[str, int], sale: SalePrice | None
    ) -> tuple[int, AskedCause]:
        price_micro = price_product(product, 1, 1, rules, CatalogSnapshot(stock=stocks)).unit_price_micro
        if sale is not None and is_taken(sale, product.currency, price_micro):
            return sale.price_micro, "flash_sale"
        return price_micro, "list_price" if price_micro == product.current_micro else "price_rule"

    def _off_by_promotions(
        self, book: BookForAll, product: ProductPrice, stocks: dict[str, int], sale: SalePrice | None
    ) -> int:
        """What promotions take off a basket of one unit."""
        held = book.rulebook
        catalog = CatalogSnapshot([product], stocks, parents=held.catalog.parents)
        country, city, district = self._place
        basket = Basket(
            customer_id=_NOBODY,
            seller_id=_NOBODY,
            items=[BasketItem(product_id=product.product_id, quantity=1, variant_id=product.variant_id)],
            delivery_address=Address(city=city, country=country, district=district),
            currency=product.currency,
        )
        exponent = EXPONENTS[product.currency]
        checked = CheckedBasket(basket, exponent, [NOT_PRICED], 0, lacks_prices=True)
        rulebook = held.with_catalog(catalog, held.customers)
        basis = complete_basket(QuoteBasis(rulebook, checked, book.at_us))
        if sale is not None:
            # The sale is on, whatever the instant that its rules are asked about.
            running = msgspec.structs.replace(sale, starts_us=book.at_us, ends_us=book.at_us + 1)
            basis.find_sales({product.product_id: running})
        off_minor: int = price_quote(basis).lines[0].discount_minor
        return off_minor * self._scale


def _goes_by_demand(rules: PriceRules | None, product: ProductPrice) -> bool:
    """Whether a price followed how much was ordered: what that was at each instant is not worked out again here."""
    return rules is not None and any(
        step.demand_hours(rule.effect) is not None
        for _, step, rules_of_step in rules.steps
        for rule in rules_of_step
        if rule.line_test is None or rule.line_test(product)
    )


class _Along:
    """What holds at instants that are asked for in their order, out of what came to hold when, ascending."""

    __slots__ = ("_changes", "_held", "_next")

    def __init__(self, changes: Sequence[tuple[int, Any]], held: Any = None) -> None:
        self._changes = changes
        self._held = held
        self._next = 0

    def at(self, at_us: int) -> Any:
        """What holds at an instant; what was held at first, before the first change."""
        changes = self._changes
        while self._next < len(changes) and changes[self._next][0] <= at_us:
            self._held = changes[self._next][1]
            self._next += 1
        return self._held
