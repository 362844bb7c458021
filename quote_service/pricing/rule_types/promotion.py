"""PROMOTION: a discount for everybody whose basket satisfies its conditions.

Source: docs/spec/pricing-rules.md#discounts.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.quantities import holds_amounts
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.explain.both_ways import both_totals
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.compile_discount import compile_discount
from quote_service.pricing.rule_types.discount_faults import discount_faults, holds_amount_value
from quote_service.pricing.rule_types.discounts.fields import DiscountFields
from quote_service.pricing.rule_types.discounts.kind import TAKES_NOTHING, DiscountEffect
from quote_service.pricing.rule_types.discounts.registry import KindName
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


class Promotion(DiscountFields, frozen=True, kw_only=True):
    """A discount over the lines that satisfy the conditions; `value` is a percentage, or an amount, by `kind`.

    `exclusive` stops those of its own type after it, `"all"` every later discount of any type. `funded_by` is the seller where nothing is said; the platform where the discount applies to delivery, always.
    """

    kind: KindName
    """How the discount is worked out: `percent` takes a percentage off, `amount` takes an amount off, `fixed_price`
    sets the price of one unit, `buy_x_get_y` discounts the cheapest units, `tiered_percent` takes a percentage off
    that depends on the total, `bundle` sets the price of a whole set of units.
    """


def discount_holds_money(discount: DiscountFields) -> bool:
    """Whether a discount has amounts: in fields that are always money, or in `value` by its kind."""
    return holds_amounts(discount) or holds_amount_value(discount)


def discount_borders(effect: DiscountEffect) -> Iterator[tuple[str, int]]:
    """The covered sums from which on a discount takes another percentage."""
    for reached_minor, _ in effect.tiers:
        if reached_minor:
            yield "a tier", reached_minor


def why_no_discount(rule: CompiledRule, conditions: Conditions) -> str | None:
    """Why a discount takes nothing off any basket."""
    effect: DiscountEffect = rule.effect
    if 0 in (effect.budget_minor, effect.budget_per_customer_minor):
        return "its budget is 0"
    return TAKES_NOTHING if effect.max_minor == 0 else effect.kind.why_never(effect)


def over_budget(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    """That what is left of a discount's budget did not cover it; None where that is not why it took nothing off.

    How much has been spent is not told: shoppers read explanations too.
    """
    for each in context.over_budget:
        if each.rule is rule:
            budget = "its budget for one customer" if each.is_of_customer else "its budget"
            if each.amount_minor == 1:
                return "budget used up", f"nothing is left of {budget}", None
            amount = amount_text(each.amount_minor, context.exponent)
            return "budget used up", f"what is left of {budget} does not cover {amount}", None
    return None


def held_at_minimum(rule: CompiledRule, context: PricingContext) -> str | None:
    """That a discount took nothing off because of minimum prices; None where that is not why."""
    return "every line that it covers stands at its min_price" if rule in context.held_rules else None


def _explain(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    if not context.with_promotions and context.other_way is not None:
        if rule not in context.other_way.applied_rules:
            return _explain(rule, context.other_way)
        acted = (each.rule for each in context.coupons if each.rule is not None)
        coupon = next((each for each in acted if not each.effect.with_promotions), None)
        return "a coupon without promotions costs less", both_totals(context), coupon
    left_out = over_budget(rule, context)
    if left_out is not None:
        return left_out
    for earlier in context.rules_of("PROMOTION"):
        if earlier is rule:
            break
        effect = earlier.effect
        if isinstance(effect, DiscountEffect) and effect.is_exclusive and earlier in context.applied_rules:
            return "stopped by an exclusive rule", f"{earlier.name} is exclusive", earlier
    return "nothing to discount", held_at_minimum(rule, context), None


RULE_TYPE = DeclaredRuleType(
    name="PROMOTION",
    choice="all",
    configuration=Promotion,
    compile=compile_discount,
    faults=discount_faults,
    holds_money=discount_holds_money,
    explain=_explain,
    borders=discount_borders,
    why_never=why_no_discount,
)
