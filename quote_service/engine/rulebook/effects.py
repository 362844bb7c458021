"""What a rule does, in whole numbers: minor units, millionths of a percent, millionths of a factor.

Source: spec 4, Types and their configuration.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from quote_service.domain.money import amount_text, decimal_text
from quote_service.domain.numbers import scale_decimal
from quote_service.domain.rules.configurations import (
    AppliesTo,
    Configuration,
    Coupon,
    DeliveryFee,
    DiscountKind,
    ExpressFee,
    FreeDelivery,
    Promotion,
    SmallBasketFee,
    Tax,
)
from quote_service.domain.rules.discount_faults import holds_amount_value

_PLACES = 6
_HUNDRED_PERCENT_MICRO = 100_000_000


class DeliveryEffect(msgspec.Struct, frozen=True, gc=False):
    """Fees in minor units; per km and per kg in millionths of a major unit; free km and kg in millionths.

    `description` and `inputs` (members of a JSON object) are what its calculation says of the rule itself.
    """

    base_minor: int
    per_km_micro: int
    free_km_micro: int
    per_kg_micro: int
    free_kg_micro: int
    min_minor: int | None
    max_minor: int | None
    provider: str | None
    description: str
    inputs: str


class ExpressEffect(msgspec.Struct, frozen=True, gc=False):
    """(base + distance factor x km) x multiplier; factors in millionths; texts as for a delivery fee."""

    base_minor: int
    multiplier_micro: int
    distance_factor_micro: int
    max_minor: int | None
    description: str
    inputs: str


class SmallBasketEffect(msgspec.Struct, frozen=True, gc=False):
    threshold_minor: int
    fee_minor: int
    mode: Literal["fixed", "top_up"]


class FreeDeliveryEffect(msgspec.Struct, frozen=True, gc=False):
    min_subtotal_minor: int
    includes_express: bool
    max_distance_micro: int | None


class TaxEffect(msgspec.Struct, frozen=True, gc=False):
    """Rates in millionths of a percent, by category where it has one of its own."""

    rate_micro: int
    is_inclusive: bool
    category_rates_micro: dict[str, int]
    applies_to_delivery: bool
    applies_to_small_basket: bool


class DiscountEffect(msgspec.Struct, frozen=True):
    """A promotion or a coupon. `value` is millionths of a percent or minor units, by kind.

    `platform_micro` is the platform's share of the discount in millionths of a percent; limits of None are open.
    """

    kind: DiscountKind
    value: int
    max_minor: int | None
    applies_to: AppliesTo
    platform_micro: int
    buy: int
    get: int
    tiers: tuple[tuple[int, int], ...]
    is_exclusive: bool
    code: str | None
    is_combinable: bool
    usage_limit: int | None
    usage_limit_per_customer: int | None


Effect = DeliveryEffect | ExpressEffect | SmallBasketEffect | FreeDeliveryEffect | TaxEffect | DiscountEffect


def fold_code(code: str) -> str:
    """The form in which coupon codes are compared: trimmed and case-folded."""
    return code.strip().casefold()


def compile_effect(configuration: Configuration, exponent: int) -> Effect:
    """The effect of a configuration whose amounts are in a currency of so many minor digits."""
    match configuration:
        case DeliveryFee() as fee:
            return DeliveryEffect(
                base_minor=scale_decimal(fee.base_fee, exponent),
                per_km_micro=scale_decimal(fee.per_km, _PLACES),
                free_km_micro=scale_decimal(fee.free_km, _PLACES),
                per_kg_micro=scale_decimal(fee.per_kg, _PLACES),
                free_kg_micro=scale_decimal(fee.free_kg, _PLACES),
                min_minor=_optional(fee.min_fee, exponent),
                max_minor=_optional(fee.max_fee, exponent),
                provider=fee.provider,
                description=_delivery_description(fee, exponent),
                inputs=_delivery_inputs(fee, exponent),
            )
        case ExpressFee() as fee:
            return ExpressEffect(
                base_minor=scale_decimal(fee.base_fee, exponent),
                multiplier_micro=scale_decimal(fee.multiplier, _PLACES),
                distance_factor_micro=scale_decimal(fee.distance_factor, _PLACES),
                max_minor=_optional(fee.max_fee, exponent),
                description=f"express (base {_amount(fee.base_fee, exponent)} + {_factor(fee.distance_factor)} a km)",
                inputs=_members(
                    ("base_fee", _amount(fee.base_fee, exponent)),
                    ("distance_factor", _factor(fee.distance_factor)),
                    ("max_fee", _amount(fee.max_fee, exponent) if fee.max_fee is not None else None),
                ),
            )
        case SmallBasketFee() as fee:
            return SmallBasketEffect(scale_decimal(fee.threshold, exponent), scale_decimal(fee.fee, exponent), fee.mode)
        case FreeDelivery() as free:
            return FreeDeliveryEffect(
                min_subtotal_minor=_optional(free.min_subtotal, exponent) or 0,
                includes_express=free.includes_express,
                max_distance_micro=_optional(free.max_distance_km, _PLACES),
            )
        case Tax() as tax:
            return TaxEffect(
                rate_micro=scale_decimal(tax.rate, _PLACES),
                is_inclusive=tax.inclusive,
                category_rates_micro={
                    str(key): scale_decimal(rate, _PLACES) for key, rate in tax.category_rates.items()
                },
                applies_to_delivery=tax.applies_to_delivery,
                applies_to_small_basket=tax.applies_to_small_basket,
            )
        case Promotion() as discount:
            return _compile_discount(discount, exponent)


def _delivery_description(fee: DeliveryFee, exponent: int) -> str:
    parts = [f"base {_amount(fee.base_fee, exponent)}"]
    if fee.per_km:
        parts.append(f"{_factor(fee.per_km)} a km")
    if fee.per_kg:
        parts.append(f"{_factor(fee.per_kg)} a kg")
    return " + ".join(parts)


def _delivery_inputs(fee: DeliveryFee, exponent: int) -> str:
    return _members(
        ("base_fee", _amount(fee.base_fee, exponent)),
        ("per_km", fee.per_km and _factor(fee.per_km)),
        ("free_km", fee.per_km and _factor(fee.free_km)),
        ("per_kg", fee.per_kg and _factor(fee.per_kg)),
        ("free_kg", fee.per_kg and _factor(fee.free_kg)),
        ("min_fee", _amount(fee.min_fee, exponent) if fee.min_fee is not None else None),
        ("max_fee", _amount(fee.max_fee, exponent) if fee.max_fee is not None else None),
    )


def _members(*named: tuple[str, str | Decimal | None]) -> str:
    """The members of a JSON object, without those that play no part (None, or a factor of 0)."""
    return ",".join(f'"{name}":{literal}' for name, literal in named if isinstance(literal, str))


def _amount(amount: Decimal, exponent: int) -> str:
    return amount_text(scale_decimal(amount, exponent), exponent)


def _factor(factor: Decimal) -> str:
    return decimal_text(scale_decimal(factor, _PLACES), _PLACES)


def _compile_discount(discount: Promotion, exponent: int) -> DiscountEffect:
    percent_micro = scale_decimal(discount.percent, _PLACES) if discount.percent is not None else _HUNDRED_PERCENT_MICRO
    value_places = exponent if holds_amount_value(discount) else _PLACES
    platform_micro = {
        "seller": 0,
        "platform": _HUNDRED_PERCENT_MICRO,
        "shared": _optional(discount.platform_percent, _PLACES) or 0,
    }[discount.funded_by]
    coupon = discount if isinstance(discount, Coupon) else None
    return DiscountEffect(
        kind=discount.kind,
        value=scale_decimal(discount.value, value_places) if discount.value is not None else percent_micro,
        max_minor=_optional(discount.max_discount, exponent),
        applies_to=discount.applies_to,
        platform_micro=platform_micro,
        buy=discount.buy or 0,
        get=discount.get or 0,
        tiers=tuple(
            (scale_decimal(tier.reached, exponent), scale_decimal(tier.percent, _PLACES))
            for tier in discount.tiers or ()
        ),
        is_exclusive=discount.exclusive,
        code=fold_code(coupon.code) if coupon else None,
        is_combinable=coupon.combinable if coupon else True,
        usage_limit=coupon.usage_limit if coupon else None,
        usage_limit_per_customer=coupon.usage_limit_per_customer if coupon else None,
    )


def _optional(number: Decimal | None, places: int) -> int | None:
    return None if number is None else scale_decimal(number, places)
