"""Why each pricing rule counted for a quote, or did not.

Coupons are considered where their code was sent, and not otherwise: nobody learns a code from an explanation.

Source: spec 2, explain; spec 4, Versions and Which rule counts.
"""

from collections.abc import Iterator, Sequence

from quote_service.domain.explanation import RuleReason, RuleVerdict
from quote_service.domain.instants import instant_text
from quote_service.domain.quote import CouponOutcome, CouponReason
from quote_service.domain.rules.configurations import Coupon
from quote_service.domain.rules.rule import read_configuration
from quote_service.domain.stored import StoredRule
from quote_service.engine.explain.conditions_missed import conditions_missed
from quote_service.engine.pricing.worksheet import Worksheet
from quote_service.engine.rulebook.compiled_rule import CompiledRule, compile_rule
from quote_service.engine.rulebook.effects import DiscountEffect, fold_code
from quote_service.engine.rulebook.rulebook import Rulebook

_OF_COUPONS: dict[CouponReason, RuleReason] = {
    "exhausted": "exhausted",
    "not_combinable": "not combinable",
    "nothing_to_discount": "nothing to discount",
    "conditions_not_met": "condition not met",
    "other_region": "other region",
    "other_currency": "other currency",
}
Verdict = tuple[RuleReason, str | None, CompiledRule | None]


def explain_rules(
    rulebook: Rulebook, rows: Sequence[StoredRule], sheet: Worksheet, at_us: int
) -> Iterator[RuleVerdict]:
    """What became of each rule.

    Args:
        rulebook: Made of the rows.
        rows: Every rule of the version, switched off or not.
        sheet: The quote, priced by the rulebook.
        at_us: The quote's instant.
    """
    newest = _newest_in_force(rulebook, at_us)
    for row in rows:
        known = rulebook.rules.get(row.id)
        rule = known.compiled if known else compile_rule(row, read_configuration(row.draft))
        if not _is_considered(row, sheet):
            continue
        reason, detail, winner = _judge(row, rule, newest.get(rule.name), sheet, at_us)
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


def _is_considered(row: StoredRule, sheet: Worksheet) -> bool:
    if row.draft.type != "COUPON":
        return True
    configuration = read_configuration(row.draft)
    codes = {fold_code(code) for code in sheet.basket.coupon_codes or ()}
    return isinstance(configuration, Coupon) and fold_code(configuration.code) in codes


def _newest_in_force(rulebook: Rulebook, at_us: int) -> dict[str, CompiledRule]:
    newest: dict[str, CompiledRule] = {}
    for known in rulebook.rules.values():
        rule = known.compiled
        if rule.effective_from_us <= at_us < rule.effective_to_us:
            held = newest.get(rule.name)
            if held is None or rule.version > held.version:
                newest[rule.name] = rule
    return newest


def _judge(row: StoredRule, rule: CompiledRule, newest: CompiledRule | None, sheet: Worksheet, at_us: int) -> Verdict:
    if rule in sheet.applied_rules:
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
    if rule.region_key not in sheet.place.regions:
        return "other region", f"{rule.region} does not contain the delivery address", None
    if rule.currency is not None and rule.currency != sheet.basket.currency:
        return "other currency", f"it is for {rule.currency}", None
    if rule.type == "EXPRESS_FEE" and not sheet.is_express:
        return "not an express delivery", None, None
    missed = conditions_missed(rule, row.draft.conditions, sheet)
    if missed:
        return "condition not met", "; ".join(missed), None
    if rule.type == "COUPON":
        return _coupon(rule, sheet)
    if rule.type == "PROMOTION":
        return _promotion(rule, sheet)
    return _single(rule, sheet)


def _coupon(rule: CompiledRule, sheet: Worksheet) -> Verdict:
    outcome = _outcome(rule, sheet)
    if outcome is None or outcome.rule is not None:
        other: CompiledRule | None = outcome.rule if outcome else None
        return "another coupon of this code acted", None, other
    reason = _OF_COUPONS.get(outcome.reason) if outcome.reason else None
    return reason or "condition not met", f"the coupon was rejected: {outcome.reason}", None


def _outcome(rule: CompiledRule, sheet: Worksheet) -> CouponOutcome | None:
    assert isinstance(rule.effect, DiscountEffect)
    return next((each for each in sheet.coupons if fold_code(each.code) == rule.effect.code), None)


def _promotion(rule: CompiledRule, sheet: Worksheet) -> Verdict:
    for earlier in sheet.place.promotions:
        if earlier is rule:
            break
        effect = earlier.effect
        if isinstance(effect, DiscountEffect) and effect.is_exclusive and earlier in sheet.applied_rules:
            return "stopped by an exclusive rule", f"{earlier.name} is exclusive", earlier
    return "nothing to discount", None, None


def _single(rule: CompiledRule, sheet: Worksheet) -> Verdict:
    place = sheet.place
    express = sheet.chosen(place.express_fees) if sheet.is_express else None
    if rule.type == "DELIVERY_FEE" and express is not None:
        return "replaced by the express fee", f"{express.name} is charged", express
    rivals = {
        "DELIVERY_FEE": place.delivery_fees,
        "EXPRESS_FEE": place.express_fees,
        "SMALL_BASKET_FEE": place.small_basket_fees,
        "FREE_DELIVERY": place.free_deliveries,
        "TAX": place.taxes,
    }[rule.type]
    if rule.type == "TAX":
        winner = next((rival for rival in rivals if rival in sheet.applied_rules), None)
    else:
        winner = sheet.chosen(rivals)
    if winner is None or winner is rule:
        return "nothing to charge", _what_for(rule), None
    return (*_compare(rule, winner, sheet), winner)


def _what_for(rule: CompiledRule) -> str:
    return {
        "SMALL_BASKET_FEE": "the subtotal reaches its threshold",
        "FREE_DELIVERY": "there is no fee to free, or the basket is too small, too far, or express",
        "TAX": "there is nothing that it taxes",
    }.get(rule.type, "there is no fee")


def _compare(rule: CompiledRule, winner: CompiledRule, sheet: Worksheet) -> tuple[RuleReason, str]:
    """Why a rule stands behind the one that counts: the first of the four that differs."""
    regions = sheet.place.regions
    if regions[rule.region_key] != regions[winner.region_key]:
        return "less specific region", f"{winner.name} is for {winner.region}"
    if rule.priority != winner.priority:
        return "lower priority", f"{winner.name} has priority {winner.priority}"
    if rule.effective_from_us != winner.effective_from_us:
        return "earlier start", f"{winner.name} starts at {instant_text(winner.effective_from_us)}"
    return "later name", f"{winner.name} comes first by name"
