"""What a quote's price rests on: units of stock, coupons, and discounts that promotions have budgets for.

Amounts are whole minor units of the quote's currency.

Source: docs/spec/reservations.md.
"""

from uuid import UUID

import msgspec


class ClaimedUnits(msgspec.Struct, frozen=True):
    """Units of one line; `line` counts from 0, as the pointers of problems do."""

    line: int
    product_id: UUID
    variant_id: UUID | None
    quantity: int


class ClaimedDiscount(msgspec.Struct, frozen=True):
    """What one version of a promotion or a coupon took off the quote, delivery included."""

    rule_id: UUID
    amount_minor: int


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one quote takes; `customer_id` is None where nobody knows it, and then no coupon can be used.

    `units` are those of all lines: which of them have stock that is kept is known where they are taken. `coupon_ids` are
    the versions of the coupons that acted; `discounts` are of every rule that acted.
    """

    quote_id: UUID
    customer_id: UUID | None
    currency: str
    units: tuple[ClaimedUnits, ...]
    coupon_ids: tuple[UUID, ...]
    discounts: tuple[ClaimedDiscount, ...]


class PartBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a quote that was accepted gives back of what it has taken: units of its lines, and discounts out of budgets.

    Lines whose stock was not kept, and rules without a budget, have taken nothing and give nothing back.
    """

    quote_id: UUID
    units: dict[int, int]
    """Units by line; lines count from 0."""
    discounts: tuple[ClaimedDiscount, ...] = ()
