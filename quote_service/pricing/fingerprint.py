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

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import msgspec

from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.commission.rates_ahead import RatesAhead, rates_ahead
from quote_service.pricing.quote import CheckedBasket, QuoteLine, fold_code
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.rules_of_sellers import RulesOfSellers, place_of

_pack: Final = msgspec.msgpack.Encoder().encode
_BITS: Final = 74
_MICRO_PLACES: Final = 6
# Raised when what is kept of a quote changes its form, so that no version finds what another wrote.
FORMAT: Final = 6


def fingerprint_bits(basis: QuoteBasis, secret: bytes) -> int:
    """The 74 bits that a completed basket has under a rulebook at an instant; they become those of the quote's id.

    Args:
        basis: Of its rulebook, the version is part of the fingerprint, and what is in force of it.
        secret: Makes the bits, and so the id, impossible to guess from the basket; 16 to 64 bytes.
    """
    rulebook, checked, applicable = basis.rulebook, basis.checked, basis.applicable
    basket = checked.basket
    delivery, pickup = basket.delivery_address, basket.pickup_address
    normal = (
        FORMAT,
        rulebook.version,
        _moving_state(basis) if applicable.moving or basket.coupon_codes else None,
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
    if basis.at_us < rulebook.rates.settled_us:
        ahead = _rates_ahead(basis).state
        if ahead is not None:
            packed += _pack(ahead)
    if rulebook.reach is not None:
        packed += _pack(rulebook.reach)
    of_sellers = basis.period.of_sellers
    if of_sellers is not None:
        packed += _pack(list(_sellers_state(of_sellers, basis)))
    sales = basis.sales
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


def same_until_us(basis: QuoteBasis) -> int:
    """Until when a basket is sure to keep its bits under a rulebook, sales aside; it may keep them longer."""
    until_us = basis.period.until_us
    if basis.at_us >= basis.rulebook.rates.settled_us:
        return until_us
    return min(until_us, _rates_ahead(basis).until_us)


def _rates_ahead(basis: QuoteBasis) -> RatesAhead:
    here = basis.applicable
    return rates_ahead(basis.rulebook.rates, here.rates_here, here.providers, basis.checked, basis.at_us)


def _moving_state(basis: QuoteBasis) -> Any:
    """How what comes and goes by the clock stands for a basket: the same as long as time gives it the same quote."""
    basket, moving, subject = basis.checked.basket, basis.applicable.moving, basis.subject
    rules: tuple[str, ...] = ()
    shown: tuple[tuple[str, str | None], ...] = ()
    express: str | None = None
    if moving is not None:
        rules = moving.everybodys
        if moving.asked:
            lines = [QuoteLine(item, item.seller_id or basket.seller_id, 0, 0) for item in basket.items]
            most_minor = _most_minor(basis.checked)
            rules += tuple(rule.id for rule in moving.asked if _may_apply(rule, basis, lines, most_minor))
        shown = tuple((flag.key, flag.evaluate(subject).value) for flag in moving.flags)
        if moving.express_flag is not None and basis.is_express:
            decision = moving.express_flag.evaluate(subject)
            express = decision.value if decision.is_on else None
    codes = tuple(_code_state(basis, fold_code(code)) for code in basket.coupon_codes or ())
    # The same as where nothing moves at all, which is not asked.
    return (rules, shown, codes, express) if rules or shown or codes or express else None


def _may_apply(rule: CompiledRule, basis: QuoteBasis, lines: list[QuoteLine], most_minor: int) -> bool:
    """Whether a rule in force applies, but for what only pricing knows: the exact subtotal, and which rule comes first."""
    if rule.is_for_express and not basis.is_express:
        return False
    if rule.min_subtotal_minor is not None and rule.currency is not None and rule.min_subtotal_minor > most_minor:
        return False
    return (rule.shopper_test is None or rule.shopper_test(basis)) and (
        rule.line_test is None or any(map(rule.line_test, lines))
    )


def _most_minor(checked: CheckedBasket) -> int:
    """What the lines come to at the most, however each is rounded: nothing makes them dearer than they are sent."""
    items = checked.basket.items
    total_micro = sum(price * item.quantity for price, item in zip(checked.unit_prices_micro, items, strict=True))
    return int(total_micro // 10 ** (_MICRO_PLACES - checked.exponent)) + len(items)


def _code_state(basis: QuoteBasis, code: str) -> Any:
    period = basis.period
    rules = period.coupons.get(code)
    if rules is None:
        return period.idle_coupons.get(code)
    return [(rule.id, rule.shopper_test is None or rule.shopper_test(basis)) for rule in rules]


def _sellers_state(of_sellers: RulesOfSellers, basis: QuoteBasis) -> Iterator[list[str]]:
    """Which of these rules a basket may be under, seller by seller: the same as long as they give it the same quote."""
    basket, seller_regions = basis.checked.basket, basis.rulebook.catalog.seller_regions
    for seller_id in dict.fromkeys([item.seller_id or basket.seller_id for item in basket.items]):
        place = place_of(seller_regions, basket, seller_id)
        for kind in of_sellers.types():
            yield [
                rule.id
                for rule in of_sellers.find(kind, place, basket.currency)
                if rule.shopper_test is None or rule.shopper_test(basis)
            ]
