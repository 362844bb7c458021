"""QUANTITY_PRICE: another price of a unit where more of them are bought.

Source: docs/spec/pricing-rules.md#quantity_price.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.adjust_prices import adjust_by_quantity
from quote_service.pricing.rule_types.configuration import RuleConfiguration, Units
from quote_service.pricing.rule_types.price_changes.compile_changes import (
    adjustment_faults,
    common_effect,
    compile_adjustment,
)
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, Adjustment, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType


class QuantityBreak(RuleConfiguration, frozen=True, kw_only=True):
    """A change of the price from a quantity on."""

    min_quantity: Units
    """Quantity from which this break counts; breaks must ascend."""
    adjustment: Adjustment
    """What the price of every unit changes by when this is the highest break reached."""


class QuantityPrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit where many of them are bought."""

    breaks: Annotated[list[QuantityBreak], msgspec.Meta(min_length=1, max_length=100)]
    """The breaks, ascending by `min_quantity`; the highest that the line's quantity reaches counts."""
    across_variants: bool = False
    """Whether all lines of the same product count together, whatever their variants."""


class QuantityPriceEffect(PriceEffect, frozen=True):
    breaks: tuple[tuple[int, PriceChange], ...]
    across_variants: bool


def _compile(fields: QuantityPrice, exponent: int) -> QuantityPriceEffect:
    return QuantityPriceEffect(
        **common_effect(fields),
        breaks=tuple((each.min_quantity, compile_adjustment(each.adjustment)) for each in fields.breaks),
        across_variants=fields.across_variants,
    )


def _faults(fields: QuantityPrice, exponent: int) -> Iterator[Fault]:
    for index, each in enumerate(fields.breaks):
        yield from adjustment_faults(each.adjustment, f"/configuration/breaks/{index}/adjustment")
    for index, (lower, higher) in enumerate(pairwise(fields.breaks), 1):
        if higher.min_quantity <= lower.min_quantity:
            yield Fault(f"/configuration/breaks/{index}/min_quantity", "must be above that of the break before it")


def _why_not(effect: QuantityPriceEffect, offer: Offer) -> str:
    quantity = offer.product_quantity if effect.across_variants else offer.quantity
    return f"its first break is {effect.breaks[0][0]} units, and there are {quantity}"


def _extremes(effect: QuantityPriceEffect) -> Iterator[Circumstances]:
    for min_quantity, _ in effect.breaks:
        yield Circumstances(quantity=min_quantity)


RULE_TYPE = DeclaredRuleType(
    name="QUANTITY_PRICE",
    choice="all",
    configuration=QuantityPrice,
    compile=_compile,
    faults=_faults,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(find_change=adjust_by_quantity, why_not=_why_not, extremes=_extremes),
)
