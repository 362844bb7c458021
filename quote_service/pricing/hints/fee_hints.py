"""Fees that end from a subtotal on: free delivery, and the fee for a small basket.

Source: docs/spec/hints.md#contents.
"""

from collections.abc import Iterator

from quote_service.pricing.hints.candidate import Candidate
from quote_service.pricing.hints.hint import Change
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Quote
from quote_service.pricing.rule_types.free_delivery import FreeDeliveryEffect
from quote_service.pricing.rule_types.small_basket_fee import SmallBasketEffect
from quote_service.pricing.rulebook.compiled_rule import CompiledRule


def fee_candidates(now: PricingContext) -> Iterator[Candidate]:
    """The fees of a quote that more goods would end."""
    if now.delivery_fee_minor:
        for rule in now.rules_of("FREE_DELIVERY"):
            effect = rule.effect
            if isinstance(effect, FreeDeliveryEffect) and (effect.includes_express or not now.is_express):
                threshold_minor = max(effect.min_subtotal_minor, rule.min_subtotal_minor or 0)
                if threshold_minor > now.subtotal_minor and _may_count(now, rule):
                    yield _free_delivery(now, rule, threshold_minor)
    if now.small_basket_fee_minor:
        for each in now.calculations:
            if each.step == "small_basket" and isinstance(each.rule.effect, SmallBasketEffect):
                yield _small_basket(now, each.rule, each.rule.effect.threshold_minor)


def _may_count(now: PricingContext, rule: CompiledRule) -> bool:
    """Whether the conditions hold that more goods change nothing about."""
    return (rule.shopper_test is None or rule.shopper_test(now)) and (
        rule.line_test is None or any(map(rule.line_test, now.lines))
    )


def _free_delivery(now: PricingContext, rule: CompiledRule, threshold_minor: int) -> Candidate:
    def is_free(then: Quote) -> bool:
        return any(each.rule is rule and each.step == "free_delivery" for each in then.calculations)

    return Candidate(
        code="free_delivery",
        rule=rule,
        change=Change(amount_minor=threshold_minor - now.subtotal_minor),
        worth_minor=now.delivery_fee_minor,
        comes_true=is_free,
        lacking=lambda then: threshold_minor - then.subtotal_minor,
        gives="gives free delivery",
    )


def _small_basket(now: PricingContext, rule: CompiledRule, threshold_minor: int) -> Candidate:
    fee_minor = now.small_basket_fee_minor
    return Candidate(
        code="small_basket_fee",
        rule=rule,
        change=Change(amount_minor=threshold_minor - now.subtotal_minor),
        worth_minor=fee_minor,
        comes_true=lambda then: then.small_basket_fee_minor < fee_minor,
        lacking=lambda then: threshold_minor - then.subtotal_minor,
        gives="saves the small-basket fee",
    )
