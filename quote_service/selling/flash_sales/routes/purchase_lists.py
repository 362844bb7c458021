"""The purchases of a customer.

A shopper's are the shopper's own. API keys and staff name the customer: a key belongs to a checkout, which knows whose
purchases it asks for, and a list of everybody's is not what it needs.

Source: docs/spec/access.md#shoppers.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get

from quote_service.platform.http.answers import page_answer
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseStatus, shown_purchase
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.routes.purchases import FINDERS
from quote_service.selling.flash_sales.tables.purchases import page_of_purchases

_PURCHASES = "purchases"


class PurchaseFilters(msgspec.Struct, frozen=True):
    """Whose purchases to list, and which."""

    customer_id: UUID | None = None
    """Customer whose purchases are listed; shoppers may leave it out."""
    flash_sale_id: UUID | None = None
    """Only purchases in this flash sale."""
    status: PurchaseStatus | None = None
    """Only purchases with this status."""


@get(
    "/",
    opt={
        "access": FINDERS,
        "described": Described(answer=Purchase, answer_example=examples.PURCHASE, form="list", query=PurchaseFilters),
    },
)
async def list_purchases(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List purchases of a customer.

    Newest first. API keys and staff send the customer in `customer_id`. A purchase that was just reserved appears when it is
    recorded, a moment later; `GET /api/v1/purchases/{purchase_id}` returns it at once.
    """
    page = read_page(request.scope["query_string"], _PURCHASES, PurchaseFilters, tuple[UUID])
    caller, filters = caller_of(request), page.filters
    customer_id = UUID(caller.id) if caller.is_customer else filters.customer_id
    if customer_id is None:
        raise Invalid.at("/query/customer_id", "is required")
    if filters.customer_id not in (None, customer_id):
        raise NotFound("There is no such customer")
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_purchases(
            connection,
            customer_id,
            sale_id=filters.flash_sale_id,
            status=filters.status,
            before=None if page.after is None else page.after[0],
            limit=page.limit + 1,
        )
    return page_answer(page, _PURCHASES, rows, lambda row: (row.id,), shown_purchase)
