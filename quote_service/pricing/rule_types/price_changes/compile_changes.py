"""The common part of price rules: what is refused of it, and what it is in whole numbers.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.price_change import (
    PriceChange,
    PriceEnding,
    change_by_amount,
    change_by_percent,
    change_to_price,
)
from quote_service.pricing.rule_types.price_changes.fields import Adjustment, PriceFields
from quote_service.pricing.rule_types.scaled import PLACES

_WAYS = ("percent", "amount", "price")


def adjustment_faults(adjustment: Adjustment, pointer: str) -> Iterator[Fault]:
    """What is wrong with an adjustment whose numbers are well formed."""
    given = [name for name in _WAYS if getattr(adjustment, name) is not None]
    if len(given) != 1:
        yield Fault(pointer, "must have exactly one of percent, amount and price")


def compile_adjustment(adjustment: Adjustment) -> PriceChange:
    """The change that an adjustment without faults is."""
    if adjustment.percent is not None:
        return change_by_percent(scale_decimal(adjustment.percent, PLACES))
    if adjustment.amount is not None:
        return change_by_amount(scale_decimal(adjustment.amount, PLACES))
    assert adjustment.price is not None
    return change_to_price(scale_decimal(adjustment.price, PLACES))


def common_effect(fields: PriceFields) -> dict[str, Any]:
    """The fields that the effects of all price rules share."""
    return {
        "ending": None if fields.ending is None else _ending(fields.ending),
        "is_exclusive": fields.exclusive,
    }


def _ending(ending: Decimal) -> PriceEnding:
    """Its modulus is the lowest power of ten above it, and at least 1: 0.90 repeats every 1, 9.90 every 10."""
    ending_micro = scale_decimal(ending, PLACES)
    modulus_micro = 10**PLACES
    while modulus_micro <= ending_micro:
        modulus_micro *= 10
    return PriceEnding(ending_micro, modulus_micro)
