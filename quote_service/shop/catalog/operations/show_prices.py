"""Show what products cost a customer, from what this process knows: nobody is asked for any of it.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import UNSET

from quote_service.platform.money.amounts import decimal_text, round_half_away, unit_price_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Unavailable
from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.catalog.shown_price import PriceAsker, PriceScene, set_scene, shown_price
from quote_service.pricing.catalog.shown_tax import tax_of_unit
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.shop.catalog.model.shown_prices import PriceUnavailable, ShownAdjustment, ShownPrice, ShownTax

Wanted = tuple[str, str | None, int]  # product, variant and quantity
_NO_ADJUSTMENTS: Final[list[ShownAdjustment]] = []
_PERCENT_PLACES: Final = 6


class PricesAsked(NamedTuple):
    """For whom, where and when prices are shown; `at_us` is None for now."""

    asker: PriceAsker
    region: str | None
    currency: str
    at_us: int | None


async def scene_of(
    holder: RulebookHolder, sales: Mapping[str, SalePrice], limiter: CalculationLimiter, asked: PricesAsked, now_us: int
) -> PriceScene:
    """What the prices of one request share.

    Raises:
        RegionUnreadable: The region is none.
        Unavailable: No rulebook has been read yet, or too many ask for instants to come.
    """
    held = holder.rulebook
    if held is None:
        raise Unavailable("The rulebook has not been loaded yet", retry_after_seconds=1)
    asker, region, currency, at_us = asked
    if at_us is None:
        return set_scene(held, sales, asker, region, currency, now_us)
    # What is in force at another instant is found again: in a copy, so that the period of quotes stays, and beside the loop.
    copy = held.with_catalog(held.catalog, held.customers)
    async with limiter.enter():
        return await asyncio.to_thread(set_scene, copy, sales, asker, region, currency, at_us)


def show_price(scene: PriceScene, wanted: Wanted) -> ShownPrice | PriceUnavailable:
    """The price of one product, or why it has none."""
    product_id, variant_id, quantity = wanted
    price = shown_price(scene, product_id, variant_id, quantity)
    if isinstance(price, str):
        return PriceUnavailable(product_id=product_id, variant_id=variant_id, reason=price)
    return _record(price, wanted, scene.currency, _tax(scene, price, wanted))


def _tax(scene: PriceScene, price: CatalogPrice, wanted: Wanted) -> ShownTax | None:
    product = scene.rulebook.catalog.find(wanted[0], wanted[1], scene.currency)
    if product is None:
        return None
    price_minor = round_half_away(price.unit_price_micro, 10 ** (6 - EXPONENTS[scene.currency]))
    tax = tax_of_unit(product, price_minor, scene.applicable, scene.asking)
    return None if tax is None else ShownTax(percent=_percent(tax.rate_micro), is_included=tax.is_included)


def _record(price: CatalogPrice, wanted: Wanted, currency: str, tax: ShownTax | None) -> ShownPrice:
    exponent = EXPONENTS[currency]
    adjustments = price.adjustments
    list_price = _number(price.list_price_micro, exponent)
    is_sale = bool(adjustments) and adjustments[-1].kind == "flash_sale"
    return ShownPrice(
        product_id=wanted[0],
        variant_id=wanted[1],
        quantity=wanted[2],
        currency=currency,
        list_price=list_price,
        unit_price=_number(price.unit_price_micro, exponent) if adjustments else list_price,
        price_source="flash_sale" if is_sale else "catalog",
        tax=tax,
        price_adjustments=[_adjustment(each, exponent) for each in adjustments] if adjustments else _NO_ADJUSTMENTS,
    )


@lru_cache(maxsize=8192)  # a page shows few different figures, and pages show the same ones
def _number(price_micro: int, exponent: int) -> ExactNumber:
    return ExactNumber(unit_price_text(price_micro, exponent))


@lru_cache(maxsize=1024)
def _percent(percent_micro: int) -> ExactNumber:
    return ExactNumber(decimal_text(percent_micro, _PERCENT_PLACES))


def _adjustment(step: PriceAdjustment, exponent: int) -> ShownAdjustment:
    percent, price = step.percent_micro, step.price_micro
    return ShownAdjustment(
        kind=step.kind,
        amount=_number(step.amount_micro, exponent),
        rule_id=UNSET if step.rule is None else step.rule.id,
        percent=UNSET if percent is None else _percent(percent),
        price=UNSET if price is None else _number(price, exponent),
        flash_sale_id=UNSET if step.sale_id is None else step.sale_id,
    )
