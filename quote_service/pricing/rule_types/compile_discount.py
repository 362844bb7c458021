"""What a promotion or a coupon does, in whole numbers.

Source: docs/spec/pricing-rules.md#discounts.
"""

from quote_service.platform.money.numbers import scale_decimal
from quote_service.pricing.rule_types.discount_faults import funding_of, holds_amount_value
from quote_service.pricing.rule_types.discounts.fields import BundleItem, DiscountFields
from quote_service.pricing.rule_types.discounts.kind import BundleSlot, DiscountEffect
from quote_service.pricing.rule_types.discounts.registry import KINDS
from quote_service.pricing.rule_types.scaled import PLACES, optional_scaled

_HUNDRED_PERCENT_MICRO = 100_000_000


def compile_discount(discount: DiscountFields, exponent: int) -> DiscountEffect:
    """The effect of a discount that no code calls for, with amounts in a currency of so many minor digits."""
    percent_micro = scale_decimal(discount.percent, PLACES) if discount.percent is not None else _HUNDRED_PERCENT_MICRO
    value_places = exponent if holds_amount_value(discount) else PLACES
    platform_micro = {
        "seller": 0,
        "platform": _HUNDRED_PERCENT_MICRO,
        "shared": optional_scaled(discount.platform_percent, PLACES) or 0,
    }[funding_of(discount)]
    return DiscountEffect(
        kind=KINDS[discount.kind],
        value=scale_decimal(discount.value, value_places) if discount.value is not None else percent_micro,
        max_minor=optional_scaled(discount.max_discount, exponent),
        applies_to=discount.applies_to,
        platform_micro=platform_micro,
        buy=discount.buy or 0,
        get=discount.get or 0,
        tiers=tuple(
            (scale_decimal(tier.reached, exponent), scale_decimal(tier.percent, PLACES))
            for tier in discount.tiers or ()
        ),
        slots=tuple(map(_slot, discount.items or ())),
        sets_max=discount.max_sets,
        is_exclusive=discount.exclusive is not False,
        excludes_all=discount.exclusive == "all",
        code=None,
        is_combinable=True,
        with_promotions=True,
        respects_min_price=discount.respects_min_price,
        usage_limit=None,
        usage_limit_per_customer=None,
        budget_minor=optional_scaled(discount.budget, exponent),
        budget_per_customer_minor=optional_scaled(discount.budget_per_customer, exponent),
    )


def _slot(item: BundleItem) -> BundleSlot:
    if item.product_ids is not None:
        return BundleSlot("product_ids", frozenset(map(str, item.product_ids)), item.quantity)
    if item.category_ids is not None:
        return BundleSlot("category_ids", frozenset(map(str, item.category_ids)), item.quantity)
    return BundleSlot("tags_any", frozenset(item.tags_any or ()), item.quantity)
