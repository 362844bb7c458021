"""What does not fit together within a discount: each kind has its own fields, and delivery takes only two kinds.

Source: docs/spec/pricing-rules.md#discounts; docs/spec/pricing-rules.md#coupons.
"""

from collections.abc import Iterator

import msgspec

from quote_service.platform.money.quantities import Amount, Percent, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.pricing.rule_types.discounts.fields import DiscountFields, FundedBy
from quote_service.pricing.rule_types.discounts.registry import KINDS

_KINDS_FIELDS = frozenset(name for kind in KINDS.values() for name in kind.fields)
_OWN_FIELDS = tuple(name for name in DiscountFields.__struct_fields__ if name in _KINDS_FIELDS)


class _AmountValue(msgspec.Struct):
    value: Amount


class _PercentValue(msgspec.Struct):
    value: Percent


def holds_amount_value(discount: DiscountFields) -> bool:
    """Whether `value` is money, so that the rule must name its currency."""
    return KINDS[discount.kind].is_amount


def discount_faults(discount: DiscountFields, exponent: int) -> Iterator[Fault]:
    """What is wrong with a well-formed discount; pointers are relative to its rule."""
    kind = KINDS[discount.kind]
    for name in _OWN_FIELDS:
        is_given, is_own = getattr(discount, name) is not None, name in kind.fields
        if is_given and not is_own:
            yield Fault(f"/configuration/{name}", f"does not belong to the kind {kind.name}")
        if is_own and not is_given and name not in kind.optional:
            yield Fault(f"/configuration/{name}", "is required")
    if discount.value is not None and "value" in kind.fields:
        value = _AmountValue(discount.value) if kind.is_amount else _PercentValue(discount.value)
        yield from quantity_faults(value, "/configuration", exponent)
    yield from _funding_faults(discount)
    if discount.applies_to not in kind.applies_to:
        why = kind.elsewhere or f"{kind.name} cannot apply to {discount.applies_to}"
        yield Fault("/configuration/applies_to", why)
    yield from kind.faults(discount)


def funding_of(discount: DiscountFields) -> FundedBy:
    """Who pays for a discount. One on delivery lowers a fee of the platform's, whatever a rule of old says."""
    if discount.applies_to == "delivery":
        return "platform"
    return discount.funded_by or "seller"


def _funding_faults(discount: DiscountFields) -> Iterator[Fault]:
    if discount.applies_to == "delivery" and discount.funded_by not in (None, "platform"):
        yield Fault("/configuration/funded_by", "a discount on delivery is funded by the platform")
    if discount.funded_by == "shared":
        if discount.platform_percent is None:
            yield Fault("/configuration/platform_percent", "is required when the discount is shared")
    elif discount.platform_percent is not None:
        yield Fault("/configuration/platform_percent", "belongs to a shared discount only")
