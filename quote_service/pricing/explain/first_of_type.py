"""Why a rule of which only the first counts stands behind the one that does.

Source: docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Mapping

from quote_service.platform.system.instants import instant_text
from quote_service.pricing.explain.verdict import RuleReason, Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def explain_first(rule: CompiledRule, context: PricingContext, nothing: str) -> Verdict:
    """The verdict on a rule whose conditions hold: the first of its type counts, or `nothing` is why none did."""
    return explain_behind(rule, context.chosen(context.rules_of(rule.type)), context, nothing)


def explain_behind(
    rule: CompiledRule,
    winner: CompiledRule | None,
    context: PricingContext,
    nothing: str,
    regions: Mapping[str, int] | None = None,
) -> Verdict:
    """The verdict on a rule, given the one of its type that counts; `regions` are those of the place, if not the delivery's."""
    if winner is None or winner is rule:
        return "nothing to charge", nothing, None
    return (*_compare(rule, winner, context.applicable.regions if regions is None else regions), winner)


def _compare(rule: CompiledRule, winner: CompiledRule, regions: Mapping[str, int]) -> tuple[RuleReason, str]:
    """Why a rule stands behind the one that counts: the first of the four that differs."""
    if regions[rule.region_key] != regions[winner.region_key]:
        return "less specific region", f"{winner.name} is for {winner.region}"
    if rule.priority != winner.priority:
        return "lower priority", f"{winner.name} has priority {winner.priority}"
    if rule.effective_from_us != winner.effective_from_us:
        return "earlier start", f"{winner.name} starts at {instant_text(winner.effective_from_us)}"
    return "later name", f"{winner.name} comes first by name"
