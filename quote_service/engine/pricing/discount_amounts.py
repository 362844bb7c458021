"""How much a discount takes off each covered line, by its kind.

What a line has left is its total less earlier discounts: discounts act one after the other, and no line goes below 0.
Amounts are minor units; percentages millionths of a percent.

Source: spec 4, "Stacking discounts act one after the other".
"""

from fractions import Fraction

from quote_service.domain.money import PERCENT_MICRO, percent_of, round_half_away, split_by_weights
from quote_service.domain.quote import QuoteLine
from quote_service.engine.rulebook.effects import DiscountEffect


def discount_lines(effect: DiscountEffect, lines: list[QuoteLine]) -> list[int]:
    """What is taken off each of the covered lines, in their order, never more than it has left."""
    left = [line.total_minor - line.discount_minor for line in lines]
    if effect.kind == "buy_x_get_y":
        amounts = _cheapest_units(effect, lines, left)
    elif effect.applies_to == "lines":
        amounts = [_off_line(effect, line, rest, sum(left)) for line, rest in zip(lines, left, strict=True)]
    else:
        amounts = split_by_weights(_off_sum(effect, sum(left)), left)
    whole = sum(amounts)
    if effect.max_minor is not None and whole > effect.max_minor:
        amounts = split_by_weights(effect.max_minor, amounts)
    return amounts


def discount_fee(effect: DiscountEffect, fee_minor: int) -> int:
    """What a discount on delivery takes off the fee."""
    amount_minor = _off_sum(effect, fee_minor)
    return amount_minor if effect.max_minor is None else min(amount_minor, effect.max_minor)


def _off_sum(effect: DiscountEffect, sum_minor: int) -> int:
    if effect.kind == "amount":
        return min(effect.value, sum_minor)
    if effect.kind == "fixed_price":
        return max(0, sum_minor - effect.value)
    return percent_of(sum_minor, percent_reached(effect, sum_minor))


def _off_line(effect: DiscountEffect, line: QuoteLine, rest_minor: int, sum_minor: int) -> int:
    if effect.kind == "amount":
        return min(effect.value * line.item.quantity, rest_minor)
    if effect.kind == "fixed_price":
        return max(0, rest_minor - effect.value * line.item.quantity)
    return percent_of(rest_minor, percent_reached(effect, sum_minor))


def percent_reached(effect: DiscountEffect, sum_minor: int) -> int:
    """The percentage of a percent, or of the highest tier that a covered sum reaches; millionths of a percent."""
    if effect.kind != "tiered_percent":
        return effect.value
    reached = [percent for start, percent in effect.tiers if sum_minor >= start]
    return reached[-1] if reached else 0


def _cheapest_units(effect: DiscountEffect, lines: list[QuoteLine], left: list[int]) -> list[int]:
    """For each whole group of buy + get units, `get` of the cheapest covered units are reduced.

    A unit costs its line's rest divided by the quantity, kept as a fraction; each line is rounded once.
    """
    units = (sum(line.item.quantity for line in lines) // (effect.buy + effect.get)) * effect.get
    amounts = [0] * len(lines)
    for place in _cheapest_first(lines, left):
        if not units:
            break
        quantity = lines[place].item.quantity
        taken = min(units, quantity)
        units -= taken
        amounts[place] = round_half_away(left[place] * taken * effect.value, quantity * PERCENT_MICRO)
    return amounts


def _cheapest_first(lines: list[QuoteLine], left: list[int]) -> list[int]:
    """The places of the lines by what one of their units costs, ties to the earliest."""
    return sorted(range(len(lines)), key=lambda place: Fraction(left[place], lines[place].item.quantity))
