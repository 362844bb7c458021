"""TIME_PRICE: another price while the rule's dates, weekdays and times of day hold.

Source: docs/spec/pricing-rules.md#time_price.
"""

from collections.abc import Iterator

from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange, PriceEffect
from quote_service.pricing.catalog.price_step import Circumstances, PriceStep
from quote_service.pricing.rule_types.adjust_prices import adjust_always
from quote_service.pricing.rule_types.price_changes.compile_changes import (
    adjustment_faults,
    common_effect,
    compile_adjustment,
)
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS, Adjustment, PriceFields
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType


class TimePrice(PriceFields, frozen=True, kw_only=True):
    """Changes the price of a unit while the rule's dates and its conditions' weekdays and times of day hold."""

    adjustment: Adjustment
    """What the price changes by."""


class TimePriceEffect(PriceEffect, frozen=True):
    change: PriceChange


def _compile(fields: TimePrice, exponent: int) -> TimePriceEffect:
    return TimePriceEffect(**common_effect(fields), change=compile_adjustment(fields.adjustment))


def _faults(fields: TimePrice, exponent: int) -> Iterator[Fault]:
    yield from adjustment_faults(fields.adjustment, "/configuration/adjustment")


def _why_not(effect: TimePriceEffect, offer: Offer) -> str:
    return "by the catalog its conditions did not hold for them"


def _extremes(effect: TimePriceEffect) -> Iterator[Circumstances]:
    yield Circumstances()


RULE_TYPE = DeclaredRuleType(
    name="TIME_PRICE",
    choice="all",
    configuration=TimePrice,
    compile=_compile,
    faults=_faults,
    conditions=PRICE_CONDITIONS,
    adjusts_price=PriceStep(find_change=adjust_always, why_not=_why_not, extremes=_extremes),
)
