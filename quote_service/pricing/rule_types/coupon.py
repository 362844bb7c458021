"""COUPON: a discount for whoever sends its code.

Source: docs/spec/pricing-rules.md#coupons.
"""

from collections.abc import Iterator

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.explain.both_ways import both_totals
from quote_service.pricing.explain.verdict import RuleReason, Verdict
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import CouponOutcome, CouponReason, fold_code
from quote_service.pricing.rule_types.compile_discount import compile_discount
from quote_service.pricing.rule_types.configuration import ShortText, Units
from quote_service.pricing.rule_types.discount_faults import discount_faults
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect
from quote_service.pricing.rule_types.promotion import (
    Promotion,
    discount_borders,
    discount_holds_money,
    held_at_minimum,
    over_budget,
    why_no_discount,
)
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_OF_COUPONS: dict[CouponReason, RuleReason] = {
    "exhausted": "exhausted",
    "not_combinable": "not combinable",
    "nothing_to_discount": "nothing to discount",
    "conditions_not_met": "condition not met",
    "other_region": "other region",
    "other_currency": "other currency",
}


class Coupon(Promotion, frozen=True, kw_only=True):
    """A promotion that acts when its code is in the request; a limit of null is no limit.

    Without `combinable` it stands alone among coupons; without `with_promotions` it acts in place of the promotions,
    where that costs the customer less.
    """

    code: ShortText
    """The code that a customer enters; compared without surrounding spaces and without regard to case."""
    usage_limit: Units | None = None
    """How many accepted quotes may use the coupon in all; null for no limit."""
    usage_limit_per_customer: Units | None = None
    """How many accepted quotes of one customer may use the coupon; null for no limit."""
    combinable: bool = True
    """Whether the coupon may be used together with other coupons."""
    with_promotions: bool = True
    """Whether promotions act beside the coupon. Without, either it or the promotions count, whichever costs the customer
    less.
    """


def _compile(coupon: Coupon, exponent: int) -> DiscountEffect:
    return msgspec.structs.replace(
        compile_discount(coupon, exponent),
        code=fold_code(coupon.code),
        is_combinable=coupon.combinable,
        with_promotions=coupon.with_promotions,
        usage_limit=coupon.usage_limit,
        usage_limit_per_customer=coupon.usage_limit_per_customer,
    )


def _faults(coupon: Coupon, exponent: int) -> Iterator[Fault]:
    yield from discount_faults(coupon, exponent)
    if not coupon.code.strip():
        yield Fault("/configuration/code", "must not be blank: codes compare trimmed")


def _code(effect: DiscountEffect) -> str | None:
    return effect.code


def _explain(rule: CompiledRule, context: PricingContext) -> Verdict | None:
    outcome = _outcome(rule, context)
    if outcome is None or outcome.rule is not None:
        other: CompiledRule | None = outcome.rule if outcome else None
        return "another coupon of this code acted", None, other
    if outcome.reason == "excluded":
        winner: CompiledRule = outcome.excluded_by
        return "stopped by an exclusive rule", f"{winner.name} excludes all other discounts", winner
    if outcome.reason == "not_with_promotions":
        return "not with promotions", both_totals(context), None
    if outcome.reason == "budget_used_up":
        left_out = over_budget(rule, context)
        if left_out is not None:
            return left_out
    held = held_at_minimum(rule, context)
    if held is not None:
        return "nothing to discount", held, None
    reason = _OF_COUPONS.get(outcome.reason) if outcome.reason else None
    return reason or "condition not met", f"the coupon was rejected: {outcome.reason}", None


def _outcome(rule: CompiledRule, context: PricingContext) -> CouponOutcome | None:
    return next((each for each in context.coupons if fold_code(each.code) == rule.code), None)


RULE_TYPE = DeclaredRuleType(
    name="COUPON",
    choice="by code",
    configuration=Coupon,
    compile=_compile,
    faults=_faults,
    holds_money=discount_holds_money,
    code=_code,
    explain=_explain,
    borders=discount_borders,
    why_never=why_no_discount,
)
