"""Why a quote cannot have what its price rests on, with the figures that say so.

Source: docs/spec/reservations.md#refusals.
"""

from uuid import UUID

import msgspec

from quote_service.platform.system.errors import Conflict, Fault


class ShortLine(msgspec.Struct, frozen=True):
    """A line of a quote for which there are not enough units; `requested` and `available` are of its item."""

    line: int
    product_id: UUID
    variant_id: UUID | None
    requested: int
    available: int


class StockFault(Fault, frozen=True):
    """What is short at one line."""

    product_id: UUID
    variant_id: UUID | None
    requested: int
    available: int


class CouponExhausted(Conflict):
    """`coupon_code` is the code that has no use left."""

    code = "coupon-exhausted"
    title = "Coupon exhausted"
    coupon_code: str


class OutOfStock(Conflict):
    """Each of `errors` names a line, with what the quote asks for of its item in all and what is left of it."""

    code = "out-of-stock"
    title = "Out of stock"

    def __init__(self, detail: str, *, lines: tuple[ShortLine, ...] = ()) -> None:
        faults = tuple(
            StockFault(
                f"/items/{short.line}",
                f"{short.requested} requested, {short.available} available",
                short.product_id,
                short.variant_id,
                short.requested,
                short.available,
            )
            for short in lines
        )
        super().__init__(detail, faults=faults)


class BudgetExhausted(Conflict):
    """`rule_id` is the promotion or coupon whose budget does not cover the quote's discount."""

    code = "budget-exhausted"
    title = "Budget exhausted"
    rule_id: UUID
    requested: msgspec.Raw
    available: msgspec.Raw


class QuoteAccepted(Conflict):
    """A quote that has been accepted has taken what it needs: there is nothing to reserve, and nothing to release."""

    code = "quote-accepted"
    title = "Quote already accepted"


class ReservationLimit(Conflict):
    """`limit` is how much one customer may hold at once: reservations, or units of one product or variant."""

    code = "reservation-limit"
    title = "Reservation limit reached"
    limit: int
