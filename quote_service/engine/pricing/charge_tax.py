"""Step 6: tax on each line's net amount, rounded line by line, and on fees where the rule says so.

Exclusive tax is added to the total; inclusive tax is contained in what is paid already, so it is shown and not added.

Source: spec 2, step 6; spec 4, TAX.
"""

from quote_service.domain.money import PERCENT_MICRO, decimal_text, percent_of, round_half_away
from quote_service.domain.quote import Calculation, QuoteLine, Warning
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.compiled_rule import CompiledRule
from quote_service.engine.rulebook.effects import TaxEffect

_NO_RULE = Warning("no_tax_rule", "no tax rule counts here, so no tax is charged")


def charge_tax(sheet: Worksheet) -> None:
    """Tax every line by the rule and the rate of its category, then the fees."""
    sums: dict[tuple[str, int], tuple[CompiledRule, int, int]] = {}
    untaxed: int | None = None
    has_line_tests = any(rule.line_test is not None for rule in sheet.place.taxes)
    common = None if has_line_tests else sheet.chosen(sheet.place.taxes)
    for place, line in enumerate(sheet.lines):
        rule = _rule_of_line(sheet, line) if has_line_tests else common
        if rule is None:
            untaxed = place if untaxed is None else untaxed
            continue
        effect = rule.effect
        assert isinstance(effect, TaxEffect)
        rate_micro = effect.rate_micro
        if effect.category_rates_micro and line.item.category_id is not None:
            rate_micro = effect.category_rates_micro.get(line.item.category_id, rate_micro)
        line.tax_minor = tax_on(line.total_minor - line.discount_minor, rate_micro, effect.is_inclusive)
        group = (rule.id, rate_micro)
        _, taxed_minor, tax_minor = sums.get(group, (rule, 0, 0))
        sums[group] = (rule, taxed_minor + line.total_minor - line.discount_minor, tax_minor + line.tax_minor)
    for (_, rate_micro), (rule, _, tax_minor) in sums.items():
        _enter(sheet, rule, rate_micro, "items", tax_minor)
    if untaxed is not None:
        warning = (
            _NO_RULE if not sums else Warning(_NO_RULE.code, "no tax rule counts for this line", f"/items/{untaxed}")
        )
        sheet.warnings.append(warning)
    if sums and (sheet.delivery_fee_minor or sheet.small_basket_fee_minor):
        _tax_fees(sheet)


def tax_on(net_minor: int, rate_micro: int, is_inclusive: bool) -> int:
    """The tax on an amount, or the part of an amount that is tax; rounded once."""
    if is_inclusive:
        return round_half_away(net_minor * rate_micro, PERCENT_MICRO + rate_micro)
    return percent_of(net_minor, rate_micro)


def _rule_of_line(sheet: Worksheet, line: QuoteLine) -> CompiledRule | None:
    for rule in sheet.place.taxes:
        if (
            (rule.line_test is None or rule.line_test(line))
            and rule.allows_subtotal(sheet.subtotal_minor)
            and (rule.shopper_test is None or rule.shopper_test(sheet))
        ):
            return rule
    return None


def _tax_fees(sheet: Worksheet) -> None:
    rule = sheet.chosen(sheet.place.taxes)
    if rule is None:
        return
    effect = rule.effect
    assert isinstance(effect, TaxEffect)
    for name, fee_minor, applies in (
        ("delivery", sheet.delivery_fee_minor, effect.applies_to_delivery),
        ("small-basket fee", sheet.small_basket_fee_minor, effect.applies_to_small_basket),
    ):
        if applies and fee_minor:
            _enter(sheet, rule, effect.rate_micro, name, tax_on(fee_minor, effect.rate_micro, effect.is_inclusive))


def _enter(sheet: Worksheet, rule: CompiledRule, rate_micro: int, on: str, tax_minor: int) -> None:
    effect = rule.effect
    assert isinstance(effect, TaxEffect)
    if effect.is_inclusive:
        sheet.tax_inclusive_minor += tax_minor
    else:
        sheet.tax_exclusive_minor += tax_minor
    sheet.apply(rule)
    rate_text = decimal_text(rate_micro, 6)
    description = f"{rate_text} % {'included in' if effect.is_inclusive else 'on'} {on}"
    sheet.calculations.append(
        Calculation("tax", description, tax_minor, rule, (("rate", rate_text),), effect.is_inclusive)
    )
