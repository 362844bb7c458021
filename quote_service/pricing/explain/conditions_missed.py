"""Which of a rule's conditions do not hold: each is compiled alone and asked.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Iterator

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.conditions.line_tests import LINE_CONDITIONS, wanted_of_lines
from quote_service.pricing.conditions.shopper_tests import SHOPPER_CONDITIONS
from quote_service.pricing.pricing_context import PricingContext, covered_lines
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def conditions_missed(rule: CompiledRule, conditions: Conditions | None, context: PricingContext) -> list[str]:
    """The names of the conditions that do not hold, with a bound's figure; none where the rule may act.

    Args:
        rule: The rule.
        conditions: As they were written.
        context: Of the priced quote: its lines, and its subtotal after discounts.
    """
    if conditions is None:
        return []
    return list(_missed(rule, conditions, context))


def _missed(rule: CompiledRule, conditions: Conditions, context: PricingContext) -> Iterator[str]:
    for name, about_shopper in SHOPPER_CONDITIONS.items():
        wanted = getattr(conditions, name)
        if wanted is not None and not about_shopper.make_test(wanted)(context):
            yield name
    alone = []
    for name, about_line, wanted_of_it in wanted_of_lines(conditions, rule.categories_below):
        if not any(map(about_line.make_test(wanted_of_it), context.lines)):
            alone.append(name)
    yield from alone
    covered = covered_lines(rule, context.lines)
    if not covered and not alone:
        yield "no line satisfies all of " + ", ".join(name for name in LINE_CONDITIONS if getattr(conditions, name))
    is_discount = isinstance(rule.effect, DiscountEffect)
    compared = sum(line.total_minor for line in covered) if is_discount else context.subtotal_minor
    if is_discount and not covered:
        return
    low, high = rule.min_subtotal_minor, rule.max_subtotal_minor
    compared_text = amount_text(compared, context.exponent)
    if low is not None and compared < low:
        yield f"min_subtotal {amount_text(low, context.exponent)} (compared with {compared_text})"
    if high is not None and compared > high:
        yield f"max_subtotal {amount_text(high, context.exponent)} (compared with {compared_text})"
