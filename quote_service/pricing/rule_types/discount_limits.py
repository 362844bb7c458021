"""What keeps a discount from all that it would take off: the budgets of its rule, and the minimum prices of products.

A rulebook holds what has been spent of budgets that could not cover a discount any more; of the others nothing has to be
known. What does not fit leaves the rule out as if it were not there, so that the next ones act on what was left.

A line has room down to its `min_price` for each unit, rounded up to the minor unit. Where a discount is spread over lines,
what one has no room for goes to the others of the same discount; a discount of each line by itself loses it.

Source: docs/spec/pricing-rules.md#budgets; docs/spec/pricing-rules.md#minimum-prices.
"""

from typing import Any, Final

from quote_service.platform.money.amounts import split_within
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.pricing_context import OverBudget, PricingContext
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect, Taken
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def fits_budget(context: PricingContext, rule: CompiledRule, effect: DiscountEffect, amount_minor: int) -> bool:
    """Whether a rule may take an amount off, by its budgets for all and for this customer; noted where it may not.

    Args:
        context: The quote in the making.
        rule: A promotion or coupon in the quote's currency, if it has a budget.
        effect: What the rule does.
        amount_minor: What it would take off, minor units > 0; 1 asks whether anything is left.
    """
    if effect.budget_minor is None and effect.budget_per_customer_minor is None:
        return True
    basket = context.basket
    for customer, budget_minor in ((None, effect.budget_minor), (basket.customer_id, effect.budget_per_customer_minor)):
        if budget_minor is None:
            continue
        spent_minor = context.budget_spends.get((rule.name, basket.currency, customer), 0)
        if spent_minor + amount_minor > budget_minor:
            context.over_budget += (OverBudget(rule, amount_minor, customer is not None),)
            return False
    return True


def discounts_on_delivery(left_out: tuple[OverBudget, ...]) -> tuple[OverBudget, ...]:
    """Those of the discounts left out that lower the delivery fee."""
    return tuple(each for each in left_out if each.rule.effect.applies_to == "delivery")


HELD: Final = "held at minimum prices"


def hold_at_minimum(
    context: PricingContext,
    floors: list[int],
    lines: list[QuoteLine],
    left: list[int],
    taken: Taken,
    whole_minor: int,
) -> list[int] | None:
    """What a discount takes off each line without going below a minimum.

    Args:
        context: The quote in the making.
        floors: What each line of the basket is held at (`line_floors`).
        lines: The covered lines, in the order of the basket.
        left: What each has left of its total, minor units.
        taken: What the discount would take off them.
        whole_minor: That together, within `max_discount`; > 0.

    Returns:
        The amounts, together at most `whole_minor`; None where the discount goes below no minimum.
    """
    rooms: list[int] = []
    index = 0
    for line, rest in zip(lines, left, strict=True):
        while context.lines[index] is not line:
            index += 1
        rooms.append(max(0, rest - floors[index]))
    weights = taken.amounts_minor if taken.weights is None else taken.weights
    sum_of_weights = sum(weights)
    if all(whole_minor * weight <= room * sum_of_weights for weight, room in zip(weights, rooms, strict=True)):
        return None
    if taken.weights is None:
        rooms = [min(room, amount) for room, amount in zip(rooms, taken.amounts_minor, strict=True)]
    return split_within(whole_minor, weights, rooms, [f"{line.product_id}{line.item.variant_id}" for line in lines])


def line_floors(context: PricingContext) -> list[int]:
    """What each line of the basket is held at, in minor units, 0 for no bound; empty where no line has one."""
    checked = context.checked
    if checked.floors_minor is not None:
        return checked.floors_minor
    if checked.catalog_prices is None:
        return []
    scale: int = 10 ** (6 - context.exponent)
    floors = [
        0 if price is None else -(-price.min_micro * line.item.quantity // scale)
        for price, line in zip(checked.catalog_prices, context.lines, strict=True)
    ]
    return floors if any(floors) else []


def is_held(inputs: Any) -> bool:
    """Whether a step is a discount that minimum prices kept from giving all that it promises."""
    return isinstance(inputs, DiscountInputs) and isinstance(inputs.min_price_cut, int)
