"""A quote that keeps what its price rests on, as it is stored.

Source: docs/spec/reservations.md.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

ReservationStatus = Literal["held", "taken", "released", "expired"]


class Hold(msgspec.Struct, frozen=True):
    """How long a quote is to be reserved: so many seconds, and no longer than the quote lasts."""

    seconds: int
    ends_at: datetime


class HoldLimits(msgspec.Struct, frozen=True):
    """What one customer may hold at once: so many reservations, and so many units of one item."""

    reservations_max: int
    units_max: int


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation; the coupons are those of which it holds a use each, or held one."""

    quote_id: UUID
    customer_id: UUID | None
    status: ReservationStatus
    coupon_rules: list[str]
    coupon_codes: list[str]
    reserved_at: datetime
    held_until: datetime
    ended_at: datetime | None
    is_over: bool
    """Whether `held_until` has passed, by the clock of PostgreSQL; what it holds is given back soon after."""
