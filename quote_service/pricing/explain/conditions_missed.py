"""Which of a rule's conditions do not hold: each is compiled alone and asked.

Source: spec 4, Which rule counts.
"""

from collections.abc import Iterator

import msgspec

from quote_service.domain.money import amount_text
from quote_service.domain.rules.conditions import Conditions
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.compiled_rule import CompiledRule, covered_lines
from quote_service.engine.rulebook.line_tests import compile_line_test
from quote_service.engine.rulebook.shopper_tests import compile_shopper_test

_ABOUT_THE_SHOPPER = ("customer_tiers", "customer_segments", "ab_test_groups", "express", "flag")
_ABOUT_LINES = ("category_ids", "product_ids", "seller_ids", "tags_any")


def conditions_missed(rule: CompiledRule, conditions: Conditions | None, sheet: Worksheet) -> list[str]:
    """The names of the conditions that do not hold, with a bound's figure; none where the rule may act.

    Args:
        rule: The rule.
        conditions: As they were written.
        sheet: Of the priced quote: its lines, and its subtotal after discounts.
    """
    if conditions is None:
        return []
    return list(_missed(rule, conditions, sheet))


def _missed(rule: CompiledRule, conditions: Conditions, sheet: Worksheet) -> Iterator[str]:
    for name in _ABOUT_THE_SHOPPER:
        value = getattr(conditions, name)
        shopper_test = None if value is None else compile_shopper_test(_only(name, value))
        if shopper_test is not None and not shopper_test(sheet):
            yield name
    alone = []
    for name in _ABOUT_LINES:
        value = getattr(conditions, name)
        line_test = None if value is None else compile_line_test(_only(name, value))
        if line_test is not None and not any(map(line_test, sheet.lines)):
            alone.append(name)
    yield from alone
    covered = covered_lines(rule, sheet.lines)
    if not covered and not alone:
        yield "no line satisfies all of " + ", ".join(name for name in _ABOUT_LINES if getattr(conditions, name))
    is_discount = rule.type in ("PROMOTION", "COUPON")
    compared = sum(line.total_minor for line in covered) if is_discount else sheet.subtotal_minor
    if is_discount and not covered:
        return
    low, high = rule.min_subtotal_minor, rule.max_subtotal_minor
    compared_text = amount_text(compared, sheet.exponent)
    if low is not None and compared < low:
        yield f"min_subtotal {amount_text(low, sheet.exponent)} (compared with {compared_text})"
    if high is not None and compared > high:
        yield f"max_subtotal {amount_text(high, sheet.exponent)} (compared with {compared_text})"


def _only(name: str, value: object) -> Conditions:
    return msgspec.structs.replace(Conditions(), **{name: value})
