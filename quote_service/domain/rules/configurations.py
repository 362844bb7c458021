"""What each type of pricing rule is configured with: one struct a type, refused on write if it does not fit.

Source: spec 4, Types and their configuration.
"""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.domain.numbers import ExactNumber
from quote_service.domain.quantities import Amount, Factor, Percent

ZERO = ExactNumber(0)
ONE = ExactNumber(1)
HUNDRED = ExactNumber(100)

DiscountKind = Literal["percent", "amount", "fixed_price", "buy_x_get_y", "tiered_percent"]
AppliesTo = Literal["basket", "lines", "delivery"]
FundedBy = Literal["seller", "platform", "shared"]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Units = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class _Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class DeliveryFee(_Configuration, frozen=True, kw_only=True):
    """base_fee + per_km x km past free_km + per_kg x kg past free_kg, clamped to min_fee and max_fee."""

    base_fee: Amount
    per_km: Factor = ZERO
    free_km: Factor = ZERO
    per_kg: Factor = ZERO
    free_kg: Factor = ZERO
    min_fee: Amount | None = None
    max_fee: Amount | None = None
    provider: ShortText | None = None


class ExpressFee(_Configuration, frozen=True, kw_only=True):
    """(base_fee + distance_factor x km) x multiplier, at most max_fee."""

    base_fee: Amount
    multiplier: Factor = ONE
    distance_factor: Factor = ZERO
    max_fee: Amount | None = None


class SmallBasketFee(_Configuration, frozen=True, kw_only=True):
    """`fee` below `threshold`; `top_up` never charges more than what is missing to it."""

    threshold: Amount
    fee: Amount
    mode: Literal["fixed", "top_up"] = "fixed"


class FreeDelivery(_Configuration, frozen=True, kw_only=True):
    """No delivery fee from `min_subtotal` on, within `max_distance_km`; express only with `includes_express`."""

    min_subtotal: Amount | None = None
    includes_express: bool = False
    max_distance_km: Factor | None = None


class Tax(_Configuration, frozen=True, kw_only=True):
    """`rate` percent of each line's net amount, or the rate of its category; fees are taxed at `rate`."""

    rate: Percent
    inclusive: bool = False
    category_rates: dict[UUID, Percent] = {}
    applies_to_delivery: bool = False
    applies_to_small_basket: bool = False


class DiscountTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`percent` from a covered sum of `reached` (on the wire `from`) on."""

    reached: Amount = msgspec.field(name="from")
    percent: Percent


class Promotion(_Configuration, frozen=True, kw_only=True):
    """A discount over the lines that satisfy the conditions; `value` is a percentage, or an amount, by `kind`."""

    kind: DiscountKind
    value: ExactNumber | None = None
    max_discount: Amount | None = None
    applies_to: AppliesTo = "basket"
    funded_by: FundedBy = "seller"
    platform_percent: Percent | None = None
    buy: Units | None = None
    get: Units | None = None
    percent: Percent | None = None
    tiers: Annotated[list[DiscountTier], msgspec.Meta(min_length=1, max_length=100)] | None = None
    exclusive: bool = False


class Coupon(Promotion, frozen=True, kw_only=True):
    """A promotion that acts when its code is in the request; limits of None are open."""

    code: ShortText
    usage_limit: Units | None = None
    usage_limit_per_customer: Units | None = None
    combinable: bool = True


Configuration = DeliveryFee | ExpressFee | SmallBasketFee | FreeDelivery | Tax | Promotion | Coupon
