"""The purchases of a customer.

A shopper's are the shopper's own. API keys and staff name the customer: a key belongs to a checkout, which knows whose
purchases it asks for, and a list of everybody's is not what it needs.

Source: docs/spec/access.md#shoppers.
"""

from uuid import UUID

import msgspec

from quote_service.platform.callers.access import Caller
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseStatus, shown_purchase
from quote_service.selling.flash_sales.routes.purchases import FINDERS
from quote_service.selling.flash_sales.tables.purchases import page_of_purchases


class PurchaseFilters(msgspec.Struct, frozen=True):
    """Whose purchases to list, and which."""

    customer_id: UUID | None = None
    """Customer whose purchases are listed; shoppers may leave it out."""
    flash_sale_id: UUID | None = None
    """Only purchases in this flash sale."""
    status: PurchaseStatus | None = None
    """Only purchases with this status."""


def _whose(page: Page[PurchaseFilters, tuple[UUID]], caller: Caller) -> UUID:
    customer_id = UUID(caller.id) if caller.is_customer else page.filters.customer_id
    if customer_id is None:
        raise Invalid.at("/query/customer_id", "is required")
    if page.filters.customer_id not in (None, customer_id):
        raise NotFound("There is no such customer")
    return customer_id


@get(access=FINDERS, cursor=Cursor("purchases", ("purchase_id",)), dependencies={"customer_id": _whose})
async def list_purchases(
    connection: Reading, page: Page[PurchaseFilters, tuple[UUID]], customer_id: UUID
) -> list[Purchase]:
    """List purchases of a customer.

    Newest first. API keys and staff send the customer in `customer_id`. A purchase that was just reserved appears when it is
    recorded, a moment later; `GET /api/v1/purchases/{purchase_id}` returns it at once.
    """
    filters = page.filters
    rows = await page_of_purchases(
        connection,
        customer_id,
        sale_id=filters.flash_sale_id,
        status=filters.status,
        before=page.after_id,
        limit=page.limit + 1,
    )
    return [shown_purchase(row) for row in rows]
