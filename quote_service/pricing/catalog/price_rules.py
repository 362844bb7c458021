"""The price rules that count for one customer at one place: found once for a basket, then asked for each of its lines.

Where no price rule is in force that is one look.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from typing import cast

from quote_service.pricing.catalog.price_adjustment import AdjustmentKind
from quote_service.pricing.catalog.price_order import PRICE_ORDER
from quote_service.pricing.catalog.price_step import PriceStep
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.asking import Asking
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.effective_period import EffectivePeriod

Rules = tuple[CompiledRule, ...]
RulesOfStep = tuple[AdjustmentKind, PriceStep, Rules]


class PriceRules:
    """The rules whose conditions about the customer hold, type by type in the order in which they act."""

    __slots__ = ("customer_tier", "steps")

    def __init__(self, steps: list[RulesOfStep], customer_tier: str | None) -> None:
        self.steps = steps
        self.customer_tier = customer_tier


def find_price_rules(period: EffectivePeriod, applicable: ApplicableRules, subject: Subject) -> PriceRules | None:
    """The price rules that count for a customer; None where there is none, so that list prices stand.

    Args:
        period: The stretch of time around the instant.
        applicable: The rules for the delivery address and the currency, of that period.
        subject: The customer there.
    """
    steps = applicable.price_steps
    if steps is None:
        steps = applicable.price_steps = _steps(applicable)
    if not steps:
        return None
    asking = Asking(period, subject, is_express=False)
    found: list[RulesOfStep] = []
    for kind, step, rules in steps:
        if step.flag is not None and not asking.flag_is_true(step.flag):
            continue
        counting = tuple(rule for rule in rules if rule.shopper_test is None or rule.shopper_test(asking))
        if counting:
            found.append((kind, step, counting))
    return PriceRules(found, subject.customer_tier) if found else None


def _steps(applicable: ApplicableRules) -> tuple[RulesOfStep, ...]:
    return tuple(
        (cast(AdjustmentKind, name.lower()), step, applicable.by_type[name])
        for name, step in PRICE_ORDER
        if name in applicable.by_type
    )
