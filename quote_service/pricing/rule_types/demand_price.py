"""DEMAND_PRICE: another price while more of a product is ordered than was expected, or less.

Source: docs/spec/pricing-rules.md#demand_price.
"""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import Factor, Percent, PercentChange
from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect, change_by_percent
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.adjust_prices import adjust_by_demand
from quote_service.pricing.rule_types.price_changes.compile_changes import common_effect
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rule_types.scaled import PLACES

# Whoever switches this off for a customer leaves them the price that does not follow demand.
DYNAMIC_PRICING: Final = "dynamic_pricing"
WINDOW_HOURS_MAX: Final = 720


class DemandPrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit by the rate at which the product is ordered, for customers for whom the BOOLEAN flag
    `dynamic_pricing` is true.

    The percentage is ((units ordered an hour / `expected_per_hour`) - 1) x 10 x `percent_per_10_percent`, held to
    `min_percent` and `max_percent`.
    """

    window_hours: Annotated[int, msgspec.Meta(ge=1, le=WINDOW_HOURS_MAX)]
    """Over how many hours up to now orders are counted."""
    expected_per_hour: Factor
    """How many units an hour leave the price as it is; above 0."""
    percent_per_10_percent: Percent
    """By how many percent the price rises for each tenth by which the rate is above the expected one, and falls for each
    tenth below; parts of a tenth count in proportion.
    """
    max_percent: PercentChange
    """The most by which the price rises, in percent."""
    min_percent: PercentChange
    """The lowest change of the price, in percent: -20 for a fall by 20 percent at the most."""


class DemandPriceEffect(PriceEffect, frozen=True):
    window_hours: int
    expected_micro: int
    per_tenth_micro: int
    max_micro: int
    min_micro: int
    at_most: PriceChange
    at_least: PriceChange


def _compile(fields: DemandPrice, exponent: int) -> DemandPriceEffect:
    max_micro, min_micro = scale_decimal(fields.max_percent, PLACES), scale_decimal(fields.min_percent, PLACES)
    return DemandPriceEffect(
        **common_effect(fields),
        window_hours=fields.window_hours,
        expected_micro=scale_decimal(fields.expected_per_hour, PLACES),
        per_tenth_micro=scale_decimal(fields.percent_per_10_percent, PLACES),
        max_micro=max_micro,
        min_micro=min_micro,
        at_most=change_by_percent(max_micro),
        at_least=change_by_percent(min_micro),
    )


def _faults(fields: DemandPrice, exponent: int) -> Iterator[Fault]:
    if fields.expected_per_hour == 0:
        yield Fault("/configuration/expected_per_hour", "must be above 0")
    if fields.max_percent < fields.min_percent:
        yield Fault("/configuration/max_percent", "must not be below min_percent")


def _demand_hours(effect: DemandPriceEffect) -> int | None:
    return effect.window_hours


def _why_not(effect: DemandPriceEffect, offer: Offer) -> str:
    return "its demand was not known yet"


def _extremes(effect: DemandPriceEffect) -> Iterator[Circumstances]:
    yield Circumstances(is_wanted=False)
    yield Circumstances(is_wanted=True)


RULE_TYPE = DeclaredRuleType(
    name="DEMAND_PRICE",
    choice="all",
    configuration=DemandPrice,
    compile=_compile,
    faults=_faults,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(
        find_change=adjust_by_demand,
        why_not=_why_not,
        extremes=_extremes,
        flag=DYNAMIC_PRICING,
        demand_hours=_demand_hours,
    ),
)
