"""What the routes of reservations are sent, and what they answer.

Source: docs/spec/reservations.md#reserving.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import read_value
from quote_service.quotes.routes.bodies import QuoteToAccept
from quote_service.shop.reservations.model.reservation import Reservation, ReservationStatus

_SECONDS_MAX = 86_400
HoldSeconds = Annotated[int, msgspec.Meta(ge=1, le=_SECONDS_MAX)]


class QuoteToReserve(QuoteToAccept, frozen=True, forbid_unknown_fields=True):
    """All optional, as for accepting; `hold_seconds` is how long what the price rests on is to be held."""

    hold_seconds: HoldSeconds | None = None
    """How long to hold, in seconds; null for as long as may be. The hold ends with the quote, and after
    `QUOTE_HOLD_SECONDS_MAX`, if that is earlier.
    """


class ReservationView(msgspec.Struct, frozen=True, kw_only=True):
    """A quote's reservation."""

    quote_id: UUID
    """The quote."""
    status: ReservationStatus
    """`held`; `taken` since the quote was accepted; `released`; or `expired`."""
    reserved_at: datetime
    """When the quote was reserved."""
    held_until: datetime
    """When the hold ends, or would have ended."""
    ended_at: datetime | None
    """When the quote was accepted or released, or what it held was given back; null until then."""


class _Seconds(msgspec.Struct, frozen=True):
    hold_seconds: HoldSeconds | None = None


def read_seconds(given: Any, seconds_max: int) -> int:
    """How long to hold.

    Raises:
        Invalid: It is no number of seconds that can be.
    """
    asked = read_value({"hold_seconds": given}, _Seconds).hold_seconds
    return seconds_max if asked is None else min(asked, seconds_max)


def view_of(reservation: Reservation) -> ReservationView:
    """A reservation as it is shown; one that is over is shown as expired before it is given back."""
    is_over = reservation.status == "held" and reservation.is_over
    return ReservationView(
        quote_id=reservation.quote_id,
        status="expired" if is_over else reservation.status,
        reserved_at=reservation.reserved_at,
        held_until=reservation.held_until,
        ended_at=reservation.ended_at,
    )
