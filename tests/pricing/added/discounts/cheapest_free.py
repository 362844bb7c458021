"""The cheapest covered unit is free."""

from fractions import Fraction

from quote_service.platform.money.amounts import round_half_away
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect, DiscountKind, Taken


class CheapestInputs(DiscountInputs, gc=False):
    of_lines: int = 0


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    units = [Fraction(rest, line.item.quantity) for rest, line in zip(left, lines, strict=True)]
    cheapest = units.index(min(units))
    return Taken(
        [
            round_half_away(unit.numerator, unit.denominator) if place == cheapest else 0
            for place, unit in enumerate(units)
        ],
        CheapestInputs(of_lines=len(lines)),
    )


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return "the cheapest free"


KIND = DiscountKind(name="cheapest_free", fields=(), take=_take, promise=_promise, is_proportional=True)
