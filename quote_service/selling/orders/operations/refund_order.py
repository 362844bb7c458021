"""Refund an order, or say what a refund would come to.

Both work out the same plan; only the one that is done holds the order's row, so that of several at once each sees what those
before it have left.

Locks: the order's row, then what reservations lock, and at the commit the ledger's accounts.

Source: docs/spec/refunds.md.
"""

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Author
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.post_transaction import post_transaction
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.plan_refund import plan_refund
from quote_service.selling.orders.model.refunds.records import refund_record
from quote_service.selling.orders.model.refunds.refund import Refund
from quote_service.selling.orders.model.refunds.refund_entries import entries_of_refund
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.tables.order_life import insert_event
from quote_service.selling.orders.tables.orders import hold_order, read_order
from quote_service.selling.orders.tables.refunds import insert_refund, read_refunded
from quote_service.shop.reservations.model.claim import ClaimedDiscount, PartBack
from quote_service.shop.reservations.operations.give_back import give_back_part


class RefundedOrder(NamedTuple):
    """A refund that was made, whose order it is of, and whether the ledger has an entry of it."""

    refund: Refund
    customer_id: UUID
    is_posted: bool


async def preview_refund(connection: Connection, order_id: UUID, draft: RefundDraft) -> Refund:
    """What a refund would come to now; nothing is written or locked.

    Args:
        connection: That sees one state of the database.
        order_id: The order.
        draft: What is asked for.

    Raises:
        NotFound, OrderStateForbids, Invalid, RefundExceedsOrder: As `refund_order`.
    """
    return await _planned(connection, await read_order(connection, order_id), draft, None)


async def refund_order(change: Change, order_id: UUID, draft: RefundDraft) -> RefundedOrder:
    """Refund units of an order, and fees if that is asked for.

    Args:
        change: Who refunds.
        order_id: The order.
        draft: What is asked for.

    Raises:
        NotFound: There is no such order.
        OrderStateForbids: It has been cancelled.
        Invalid: A line is not the order's, or is named twice, or nothing is asked for.
        RefundExceedsOrder: Less is left than is asked for.
    """
    order = await hold_order(change.connection, order_id)
    refund = await _planned(change.connection, order, draft, change)
    await insert_refund(change.connection, change, refund)
    await insert_event(change.connection, change, order_id, "refund", refund.order_status, draft.reason)
    if order.quote_id is not None:
        await _give_back(change, order.quote_id, refund)
    entries = entries_of_refund(refund.figures, order.customer_id, refund.currency)
    assert refund.id is not None
    if entries:
        await post_transaction(change, Transaction("refund", refund.id, entries))
    await change.record("refund.create", None, replace(refund_record(refund), reason=UNSET))
    return RefundedOrder(refund, order.customer_id, bool(entries))


async def _planned(connection: Connection, order: Order, draft: RefundDraft, change: Author | None) -> Refund:
    if order.status == "cancelled":
        raise OrderStateForbids("The order is cancelled", order_status=order.status)
    so_far = await read_refunded(connection, order.id)
    plan = plan_refund(order.figures, so_far.refunded, draft)
    return Refund(
        id=None if change is None else UUID(new_id(change.at_us // 1000)),
        order_id=order.id,
        number=None if change is None else so_far.refunds + 1,
        order_status="refunded" if plan.is_last else "partly_refunded",
        currency=order.figures.currency,
        exponent=order.figures.exponent,
        delivery=draft.delivery,
        restock=draft.restock,
        reason=draft.reason,
        figures=plan.figures,
        refunded_at=None if change is None else change.at,
        actor=None if change is None else change.actor,
    )


async def _give_back(change: Change, quote_id: UUID, refund: Refund) -> None:
    lines = refund.figures.lines
    undone = Counter[UUID]()
    for line in lines:
        undone.update({discount.rule_id: discount.amount_minor for discount in line.discounts})
    part = PartBack(
        quote_id=quote_id,
        # Reservations count lines from 0.
        units={line.line_id - 1: line.quantity for line in lines} if refund.restock else {},
        discounts=tuple(
            ClaimedDiscount(rule_id, amount_minor) for rule_id, amount_minor in undone.items() if amount_minor
        ),
    )
    if part.units or part.discounts:
        await give_back_part(change, [part])
