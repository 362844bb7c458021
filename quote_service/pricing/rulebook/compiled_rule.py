"""A pricing rule made ready: its configuration in whole numbers, its conditions as tests that are None where there are none.

Source: spec 4.
"""

from typing import Any

import msgspec

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.instants import FOREVER, to_micros
from quote_service.domain.numbers import scale_decimal
from quote_service.domain.quote import QuoteLine
from quote_service.domain.rules.conditions import Conditions
from quote_service.domain.rules.rule import RuleType
from quote_service.domain.stored import StoredRule
from quote_service.engine.rulebook.effects import Effect, compile_effect
from quote_service.engine.rulebook.line_tests import LineTest, compile_line_test
from quote_service.engine.rulebook.shopper_tests import ShopperTest, compile_shopper_test
from quote_service.engine.rulebook.time_windows import TimeWindow, compile_time_window


class CompiledRule(msgspec.Struct, eq=False):
    """One version of a rule. Bounds are minor units of its currency; `window` is open at the instants it may count;
    `is_unconditional` says that there is nothing but the window to ask about.

    `wire_text` is its entry among the applied rules, kept by the encoder when it is first asked for.
    """

    id: str
    name: str
    version: int
    type: RuleType
    region: str | None
    region_key: str
    currency: str | None
    priority: int
    effective_from_us: int
    effective_to_us: int
    effect: Effect
    line_test: LineTest | None
    shopper_test: ShopperTest | None
    min_subtotal_minor: int | None
    max_subtotal_minor: int | None
    window: TimeWindow | None
    is_unconditional: bool
    wire_text: str = ""

    def allows_subtotal(self, subtotal_minor: int) -> bool:
        """Whether a subtotal lies within the bounds, both included."""
        if self.min_subtotal_minor is not None and subtotal_minor < self.min_subtotal_minor:
            return False
        return self.max_subtotal_minor is None or subtotal_minor <= self.max_subtotal_minor


def compile_rule(stored: StoredRule, configuration: Any) -> CompiledRule:
    """Compile a rule that `domain.rules.rule.rule_faults` found nothing wrong with.

    Args:
        stored: The version.
        configuration: Its configuration as the struct of its type.
    """
    draft = stored.draft
    exponent = EXPONENTS[draft.currency] if draft.currency else 6
    conditions = draft.conditions or Conditions()
    line_test, shopper_test = compile_line_test(conditions), compile_shopper_test(conditions)
    bounds = (_bound(conditions.min_subtotal, exponent), _bound(conditions.max_subtotal, exponent))
    return CompiledRule(
        id=stored.id,
        name=draft.name,
        version=stored.version,
        type=draft.type,
        region=draft.region,
        region_key=stored.region_key,
        currency=draft.currency,
        priority=draft.priority,
        effective_from_us=to_micros(draft.effective_from) if draft.effective_from else stored.created_at_us,
        effective_to_us=to_micros(draft.effective_to) if draft.effective_to else FOREVER,
        effect=compile_effect(configuration, exponent),
        line_test=line_test,
        shopper_test=shopper_test,
        min_subtotal_minor=bounds[0],
        max_subtotal_minor=bounds[1],
        window=compile_time_window(conditions),
        is_unconditional=line_test is None and shopper_test is None and bounds == (None, None),
    )


def covered_lines(rule: CompiledRule, lines: list[QuoteLine]) -> list[QuoteLine]:
    """The lines that satisfy the rule's conditions about lines; all of them where it has none."""
    test = rule.line_test
    return lines if test is None else [line for line in lines if test(line)]


def _bound(amount: Any, exponent: int) -> int | None:
    return None if amount is None else scale_decimal(amount, exponent)
