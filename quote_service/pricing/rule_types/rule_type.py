"""What a type of pricing rule is: one value of this struct, in a module of its own, is all that a new type takes.

`registry.py` finds the module. The wire's list of types, the schema, what is refused on write, compiling, pricing, the
explanation and the rule check are made from it. A type whose rules do something at a new place of the pipeline brings the
`step` for it; the product's own steps stand in `pricing/pipeline.py`, where they can be read in order.

These modules hold structs that msgspec decodes, so they stay interpreted (`deploy/compile_package.py`). The arithmetic of
the product's own types is in modules beside them that are compiled (`charge_*.py`); a step that is hot may go the same way.

Amounts are minor units.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from quote_service.platform.money.quantities import holds_amounts
from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.price_step import PriceStep
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rule_types.configuration import RuleConfiguration
from quote_service.pricing.rulebook.compiled_rule import Choice, CompiledRule
from quote_service.pricing.step import Step


class Missing(msgspec.Struct, frozen=True):
    """For the rule check: what it means that no rule of a type counts.

    `finding` is the code for a currency without any such rule (`check/finding.py`), `effect` what follows in a few words,
    and `warning` the code of the warning that such a quote carries.
    """

    finding: str
    effect: str
    warning: str


def _no_faults(configuration: Any, exponent: int) -> Iterator[Fault]:
    yield from ()


def _no_code(effect: Any) -> str | None:
    return None


def _no_verdict(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    return None


def _no_borders(effect: Any) -> Iterator[tuple[str, int]]:
    yield from ()


def _no_reason(rule: CompiledRule, conditions: Conditions) -> str | None:
    return None


class DeclaredRuleType(msgspec.Struct, frozen=True, kw_only=True):
    """How rules of a type are configured, chosen, compiled, refused, charged, explained and checked."""

    name: str
    """What `type` is on the wire."""
    choice: Choice
    """Which of its rules count where several could."""
    configuration: type[RuleConfiguration]
    """What its rules are configured with; the docstrings of it and of its fields are the schema's."""
    compile: Callable[[Any, int], Any]
    """The effect of a configuration, in whole numbers, given the exponent of the rule's currency; compared by value."""
    faults: Callable[[Any, int], Iterator[Fault]] = _no_faults
    """What does not fit together in a well-formed configuration; pointers are relative to the rule."""
    holds_money: Callable[[Any], bool] = holds_amounts
    """Whether a configuration holds amounts, so that the rule must name its currency."""
    code: Callable[[Any], str | None] = _no_code
    """Of an effect that a code calls for, the folded code."""
    is_for_express: bool = False
    """Whether its rules have no part in deliveries that are not express."""
    is_by_seller: bool = False
    """Whether the region of its rules is compared with where each seller is, and not with the delivery address."""
    step: Step | None = None
    """A step of the pipeline that only this type needs."""
    adjusts_price: PriceStep | None = None
    """What its rules do to the catalog's prices, before there is a quote; such rules have no part in the pipeline."""
    conditions: frozenset[str] = frozenset(Conditions.__struct_fields__)
    """The conditions that its rules may have; others are refused on write."""

    explain: Callable[[CompiledRule, PricingContext], Verdict | None] = _no_verdict
    """Why a rule whose conditions hold had no part in a quote; None for what is true of every type: another comes first."""
    nothing: str = "there is no fee"
    """Why none of its rules has a part where none comes first."""

    borders: Callable[[Any], Iterator[tuple[str, int]]] = _no_borders
    """For the rule check: the subtotals from which on an effect is otherwise, each with what that is."""
    may_be_silent: bool = False
    """For the rule check: whether a rule of it can decide a quote by charging nothing."""
    why_never: Callable[[CompiledRule, Conditions], str | None] = _no_reason
    """For the rule check: why a rule with these conditions can never act; None where it can."""
    missing: Missing | None = None
    """For the rule check: what it means that no rule of this type counts; None where that is as it may be."""
