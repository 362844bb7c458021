"""Step 6: tax on each line's net amount, rounded line by line, and on fees where the rule says so.

Exclusive tax is added to the total; inclusive tax is contained in what is paid already, so it is shown and not added.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#tax.
"""

from functools import lru_cache

from quote_service.money.amounts import PERCENT_MICRO, decimal_text, percent_of, round_half_away
from quote_service.pricing.calculation_inputs import TaxInputs
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Calculation, QuoteLine, Warning
from quote_service.pricing.rule_types.tax import TaxEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_NO_RULE = Warning("no_tax_rule", "no tax rule counts here, so no tax is charged")


def charge_tax(context: PricingContext) -> None:
    """Tax every line by the rule and the rate of its category, then the fees."""
    rules = context.rules_of("TAX")
    has_line_tests = any(rule.line_test is not None for rule in rules)
    common = None if has_line_tests else context.chosen(rules)
    sums: dict[tuple[CompiledRule, int], int] = {}
    bases: dict[tuple[CompiledRule, int], int] = {}
    untaxed: int | None = None
    for index, line in enumerate(context.lines):
        rule = _rule_of_line(context, line) if has_line_tests else common
        if rule is None:
            untaxed = index if untaxed is None else untaxed
            continue
        effect = rule.effect
        assert isinstance(effect, TaxEffect)
        rate_micro = effect.rate_micro
        if effect.category_rates_micro and line.item.category_id is not None:
            rate_micro = effect.category_rates_micro.get(line.item.category_id, rate_micro)
        line.tax_minor = tax_on(line.total_minor - line.discount_minor, rate_micro, effect.is_inclusive)
        sums[rule, rate_micro] = sums.get((rule, rate_micro), 0) + line.tax_minor
        if has_line_tests or effect.category_rates_micro:  # otherwise the base is the subtotal, which is shown
            bases[rule, rate_micro] = bases.get((rule, rate_micro), 0) + line.total_minor - line.discount_minor
    for (rule, rate_micro), tax_minor in sums.items():
        _enter(context, rule, rate_micro, "items", tax_minor, bases.get((rule, rate_micro)))
    if untaxed is not None:
        warning = (
            _NO_RULE if not sums else Warning(_NO_RULE.code, "no tax rule counts for this line", f"/items/{untaxed}")
        )
        context.warnings.append(warning)
    if sums and (context.delivery_fee_minor or context.small_basket_fee_minor):
        _tax_fees(context)


def tax_on(net_minor: int, rate_micro: int, is_inclusive: bool) -> int:
    """The tax on an amount, or the part of an amount that is tax; rounded once."""
    if is_inclusive:
        return round_half_away(net_minor * rate_micro, PERCENT_MICRO + rate_micro)
    return percent_of(net_minor, rate_micro)


def _rule_of_line(context: PricingContext, line: QuoteLine) -> CompiledRule | None:
    for rule in context.rules_of("TAX"):
        if (
            (rule.line_test is None or rule.line_test(line))
            and rule.allows_subtotal(context.subtotal_minor)
            and (rule.shopper_test is None or rule.shopper_test(context))
        ):
            return rule
    return None


def _tax_fees(context: PricingContext) -> None:
    # A fee is no line: a rule for certain goods taxes it only where there is no general one.
    general = tuple(rule for rule in context.rules_of("TAX") if rule.line_test is None)
    rule = context.chosen(general) or context.chosen(context.rules_of("TAX"))
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, TaxEffect)
    rate_micro, is_inclusive = effect.rate_micro, effect.is_inclusive
    if effect.applies_to_delivery and context.delivery_fee_minor:
        _enter(context, rule, rate_micro, "delivery", tax_on(context.delivery_fee_minor, rate_micro, is_inclusive))
    if effect.applies_to_small_basket and context.small_basket_fee_minor:
        tax_minor = tax_on(context.small_basket_fee_minor, rate_micro, is_inclusive)
        _enter(context, rule, rate_micro, "small-basket fee", tax_minor)


def _enter(
    context: PricingContext, rule: CompiledRule, rate_micro: int, on: str, tax_minor: int, base_minor: int | None = None
) -> None:
    effect = rule.effect
    assert isinstance(effect, TaxEffect)
    if effect.is_inclusive:
        context.inclusive_tax_minor += tax_minor
    else:
        context.exclusive_tax_minor += tax_minor
    context.apply(rule)
    description, inputs = _told(rate_micro, effect.is_inclusive, on)
    if base_minor is not None:
        inputs = TaxInputs(rate_micro, base_minor)
    context.calculations.append(Calculation("tax", description, tax_minor, rule, inputs, effect.is_inclusive))


@lru_cache(maxsize=1024)
def _told(rate_micro: int, is_inclusive: bool, on: str) -> tuple[str, TaxInputs]:
    how = "included in" if is_inclusive else "on"
    return f"{decimal_text(rate_micro, 6)} % {how} {on}", TaxInputs(rate_micro)
