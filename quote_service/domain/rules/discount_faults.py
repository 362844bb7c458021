"""What does not fit together within a discount: each kind has its own fields, and delivery takes only three kinds.

Source: spec 4, PROMOTION and COUPON.
"""

from collections.abc import Iterator

import msgspec

from quote_service.domain.errors import Fault
from quote_service.domain.quantities import Amount, Percent, quantity_faults
from quote_service.domain.rules.configurations import Promotion

_AMOUNT_KINDS = ("amount", "fixed_price")
_OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "percent": ("value",),
    "amount": ("value",),
    "fixed_price": ("value",),
    "buy_x_get_y": ("buy", "get", "percent"),
    "tiered_percent": ("tiers",),
}
_OPTIONAL = ("percent",)  # buy_x_get_y: without it the units got are free


class _AmountValue(msgspec.Struct):
    value: Amount


class _PercentValue(msgspec.Struct):
    value: Percent


def holds_amount_value(discount: Promotion) -> bool:
    """Whether `value` is money, so that the rule must name its currency."""
    return discount.kind in _AMOUNT_KINDS


def discount_faults(discount: Promotion, exponent: int) -> Iterator[Fault]:
    """What is wrong with a well-formed discount; pointers are relative to its rule."""
    own = _OWN_FIELDS[discount.kind]
    for name in ("value", "buy", "get", "percent", "tiers"):
        is_given = getattr(discount, name) is not None
        if is_given and name not in own:
            yield Fault(f"/configuration/{name}", f"does not belong to the kind {discount.kind}")
        if not is_given and name in own and name not in _OPTIONAL:
            yield Fault(f"/configuration/{name}", "is required")
    if discount.value is not None and "value" in own:
        value = _AmountValue(discount.value) if holds_amount_value(discount) else _PercentValue(discount.value)
        yield from quantity_faults(value, "/configuration", exponent)
    yield from _funding_faults(discount)
    if discount.applies_to == "delivery" and "value" not in own:
        yield Fault("/configuration/applies_to", f"{discount.kind} cannot apply to delivery")
    reached = [tier.reached for tier in discount.tiers or ()]
    for place in range(1, len(reached)):
        if reached[place] <= reached[place - 1]:
            yield Fault(f"/configuration/tiers/{place}/from", "tiers must ascend")


def _funding_faults(discount: Promotion) -> Iterator[Fault]:
    if discount.funded_by == "shared":
        if discount.platform_percent is None:
            yield Fault("/configuration/platform_percent", "is required when the discount is shared")
    elif discount.platform_percent is not None:
        yield Fault("/configuration/platform_percent", "belongs to a shared discount only")
