"""Promotions, or a coupon that stands without them: whichever way costs the customer less.

Source: docs/spec/pricing-rules.md#coupons; docs/decisions/exclusive-discounts.md.
"""

from quote_service.platform.money.amounts import amount_text
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import Warning
from quote_service.pricing.rule_types.discounts.kind import DiscountEffect


def choose_promotions(with_promotions: PricingContext, without: PricingContext) -> PricingContext:
    """The way that counts, with why the other does not.

    Args:
        with_promotions: Priced so, and some coupon was kept out.
        without: The same basket, priced without promotions. Both as far as the total.
    """
    index = _lone_coupon(without)
    # A discount on delivery may have found no fee to lower, so ask what acted in the end.
    acted = any(
        rule.choice == "all" and isinstance(rule.effect, DiscountEffect) for rule in with_promotions.applied_rules
    )
    if index is None or (acted and with_promotions.total_minor <= without.total_minor):
        with_promotions.other_way = without
        _say_why_rejected(with_promotions, without)
        return with_promotions
    without.other_way = with_promotions
    if acted:
        exponent = without.exponent
        total, instead_of = (amount_text(way.total_minor, exponent) for way in (without, with_promotions))
        detail = (
            f"a coupon that stands without promotions makes the total {total}; with promotions it would be {instead_of}"
        )
        without.warnings.append(Warning("promotions_excluded", detail, f"/coupon_codes/{index}"))
    return without


def _lone_coupon(context: PricingContext) -> int | None:
    """The place of the first coupon that acted and stands without promotions."""
    for index, outcome in enumerate(context.coupons):
        effect = outcome.rule.effect if outcome.rule is not None else None
        if isinstance(effect, DiscountEffect) and not effect.with_promotions:
            return index
    return None


def _say_why_rejected(with_promotions: PricingContext, without: PricingContext) -> None:
    """A coupon that would not act without promotions either is rejected for what stops it there."""
    for outcome, other in zip(with_promotions.coupons, without.coupons, strict=True):
        if outcome.reason == "not_with_promotions" and other.reason is not None:
            outcome.reason, outcome.excluded_by = other.reason, other.excluded_by
