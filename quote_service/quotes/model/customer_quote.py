"""An accepted quote as it is told to whoever asks what is held about a customer.

Source: docs/spec/customers.md#export.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.shop.reservations.model.used_coupon import UsedCoupon


class CustomerQuote(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted quote with all that is kept of it."""

    quote_id: UUID
    """Identifies the quote."""
    accepted_at: datetime
    """When the quote was accepted."""
    accepted_by: str
    """Id of the user or API key who accepted it."""
    external_ref: str | None
    """The reference that the quote was asked for with."""
    currency: str
    """ISO 4217 code of the currency of the amounts."""
    coupon_uses: list[UsedCoupon]
    """The coupons that it used."""
    receipt: str
    """The receipt, a compact JWS."""
    data: msgspec.Raw
    """The quote as it was issued."""
    request: msgspec.Raw
    """What is kept of the request, such as the place of delivery; null if the quote was accepted by its signature alone."""
