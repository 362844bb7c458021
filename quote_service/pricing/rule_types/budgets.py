"""Whether what is left of a rule's budgets covers what it would take off a quote.

A rulebook holds what has been spent of budgets that could not cover a discount any more; of the others nothing has to be
known. What does not fit leaves the rule out as if it were not there, so that the next ones act on what was left.

Source: docs/spec/pricing-rules.md#budgets.
"""

from quote_service.pricing.pricing_context import OverBudget, PricingContext
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
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
