"""FREE_DELIVERY: no delivery fee from a subtotal on.

Source: docs/spec/pricing-rules.md#free_delivery.
"""

from collections.abc import Iterator

import msgspec

from quote_service.platform.money.quantities import Amount, Factor
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rule_types.scaled import PLACES, optional_scaled
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


class FreeDelivery(RuleConfiguration, frozen=True, kw_only=True):
    """No delivery fee from `min_subtotal` on, within `max_distance_km`; express only with `includes_express`."""

    min_subtotal: Amount | None = None
    """Subtotal from which delivery is free, in the rule's currency; null for any subtotal."""
    includes_express: bool = False
    """Whether express delivery is free too."""
    max_distance_km: Factor | None = None
    """Longest distance from pickup to delivery that is free, in kilometres; null for any distance."""


class FreeDeliveryEffect(msgspec.Struct, frozen=True, gc=False):
    min_subtotal_minor: int
    includes_express: bool
    max_distance_micro: int | None


def _compile(free: FreeDelivery, exponent: int) -> FreeDeliveryEffect:
    return FreeDeliveryEffect(
        min_subtotal_minor=optional_scaled(free.min_subtotal, exponent) or 0,
        includes_express=free.includes_express,
        max_distance_micro=optional_scaled(free.max_distance_km, PLACES),
    )


def _borders(effect: FreeDeliveryEffect) -> Iterator[tuple[str, int]]:
    if effect.min_subtotal_minor:
        yield "the free-delivery threshold", effect.min_subtotal_minor


def _why_never(rule: CompiledRule, conditions: Conditions) -> str | None:
    effect: FreeDeliveryEffect = rule.effect
    if conditions.express is True and not effect.includes_express:
        return "its condition wants an express delivery, and it does not include them"
    if rule.max_subtotal_minor is not None and rule.max_subtotal_minor < effect.min_subtotal_minor:
        return "no subtotal is up to its condition's max_subtotal and as high as its min_subtotal"
    return None


RULE_TYPE = DeclaredRuleType(
    name="FREE_DELIVERY",
    choice="first",
    configuration=FreeDelivery,
    compile=_compile,
    nothing="there is no fee to free, or the basket is too small, too far, or express",
    borders=_borders,
    may_be_silent=True,
    why_never=_why_never,
)
