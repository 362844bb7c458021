"""Step 6: tax on each line's net amount, rounded line by line, and on fees where the rule says so.

Exclusive tax is added to the total; inclusive tax is contained in what is paid already, so it is shown and not added.

Source: docs/spec/quotes.md#steps; docs/spec/pricing-rules.md#tax.
"""

from functools import lru_cache

from quote_service.platform.money.amounts import decimal_text, tax_on
from quote_service.pricing.basket import BasketItem
from quote_service.pricing.calculation_inputs import TaxInputs
from quote_service.pricing.pricing_context import PricingContext, allows_subtotal
from quote_service.pricing.quote import Calculation, QuoteLine, Warning
from quote_service.pricing.rule_types.tax import TaxEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_NO_RULE = Warning("no_tax_rule", "no tax rule counts here, so no tax is charged")


class _LineTax:
    """What the lines of one rule and rate come to; `by_category` are the rule's other rates, None where it has none."""

    __slots__ = ("base_minor", "by_category", "is_inclusive", "rate_micro", "rule", "tax_minor")

    def __init__(self, rule: CompiledRule, effect: TaxEffect, rate_micro: int) -> None:
        self.rule = rule
        self.rate_micro = rate_micro
        self.is_inclusive = effect.is_inclusive
        self.by_category = effect.category_rates_micro or None
        self.tax_minor = 0
        self.base_minor = 0


def charge_tax(context: PricingContext) -> None:
    """Tax every line by the rule and the rate of its category, then the fees."""
    rules = context.rules_of("TAX")
    has_line_tests = any(rule.line_test is not None for rule in rules)
    common = None if has_line_tests else context.chosen(rules)
    taxes: list[_LineTax] = []
    tax: _LineTax | None = None  # the one before: most lines pay the same
    untaxed: int | None = None
    for index, line in enumerate(context.lines):
        rule = _rule_of_line(context, line) if has_line_tests else common
        if rule is None:
            untaxed = index if untaxed is None else untaxed
            continue
        if tax is None or tax.rule is not rule or tax.by_category:
            tax = _tax_of_line(taxes, rule, line.item)
        net_minor = line.total_minor - line.discount_minor
        line.tax_minor = tax_on(net_minor, tax.rate_micro, tax.is_inclusive)
        if tax.is_inclusive:
            line.is_tax_included = True
        tax.tax_minor += line.tax_minor
        tax.base_minor += net_minor
    for tax in taxes:
        # Where all lines pay one rate the base is the subtotal, which is shown.
        shows_base = has_line_tests or tax.by_category is not None
        _enter(context, tax.rule, tax.rate_micro, "items", tax.tax_minor, tax.base_minor if shows_base else None)
    if untaxed is not None:
        warning = (
            _NO_RULE if not taxes else Warning(_NO_RULE.code, "no tax rule counts for this line", f"/items/{untaxed}")
        )
        context.warnings.append(warning)
    if taxes and (context.delivery_fee_minor or context.small_basket_fee_minor):
        _tax_fees(context)


def _rule_of_line(context: PricingContext, line: QuoteLine) -> CompiledRule | None:
    for rule in context.rules_of("TAX"):
        if (
            (rule.line_test is None or rule.line_test(line))
            and allows_subtotal(rule, context.subtotal_minor)
            and (rule.shopper_test is None or rule.shopper_test(context))
        ):
            return rule
    return None


def _tax_of_line(taxes: list[_LineTax], rule: CompiledRule, item: BasketItem) -> _LineTax:
    """The tax of this rule at the rate of an item, begun where it is the first."""
    effect = rule.effect
    assert isinstance(effect, TaxEffect)
    rate_micro = effect.rate_micro
    if effect.category_rates_micro and item.category_id is not None:
        rate_micro = effect.category_rates_micro.get(item.category_id, rate_micro)
    for tax in taxes:
        if tax.rule is rule and tax.rate_micro == rate_micro:
            return tax
    tax = _LineTax(rule, effect, rate_micro)
    taxes.append(tax)
    return tax


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
    description, inputs = _description_of(rate_micro, effect.is_inclusive, on)
    if base_minor is not None:
        inputs = TaxInputs(rate_micro, base_minor)
    context.calculations.append(Calculation("tax", description, tax_minor, rule, inputs, effect.is_inclusive))


@lru_cache(maxsize=1024)
def _description_of(rate_micro: int, is_inclusive: bool, on: str) -> tuple[str, TaxInputs]:
    how = "included in" if is_inclusive else "on"
    return f"{decimal_text(rate_micro, 6)} % {how} {on}", TaxInputs(rate_micro)
