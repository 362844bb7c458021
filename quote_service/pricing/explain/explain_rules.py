"""Why each pricing rule counted for a quote, or did not.

Coupons are considered where their code was sent, and not otherwise: nobody learns a code from an explanation.

Source: docs/spec/quotes.md#explain-a-quote; docs/spec/pricing-rules.md#versions;
docs/spec/pricing-rules.md#which-rule-counts.
"""

from collections.abc import Iterator, Sequence

from quote_service.platform.system.instants import instant_text
from quote_service.pricing.catalog.category_tree import CategoryTree
from quote_service.pricing.explain.conditions_missed import conditions_missed
from quote_service.pricing.explain.explain_price_rule import explain_price_rule
from quote_service.pricing.explain.explanation import RuleVerdict
from quote_service.pricing.explain.first_of_type import explain_first
from quote_service.pricing.explain.verdict import Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import fold_code
from quote_service.pricing.rule_types.registry import RULE_TYPES
from quote_service.pricing.rulebook.compile_rule import compile_rule
from quote_service.pricing.rulebook.compiled_rule import CompiledRule
from quote_service.pricing.rulebook.rule import read_configuration
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.rules_of_sellers import place_of
from quote_service.pricing.rulebook.stored import StoredRule


def explain_rules(
    rulebook: Rulebook, rows: Sequence[StoredRule], context: PricingContext, at_us: int
) -> Iterator[RuleVerdict]:
    """What became of each rule.

    Args:
        rulebook: Made of the rows.
        rows: Every rule of the version, switched off or not.
        context: The quote, priced by the rulebook.
        at_us: The quote's instant.
    """
    newest = _newest_in_force(rulebook, at_us)
    tree = CategoryTree(rulebook.catalog.parents)
    for row in rows:
        known = rulebook.rules.get(row.id)
        rule = known.compiled if known else compile_rule(row, read_configuration(row.draft), tree)
        if not _is_considered(rule, context):
            continue
        reason, detail, winner = _judge(row, rule, newest.get(rule.name), context, at_us)
        yield RuleVerdict(
            id=rule.id,
            name=rule.name,
            version=rule.version,
            type=rule.type,
            region=rule.region,
            currency=rule.currency,
            priority=rule.priority,
            won=reason == "applied",
            reason=reason,
            detail=detail,
            beaten_by=winner.id if winner is not None else None,
        )


def _is_considered(rule: CompiledRule, context: PricingContext) -> bool:
    """Coupons are judged where their code was sent."""
    return rule.code is None or rule.code in {fold_code(code) for code in context.basket.coupon_codes or ()}


def _has_seller_there(rule: CompiledRule, context: PricingContext) -> bool:
    of_sellers = context.period.of_sellers
    assert of_sellers is not None, "the rule is in force"
    places = (place_of(context.seller_regions, context.basket, payout.seller_id) for payout in context.payouts)
    return any(rule.region_key in of_sellers.regions(place) for place in places)


def _newest_in_force(rulebook: Rulebook, at_us: int) -> dict[str, CompiledRule]:
    newest: dict[str, CompiledRule] = {}
    for known in rulebook.rules.values():
        rule = known.compiled
        if rule.effective_from_us <= at_us < rule.effective_to_us:
            held = newest.get(rule.name)
            if held is None or rule.version > held.version:
                newest[rule.name] = rule
    return newest


def _judge(
    row: StoredRule, rule: CompiledRule, newest: CompiledRule | None, context: PricingContext, at_us: int
) -> Verdict:
    if rule in context.applied_rules:
        return "applied", None, None
    if not row.draft.is_active:
        return "switched off", None, None
    if at_us < rule.effective_from_us:
        return "not effective yet", f"starts at {instant_text(rule.effective_from_us)}", None
    if at_us >= rule.effective_to_us:
        return "ended", f"ended at {instant_text(rule.effective_to_us)}", None
    if newest is not None and newest is not rule:
        return "superseded by a newer version", f"version {newest.version} counts", newest
    if rule.window is not None and not rule.window.is_open(at_us):
        return "window closed", "its weekdays or times of day do not hold the quote's instant", None
    if rule.is_by_seller:
        if not _has_seller_there(rule, context):
            return "other region", f"no seller of the basket is in {rule.region}", None
    elif rule.region_key not in context.applicable.regions:
        return "other region", f"{rule.region} does not contain the delivery address", None
    if rule.currency is not None and rule.currency != context.basket.currency:
        return "other currency", f"it is for {rule.currency}", None
    if rule.is_for_express and not context.is_express:
        return "not an express delivery", None, None
    missed = conditions_missed(rule, row.draft.conditions, context)
    if missed:
        return "condition not met", "; ".join(missed), None
    declared = RULE_TYPES[rule.type]
    if declared.adjusts_price is not None:
        return explain_price_rule(rule, declared.adjusts_price, context)
    return declared.explain(rule, context) or explain_first(rule, context, declared.nothing)
