"""Orders, their lists, and what becomes of them: `/api/v1/orders`.

Source: docs/spec/orders.md.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from quote_service.platform.callers.access import ORDER_PLACERS, ORDER_READERS, ORDER_WATCHERS, ORDER_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import NotFound
from quote_service.selling.orders.model.order import OrderStatus
from quote_service.selling.orders.model.records import OrderEvent, OrderRecord, OrderSummary, record_of, summary_of
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.operations.change_order import cancel_order, fulfil_order
from quote_service.selling.orders.operations.order_meters import OrderMeters
from quote_service.selling.orders.operations.read_orders import find_order, list_events, list_orders
from quote_service.selling.orders.routes import examples
from quote_service.selling.orders.tables.order_lists import OrderFilter

_ORDERS = "orders"


class OrderFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders to list."""

    customer_id: UUID | None = None
    """Only orders of this customer; shoppers may leave it out and see only their own."""
    seller_id: UUID | None = None
    """Only orders with a line of this seller."""
    product_id: UUID | None = None
    """Only orders with this product; of this seller, if `seller_id` is sent too."""
    status: OrderStatus | None = None
    """Only orders with this status."""
    from_: Bound | None = msgspec.field(default=None, name="from")
    """Only orders placed at or after this instant, or from this date on."""
    to: Bound | None = None
    """Only orders placed before this instant, or date."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that dates are of; by default `QUOTE_TIME_ZONE`."""


class ReasonGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an order is changed."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None
    """Why; shown with the order's events."""


def _change(message: str, reason: str, **becomes: str) -> Described:
    """A change of an order's status: what is shown after it, and a reason to send."""
    return Described(
        body=ReasonGiven,
        body_is_required=False,
        body_example={"reason": reason},
        answer=OrderRecord,
        answer_example={**examples.ORDER, **becomes},
        message=message,
        problems=(OrderStateForbids,),
    )


@get(
    "/",
    opt={
        "access": ORDER_READERS,
        "described": Described(answer=OrderSummary, answer_example=examples.SUMMARY, form="list", query=OrderFilters),
    },
)
async def list_placed_orders(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List orders.

    Newest first, without their lines. Shoppers see only their own.
    """
    page = read_page(request.scope["query_string"], _ORDERS, OrderFilters, tuple[UUID])
    caller, given = caller_of(request), page.filters
    zone = read_zone(given.time_zone, parts_of(request)[Settings].time_zone)
    placed_from, placed_to = read_bounds(given.from_, given.to, zone)
    customer_id = UUID(caller.id) if caller.is_customer else given.customer_id
    if given.customer_id not in (None, customer_id):
        raise NotFound("There is no such customer")
    wanted = OrderFilter(
        customer_id=customer_id,
        seller_id=given.seller_id,
        product_id=given.product_id,
        status=given.status,
        placed_from=placed_from,
        placed_to=placed_to,
    )
    before = None if page.after is None else page.after[0]
    orders = await list_orders(parts_of(request)[Database], wanted, before=before, limit=page.limit + 1)
    return page_answer(page, _ORDERS, orders, lambda order: (order.id,), summary_of)


@get(
    "/{order_id:uuid}",
    opt={
        "access": ORDER_READERS,
        "described": Described(answer=OrderRecord, answer_example=examples.ORDER, message="Order"),
    },
)
async def show_order(request: Request[Any, Any, Any], order_id: FromPath[UUID]) -> Response[bytes]:
    """Get an order.

    With its lines. Shoppers see only their own, without commission, payouts and who pays for discounts.
    """
    caller = caller_of(request)
    order = await find_order(parts_of(request)[Database], order_id)
    if not caller.may_see(str(order.customer_id)):
        raise NotFound("There is no such order")
    return one_answer(record_of(order, for_shopper=caller.is_customer), "Order")


@get(
    "/{order_id:uuid}/events",
    opt={
        "access": ORDER_WATCHERS,
        "described": Described(answer=list[OrderEvent], answer_example=examples.EVENTS, message="Events of the order"),
    },
)
async def show_order_events(request: Request[Any, Any, Any], order_id: FromPath[UUID]) -> Response[bytes]:
    """Get the events of an order.

    Everything that was done to it, from when it was placed, by whom and why.
    """
    return one_answer(await list_events(parts_of(request)[Database], order_id), "Events of the order")


@post(
    "/{order_id:uuid}/fulfil",
    status_code=200,
    opt={
        "access": ORDER_WRITERS,
        "described": _change(
            "Order fulfilled", "Handed to the courier", status="fulfilled", fulfilled_at="2026-02-21T15:00:00Z"
        ),
    },
)
async def fulfil_placed_order(request: Request[Any, Any, Any], order_id: FromPath[UUID]) -> Response[bytes]:
    """Fulfil an order.

    Afterwards it can be refunded and not cancelled. Fulfilling twice returns the fulfilled order.
    """
    parts, reason = parts_of(request), await _reason(request)
    async with parts[Database].transaction() as connection:
        order = await fulfil_order(connection, change_of(request), order_id, reason=reason)
        crash_point("before_order_change_commit")
    crash_point("after_order_change_commit")
    parts[OrderMeters].count("fulfilled")
    return one_answer(record_of(order), "Order fulfilled")


@post(
    "/{order_id:uuid}/cancel",
    status_code=200,
    opt={
        "access": ORDER_PLACERS,
        "described": _change(
            "Order cancelled",
            "The customer changed their mind",
            status="cancelled",
            cancelled_at="2026-02-21T10:05:00Z",
        ),
    },
)
async def cancel_placed_order(request: Request[Any, Any, Any], order_id: FromPath[UUID]) -> Response[bytes]:
    """Cancel an order.

    Only before it is fulfilled. Stock, coupon uses and budgets are given back, and the ledger is reversed. Cancelling twice
    returns the cancelled order. Shoppers cancel their own orders.
    """
    parts, caller, reason = parts_of(request), caller_of(request), await _reason(request)
    if caller.is_customer:
        # Whose an order is never changes.
        own = await find_order(parts[Database], order_id)
        if not caller.may_see(str(own.customer_id)):
            raise NotFound("There is no such order")
    async with parts[Database].transaction() as connection:
        order = await cancel_order(connection, change_of(request), order_id, reason=reason)
        crash_point("before_order_change_commit")
    crash_point("after_order_change_commit")
    parts[OrderMeters].count("cancelled")
    return one_answer(record_of(order, for_shopper=caller.is_customer), "Order cancelled")


async def _reason(request: Request[Any, Any, Any]) -> str | None:
    body = await request.body()
    return read_document(body, ReasonGiven).reason if body else None
