"""What two requests must share to be one quote: every field that can change a figure or a flag, and none that cannot.

Texts that fold to one region, prices written with other digits, and who asked (user agent, address, session, reference)
make no difference; the order of the lines does, since the answer keeps it.

Of the clock counts what it changes for this basket: not when a rulebook looks again, which is whenever anything anywhere
may change.

What the catalog says of the basket and what is on sale of it counts by its price, not by how a process came to know of it,
so that all agree, and a price that moves makes new quotes of those baskets alone that have the product. Hints, where a
request asks for them, count by what they say: they rest on rules and prices that the basket's own figures do not.

Source: docs/spec/quotes.md#caching.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.commission.rates_ahead import rates_ahead
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.moving_parts import moving_state
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.rules_of_sellers import state_of_sellers
from quote_service.pricing.sales.sale_price import BasketSales

_pack: Final = msgspec.msgpack.Encoder().encode
_BITS: Final = 74
# Raised when what is kept of a quote changes its form, so that no version finds what another wrote.
FORMAT: Final = 6


def fingerprint_bits(
    rulebook: Rulebook, checked: CheckedBasket, at_us: int, secret: bytes, sales: BasketSales | None = None
) -> int:
    """The 74 bits that a basket has under a rulebook at an instant; they become those of the quote's id.

    Args:
        rulebook: The snapshot; its version is part of the fingerprint, and what is in force of it.
        checked: The completed basket.
        at_us: The quote's instant.
        secret: Makes the bits, and so the id, impossible to guess from the basket; 16 to 64 bytes.
        sales: What is on sale of the basket.
    """
    basket = checked.basket
    delivery, pickup = basket.delivery_address, basket.pickup_address
    period = rulebook.period_at(at_us)
    applicable = period.applicable_rules(delivery.country, delivery.city, delivery.district, basket.currency)
    normal = (
        FORMAT,
        rulebook.version,
        moving_state(period, applicable.moving, applicable.regions, checked)
        if applicable.moving or basket.coupon_codes
        else None,
        basket.customer_id,
        basket.seller_id,
        basket.currency,
        tuple(applicable.regions),
        delivery.latitude,
        delivery.longitude,
        (pickup.latitude, pickup.longitude) if pickup is not None else None,
        basket.is_express_delivery,
        basket.coupon_codes or None,
        basket.logistics_provider,
        basket.customer_tier,
        basket.customer_segments or None,
        basket.context.ab_test_group if basket.context is not None else None,
        checked.weight_pico,
        checked.unit_prices_micro,
        _catalog_state(checked.catalog_prices) if checked.catalog_prices is not None else None,
        [
            (item.product_id, item.quantity, item.variant_id, item.category_id, item.seller_id, item.tags or None)
            for item in basket.items
        ],
    )
    packed = _pack(normal)
    rates = rulebook.rates
    if at_us < rates.settled_us:
        ahead = rates_ahead(rates, applicable.rates_here, applicable.providers, checked, at_us).state
        if ahead is not None:
            packed += _pack(ahead)
    if rulebook.reach is not None:
        packed += _pack(rulebook.reach)
    if period.of_sellers is not None:
        regions = rulebook.catalog.seller_regions
        packed += _pack(state_of_sellers(period.of_sellers, period, regions, applicable.regions, checked))
    if sales is not None and sales.item_ids:
        packed += _pack([None if line is None else (line.item_id, line.price_micro) for line in sales.lines])
    if checked.hints is not None:
        packed += _pack([hint.state for hint in checked.hints.entries])
    state = _keyed(secret).copy()
    state.update(packed)
    return int.from_bytes(state.digest()) >> 80 - _BITS


def _catalog_state(prices: list[CatalogPrice | None]) -> list[Any]:
    """What the catalog says of each line: its list price, how that became the price of a unit, and its lowest price."""
    return [
        None
        if price is None
        else price.list_price_micro
        if not price.adjustments and not price.min_micro
        else (
            price.list_price_micro,
            [(step.kind if step.rule is None else step.rule.id, step.amount_micro) for step in price.adjustments],
            price.min_micro,
        )
        for price in prices
    ]


@lru_cache(maxsize=4)
def _keyed(secret: bytes) -> Any:
    """The state to copy, so that the key's block is not hashed for each basket."""
    return blake2b(digest_size=10, key=secret)


def same_until_us(rulebook: Rulebook, checked: CheckedBasket, at_us: int) -> int:
    """Until when a basket is sure to keep its bits under a rulebook, sales aside; it may keep them longer."""
    period = rulebook.period_at(at_us)
    rates = rulebook.rates
    if at_us >= rates.settled_us:
        return period.until_us
    basket = checked.basket
    delivery = basket.delivery_address
    applicable = period.applicable_rules(delivery.country, delivery.city, delivery.district, basket.currency)
    return min(
        period.until_us, rates_ahead(rates, applicable.rates_here, applicable.providers, checked, at_us).until_us
    )
