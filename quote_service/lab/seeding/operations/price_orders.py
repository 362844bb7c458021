"""Seeded orders: quotes that the service's own functions priced, wrote and signed, with their receipts, as rows.

Nothing here asks a server, so that several processes price at once, each some orders.

Source: docs/spec/seeding.md#orders.
"""

from collections.abc import Iterator
from functools import lru_cache

from quote_service.lab.seeding.model.baskets import SeedBasket, SeedLine, seed_basket
from quote_service.lab.seeding.model.customers import seed_customer
from quote_service.lab.seeding.model.draws import Draws
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.model.price_paths import priced
from quote_service.lab.seeding.model.products import (
    COST_PERCENT,
    CURRENCY,
    MAX_PERCENT,
    MIN_PERCENT,
    SeedProduct,
    seed_product,
)
from quote_service.lab.seeding.model.rhythm import Rhythm
from quote_service.lab.seeding.operations.past_quotes import OrderKeys, PastQuotes
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket
from quote_service.pricing.rulebook.stored import RulebookChanges

_EXPONENT = EXPONENTS[CURRENCY]
_MICRO_OF_A_MINOR = MICRO // 10**_EXPONENT
_PICO_OF_A_GRAM = 10**9
_COUNTRY = "TR"
# Where everything is sent from: Tuzla, east of Istanbul.
_WAREHOUSE = Address("Istanbul", _COUNTRY, None, "Tuzla", 40.8161, 29.3033)
_PRODUCTS_KEPT = 50_000


class OrderPricer:
    """Prices the orders of a plan by one rulebook."""

    def __init__(self, plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys) -> None:
        self._plan = plan
        self._past = PastQuotes(changes, keys)
        self._rhythm = Rhythm(plan)
        self._product = lru_cache(_PRODUCTS_KEPT)(self._seed_product)

    def lines(self, first: int, end: int) -> bytes:
        """The rows of some orders, as COPY takes them."""
        return "".join(self._lines(first, end)).encode()

    def _lines(self, first: int, end: int) -> Iterator[str]:
        for number in range(first, end):
            draws = Draws(self._plan.seed, "order", number)
            at_us = self._rhythm.instant_us(number, draws)
            wanted = seed_basket(self._plan, draws, at_us, self._product)
            yield self._past.line(
                checked_basket(self._plan, wanted),
                [_product_price(line) for line in wanted.lines],
                draws.identifier(at_us),
                at_us,
                wanted.decides_us,
            )

    def _seed_product(self, number: int) -> SeedProduct:
        return seed_product(self._plan, number)


def checked_basket(plan: SeedPlan, wanted: SeedBasket) -> CheckedBasket:
    """The request of an order, as it is read when a checkout sends it: what products cost, the catalog says."""
    customer = seed_customer(plan, wanted.customer)
    basket = Basket(
        customer_id=customer.id,
        seller_id=wanted.lines[0].product.seller_id,
        items=[_item(line) for line in wanted.lines],
        delivery_address=Address(wanted.city, _COUNTRY, None, wanted.district, wanted.latitude, wanted.longitude),
        currency=CURRENCY,
        pickup_address=_WAREHOUSE,
        is_express_delivery=wanted.is_express,
        customer_tier=customer.tier,
        customer_segments=list(customer.segments) or None,
    )
    return CheckedBasket(basket, _EXPONENT, [NOT_PRICED] * len(wanted.lines), 0, lacks_prices=True)


def _item(line: SeedLine) -> BasketItem:
    variant = line.variant
    return BasketItem(
        product_id=line.product.id, quantity=line.quantity, variant_id=None if variant is None else variant.id
    )


def _product_price(line: SeedLine) -> ProductPrice:
    """The price of a line's product, or variant, as the catalog held it."""
    product, variant = line.product, line.variant
    lowest, cost, highest = (
        priced(product.base_minor, percent) * _MICRO_OF_A_MINOR for percent in (MIN_PERCENT, COST_PERCENT, MAX_PERCENT)
    )
    return ProductPrice(
        product_id=product.id,
        variant_id=None if variant is None else variant.id,
        currency=CURRENCY,
        category_id=product.category_id,
        seller_id=product.seller_id,
        tags=product.tags,
        weight_pico=product.grams * _PICO_OF_A_GRAM,
        is_active=True,
        current_micro=line.unit_minor * _MICRO_OF_A_MINOR,
        min_micro=lowest,
        max_micro=highest,
        cost_micro=cost,
    )
