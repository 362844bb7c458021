"""A refund: what was asked for, what it came to, and what became of its order.

Source: docs/spec/refunds.md.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.selling.orders.model.refunds.draft import Delivery
from quote_service.selling.orders.model.refunds.plan import RefundFigures

RefundedStatus = Literal["partly_refunded", "refunded"]


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund; `id`, `number` (from 1 within the order), `refunded_at` and `actor` are None of one that was only planned."""

    id: UUID | None
    order_id: UUID
    number: int | None
    order_status: RefundedStatus
    currency: str
    exponent: int
    delivery: Delivery
    restock: bool
    reason: str | None
    figures: RefundFigures
    refunded_at: datetime | None
    actor: str | None
