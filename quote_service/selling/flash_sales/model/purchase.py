"""A purchase as it is recorded and shown.

Source: docs/spec/flash-sales.md#purchase.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Amount
from quote_service.platform.system.instants import from_micros
from quote_service.selling.flash_sales.model.sale import STOCK_MAX, of_minor

PurchaseStatus = Literal["reserved", "confirmed", "rejected", "expired", "cancelled"]
RejectedReason = Literal[
    "sold_out_after_recovery", "limit_reached_after_recovery", "key_of_another_purchase", "could_not_be_recorded"
]


class PurchaseDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a buyer asks for; `customer_id` may be left out by a shopper, who can only buy for the shopper's own customer id."""

    product_id: UUID
    """The product."""
    quantity: Annotated[int, msgspec.Meta(ge=1, le=STOCK_MAX)]
    """How many units."""
    expected_price: Amount
    """Price of one unit that the buyer was shown; if the sale has another price the purchase is refused."""
    customer_id: UUID | None = None
    """The customer who buys; shoppers may leave it out and can only buy for their own customer id."""


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
    """A purchase as it is shown. Only `confirmed` is binding; `reason` says why a purchase was `rejected`."""

    purchase_id: UUID
    """Identifies the purchase."""
    flash_sale_id: UUID
    """The sale."""
    product_id: UUID
    """The product."""
    customer_id: UUID
    """The customer who buys."""
    quantity: int
    """How many units."""
    unit_price: ExactNumber
    """Price of one unit, in `currency`."""
    total: ExactNumber
    """`unit_price` times `quantity`, in `currency`."""
    currency: str
    """ISO 4217 code of the currency of the prices."""
    status: PurchaseStatus
    """Status of the purchase; only `confirmed` is final and guaranteed."""
    reason: RejectedReason | None
    """Why the purchase was rejected; null if it was not."""
    reserved_at: datetime
    """When the units were reserved."""
    expires_at: datetime | None
    """When an unconfirmed reservation expires; null if it does not."""


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
