"""A reservation as it is told to whoever asks what is held about a customer.

Source: docs/spec/customers.md#export.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.shop.reservations.model.reservation import ReservationStatus


class CustomerReservation(msgspec.Struct, frozen=True, kw_only=True):
    """A quote that was reserved for the customer."""

    quote_id: UUID
    """The quote."""
    status: ReservationStatus
    """`held`, `taken` since the quote was accepted, `released` or `expired`."""
    coupon_codes: list[str]
    """The coupons of which it holds or held a use."""
    reserved_by: str
    """Id of the user or API key who reserved it."""
    reserved_at: datetime
    """When the quote was reserved."""
    held_until: datetime
    """When the hold ends, or would have ended."""
