"""Fulfil an order, or cancel it with everything that it took.

Both change the status in one statement, which holds the order's row: of a cancellation and a fulfilment at once one wins, and
the other is told what has become of the order. Doing the same again changes nothing more.

Locks: the order's row, then what reservations lock, and at the commit the ledger's accounts.

Source: docs/spec/orders.md#life.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.event_types import EventType
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.post_transaction import post_transaction
from quote_service.selling.orders.model.ledger_entries import entries_of_order, reversed_entries
from quote_service.selling.orders.model.order import Order, OrderAction, OrderStatus
from quote_service.selling.orders.model.records import record_of
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.tables.order_life import insert_event, mark_cancelled, mark_fulfilled
from quote_service.selling.orders.tables.orders import read_order
from quote_service.shop.reservations.operations.give_back import give_back

_Mark = Callable[[Connection, UUID, int], Awaitable[OrderStatus | None]]


class _Changed(NamedTuple):
    """An order was changed, and whether an endpoint wants to know."""

    is_wanted: bool


async def fulfil_order(change: Change, order_id: UUID, *, reason: str | None = None) -> Order:
    """Note that an order has been delivered; from then on it can be refunded, and not cancelled.

    Args:
        change: Who says so.
        order_id: The order.
        reason: Anything to be noted with it.

    Raises:
        NotFound: There is no such order.
        OrderStateForbids: It has been cancelled, or refunded whole.
    """
    order, changed = await _change(change, order_id, "fulfil", mark_fulfilled, reason)
    if changed is not None:
        await _publish(change, order, "order.fulfilled", changed)
    elif order.fulfilled_at is None:
        raise OrderStateForbids(f"The order is {_words(order.status)}", order_status=order.status)
    return order


async def cancel_order(change: Change, order_id: UUID, *, reason: str | None = None) -> Order:
    """Take an order back before it is fulfilled: stock, coupons, budgets, and every entry of the ledger.

    Args:
        change: Who cancels.
        order_id: The order.
        reason: Why.

    Raises:
        NotFound: There is no such order.
        OrderStateForbids: It has been fulfilled or refunded, in part or whole.
    """
    order, changed = await _change(change, order_id, "cancel", mark_cancelled, reason)
    if changed is None:
        if order.status != "cancelled":
            raise OrderStateForbids(f"The order is {_words(order.status)}", order_status=order.status)
        return order
    if order.quote_id is not None:
        await give_back(change, [order.quote_id])
    entries = entries_of_order(order.figures, order.customer_id)
    if entries:
        await post_transaction(change, Transaction("cancellation", order.id, reversed_entries(entries)))
    await _publish(change, order, "order.cancelled", changed)
    return order


async def _change(
    change: Change, order_id: UUID, action: OrderAction, mark: _Mark, reason: str | None
) -> tuple[Order, _Changed | None]:
    """The order as it is now, and what came of it; None where it was not changed."""
    status, changed = await mark(change.connection, order_id, change.at_us), None
    if status is not None:
        changed = _Changed(is_wanted=await insert_event(change.connection, change, order_id, action, status, reason))
    return await read_order(change.connection, order_id), changed


async def _publish(change: Change, order: Order, event: EventType, changed: _Changed) -> None:
    if changed.is_wanted:
        await change.publish(event, order.id, record_of(order), customer_id=order.customer_id)


def _words(status: OrderStatus) -> str:
    return status.replace("_", " ")
