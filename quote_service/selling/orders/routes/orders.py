"""Orders, their lists, and what becomes of them: `/api/v1/orders`.

Source: docs/spec/orders.md.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import ORDER_PLACERS, ORDER_READERS, ORDER_WATCHERS, ORDER_WRITERS, Caller
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import WritingChange
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import OptionalBody
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
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


def _wanted(page: Page[OrderFilters, tuple[UUID]], caller: Caller, settings: Settings) -> OrderFilter:
    given = page.filters
    placed_from, placed_to = read_bounds(given.from_, given.to, read_zone(given.time_zone, settings.time_zone))
    customer_id = UUID(caller.id) if caller.is_customer else given.customer_id
    if given.customer_id not in (None, customer_id):
        raise NotFound("There is no such customer")
    return OrderFilter(
        customer_id=customer_id,
        seller_id=given.seller_id,
        product_id=given.product_id,
        status=given.status,
        placed_from=placed_from,
        placed_to=placed_to,
    )


@get(access=ORDER_READERS, cursor=Cursor("orders", ("id",)), dependencies={"wanted": _wanted})
async def list_placed_orders(
    database: Database, page: Page[OrderFilters, tuple[UUID]], wanted: OrderFilter
) -> list[OrderSummary]:
    """List orders.

    Newest first, without their lines. Shoppers see only their own.
    """
    orders = await list_orders(database, wanted, before=page.after_id, limit=page.limit + 1)
    return [summary_of(order) for order in orders]


@get("/{order_id:uuid}", access=ORDER_READERS, message="Order")
async def show_order(caller: Caller, database: Database, order_id: FromPath[UUID]) -> OrderRecord:
    """Get an order.

    With its lines. Shoppers see only their own, without commission, payouts and who pays for discounts.
    """
    order = await find_order(database, order_id)
    if not caller.may_see(str(order.customer_id)):
        raise NotFound("There is no such order")
    return record_of(order, for_shopper=caller.is_customer)


@get("/{order_id:uuid}/events", access=ORDER_WATCHERS, message="Events of the order")
async def show_order_events(database: Database, order_id: FromPath[UUID]) -> list[OrderEvent]:
    """Get the events of an order.

    Everything that was done to it, from when it was placed, by whom and why.
    """
    return await list_events(database, order_id)


def _fulfilled(meters: OrderMeters) -> None:
    crash_point("after_order_change_commit")
    meters.count("fulfilled")


@post(
    "/{order_id:uuid}/fulfil",
    status_code=200,
    access=ORDER_WRITERS,
    message="Order fulfilled",
    body_example={"reason": "Handed to the courier"},
    example={**examples.ORDER, "status": "fulfilled", "fulfilled_at": "2026-02-21T15:00:00Z"},
    then=_fulfilled,
    problems=(OrderStateForbids,),
)
async def fulfil_placed_order(
    change: WritingChange, order_id: FromPath[UUID], data: OptionalBody[ReasonGiven]
) -> OrderRecord:
    """Fulfil an order.

    Afterwards it can be refunded and not cancelled. Fulfilling twice returns the fulfilled order.
    """
    order = await fulfil_order(change, order_id, reason=data.reason)
    crash_point("before_order_change_commit")
    return record_of(order)


async def _check_own(caller: Caller, database: Database, order_id: FromPath[UUID]) -> None:
    if caller.is_customer:
        # Whose an order is never changes.
        own = await find_order(database, order_id)
        if not caller.may_see(str(own.customer_id)):
            raise NotFound("There is no such order")


def _cancelled(meters: OrderMeters) -> None:
    crash_point("after_order_change_commit")
    meters.count("cancelled")


@post(
    "/{order_id:uuid}/cancel",
    status_code=200,
    access=ORDER_PLACERS,
    message="Order cancelled",
    body_example={"reason": "The customer changed their mind"},
    example={**examples.ORDER, "status": "cancelled", "cancelled_at": "2026-02-21T10:05:00Z"},
    check=_check_own,
    then=_cancelled,
    problems=(OrderStateForbids,),
)
async def cancel_placed_order(
    change: WritingChange, caller: Caller, order_id: FromPath[UUID], data: OptionalBody[ReasonGiven]
) -> OrderRecord:
    """Cancel an order.

    Only before it is fulfilled. Stock, coupon uses and budgets are given back, and the ledger is reversed. Cancelling twice
    returns the cancelled order. Shoppers cancel their own orders.
    """
    order = await cancel_order(change, order_id, reason=data.reason)
    crash_point("before_order_change_commit")
    return record_of(order, for_shopper=caller.is_customer)
