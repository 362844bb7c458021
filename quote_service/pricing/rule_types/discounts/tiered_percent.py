"""A percentage that grows with the covered lines' sum: that of the highest tier reached."""

from collections.abc import Iterator

from quote_service.platform.money.amounts import percent_of
from quote_service.platform.system.errors import Fault
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.fields import DiscountFields
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect, DiscountKind, Taken
from quote_service.pricing.rule_types.discounts.percent import take_percent, weights_of


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    percent_micro = _percent_reached(effect, sum(left))
    return Taken(
        take_percent(effect, left, percent_micro), DiscountInputs(percent=percent_micro), weights_of(effect, left)
    )


def _percent_reached(effect: DiscountEffect, sum_minor: int) -> int:
    reached = [percent for start, percent in effect.tiers if sum_minor >= start]
    return reached[-1] if reached else 0


def _off_fee(effect: DiscountEffect, fee_minor: int) -> int:
    return percent_of(fee_minor, _percent_reached(effect, fee_minor))


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return "percent by sum"


def _faults(discount: DiscountFields) -> Iterator[Fault]:
    reached = [tier.reached for tier in discount.tiers or ()]
    for index in range(1, len(reached)):
        if reached[index] <= reached[index - 1]:
            yield Fault(f"/configuration/tiers/{index}/from", "tiers must ascend")


def _why_never(effect: DiscountEffect) -> str | None:
    return None if any(percent for _, percent in effect.tiers) else "none of its tiers takes anything off"


KIND = DiscountKind(
    name="tiered_percent",
    fields=("tiers",),
    faults=_faults,
    take=_take,
    off_fee=_off_fee,
    promise=_promise,
    why_never=_why_never,
    is_proportional=True,
)
