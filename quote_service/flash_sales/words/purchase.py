"""A purchase as it is recorded and shown.

Source: spec 7, Purchase.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.domain.flash_sales.sale import STOCK_MAX, of_minor
from quote_service.domain.instants import from_micros
from quote_service.domain.numbers import ExactNumber
from quote_service.domain.quantities import Amount

PurchaseStatus = Literal["reserved", "confirmed", "rejected", "expired", "cancelled"]
RejectedReason = Literal[
    "sold_out_after_recovery", "limit_reached_after_recovery", "key_of_another_purchase", "could_not_be_recorded"
]


class PurchaseDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a buyer asks for; `customer_id` may be left out by a shopper, who buys for none but the shopper's own self."""

    product_id: UUID
    quantity: Annotated[int, msgspec.Meta(ge=1, le=STOCK_MAX)]
    expected_price: Amount
    customer_id: UUID | None = None


class RecordedPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as PostgreSQL holds it."""

    id: UUID
    item_id: int
    sale_id: UUID
    product_id: UUID
    customer_id: UUID
    idempotency_key: str | None
    fingerprint: str
    quantity: int
    unit_price_minor: int
    currency: str
    status: PurchaseStatus
    reason: RejectedReason | None
    reserved_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as it is shown. Only `confirmed` is a promise; `rejected` says why in `reason`."""

    purchase_id: UUID
    flash_sale_id: UUID
    product_id: UUID
    customer_id: UUID
    quantity: int
    unit_price: ExactNumber
    total: ExactNumber
    currency: str
    status: PurchaseStatus
    reason: RejectedReason | None
    reserved_at: datetime
    expires_at: datetime | None


def shown_purchase(kept: RecordedPurchase) -> Purchase:
    """A recorded purchase as it is shown."""
    return Purchase(
        purchase_id=kept.id,
        flash_sale_id=kept.sale_id,
        product_id=kept.product_id,
        customer_id=kept.customer_id,
        quantity=kept.quantity,
        unit_price=of_minor(kept.unit_price_minor, kept.currency),
        total=of_minor(kept.unit_price_minor * kept.quantity, kept.currency),
        currency=kept.currency,
        status=kept.status,
        reason=kept.reason,
        reserved_at=kept.reserved_at,
        expires_at=kept.expires_at,
    )


def instant_of_ms(instant_ms: int) -> datetime:
    """The UTC instant of milliseconds since the epoch."""
    return from_micros(instant_ms * 1000)
