"""Of each whole group of units bought, some are reduced: the cheapest of the covered ones."""

from fractions import Fraction

from quote_service.platform.money.amounts import PERCENT_MICRO, decimal_text, percent_of, round_half_away
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import TAKES_NOTHING, DiscountEffect, DiscountKind, Taken


def _take(effect: DiscountEffect, lines: list[QuoteLine], left: list[int], exponent: int) -> Taken:
    """For each whole group of buy + get units, `get` of the cheapest covered units are reduced.

    A unit costs its line's rest divided by the quantity, kept as a fraction; each line is rounded once.
    """
    units = (sum(line.item.quantity for line in lines) // (effect.buy + effect.get)) * effect.get
    amounts = [0] * len(lines)
    for index in _cheapest_first(lines, left):
        if not units:
            break
        quantity = lines[index].item.quantity
        taken = min(units, quantity)
        units -= taken
        amounts[index] = round_half_away(left[index] * taken * effect.value, quantity * PERCENT_MICRO)
    return Taken(amounts)


def _cheapest_first(lines: list[QuoteLine], left: list[int]) -> list[int]:
    """The places of the lines by what one of their units costs, ties to the earliest."""
    return sorted(range(len(lines)), key=lambda index: Fraction(left[index], lines[index].item.quantity))


def _off_fee(effect: DiscountEffect, fee_minor: int) -> int:
    return percent_of(fee_minor, effect.value)  # of rows of a former release; it is refused now


def _promise(effect: DiscountEffect, exponent: int) -> str:
    return f"buy {effect.buy} get {effect.get} at {decimal_text(effect.value, 6)} % off"


def _why_never(effect: DiscountEffect) -> str | None:
    return None if effect.value else TAKES_NOTHING


def _group_units(effect: DiscountEffect) -> int:
    return effect.buy + effect.get


def _cheaper_from(effect: DiscountEffect) -> int | None:
    """Where more than one whole unit is free, the last unit of a group lowers what is paid."""
    return _group_units(effect) if effect.get * effect.value > PERCENT_MICRO else None


KIND = DiscountKind(
    name="buy_x_get_y",
    fields=("buy", "get", "percent"),
    optional=("percent",),  # without it the units got are free
    take=_take,
    off_fee=_off_fee,
    promise=_promise,
    why_never=_why_never,
    is_proportional=True,
    group_units=_group_units,
    cheaper_from=_cheaper_from,
)
