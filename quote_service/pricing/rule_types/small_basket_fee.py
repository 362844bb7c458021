"""SMALL_BASKET_FEE: a fee below a subtotal.

Source: docs/spec/pricing-rules.md#small_basket_fee.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.money.quantities import Amount
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


class SmallBasketFee(RuleConfiguration, frozen=True, kw_only=True):
    """`fee` below `threshold`; `top_up` never charges more than what is missing to it."""

    threshold: Amount
    """Subtotal from which no fee is charged, in the rule's currency."""
    fee: Amount
    """The fee below `threshold`, in the rule's currency."""
    mode: Literal["fixed", "top_up"] = "fixed"
    """`fixed` charges `fee`; `top_up` charges `fee`, but never more than what the subtotal lacks to reach `threshold`.
    """


class SmallBasketEffect(msgspec.Struct, frozen=True, gc=False):
    threshold_minor: int
    fee_minor: int
    mode: Literal["fixed", "top_up"]


def _compile(fee: SmallBasketFee, exponent: int) -> SmallBasketEffect:
    return SmallBasketEffect(scale_decimal(fee.threshold, exponent), scale_decimal(fee.fee, exponent), fee.mode)


def _borders(effect: SmallBasketEffect) -> Iterator[tuple[str, int]]:
    if effect.threshold_minor:
        yield "the small-basket threshold", effect.threshold_minor


def _why_never(rule: CompiledRule, conditions: Conditions) -> str | None:
    if rule.effect.threshold_minor <= (rule.min_subtotal_minor or 0):
        return "no subtotal is below its threshold and as high as its condition's min_subtotal"
    return None


RULE_TYPE = DeclaredRuleType(
    name="SMALL_BASKET_FEE",
    choice="first",
    configuration=SmallBasketFee,
    compile=_compile,
    nothing="the subtotal reaches its threshold",
    borders=_borders,
    may_be_silent=True,
    why_never=_why_never,
)
