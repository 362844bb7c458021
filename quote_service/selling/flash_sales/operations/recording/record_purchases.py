"""Record reservations: PostgreSQL decides finally, once for each, whoever admitted it and however often it comes.

The row of the item is locked first, so that one transaction at a time decides about its units. The usual case takes one
statement for each table, whatever the number of reservations. Where the constraints refuse a part of it, which only
a loss in Redis can bring about, each is decided by itself, in the order in which they came.

Source: docs/spec/flash-sales.md#recording.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.outbox import publish
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.clock import now_us
from quote_service.selling.flash_sales.model.limits import limit_of
from quote_service.selling.flash_sales.model.purchase import PurchaseStatus, RejectedReason
from quote_service.selling.flash_sales.model.reservation import Reservation
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.tables.purchases import (
    AdmittedBy,
    ToRecord,
    insert_purchases,
    insert_takings,
    outcomes_of,
    read_purchase_by_key,
)
from quote_service.selling.flash_sales.tables.stock import (
    former_limits,
    hold_item,
    note_drift,
    raise_customers,
    raise_sold,
)
from quote_service.selling.orders.model.flash_sale_purchase import ConfirmedPurchase
from quote_service.selling.orders.operations.place_flash_sale_orders import place_flash_sale_orders


class Recorded(NamedTuple):
    """What became of a batch: ids by what Redis has to be told of them."""

    settled: list[UUID]  # taken for good, now or before
    held: list[UUID]  # taken, and still to be decided
    released: list[UUID]  # never taken, or no longer
    rejected: int  # how many were refused just now that Redis had no ground to admit


class SoldOutItem(msgspec.Struct, frozen=True):
    """What webhooks are notified of an item that has no unit left."""

    flash_sale_id: UUID
    product_id: UUID
    currency: str
    allocated_stock: int


class _Refused(Exception):
    """A constraint refuses part of a batch that was to be taken as a whole."""


async def record_purchases(
    connection: Connection, item_id: int, reservations: Sequence[Reservation], admitted_by: AdmittedBy = "redis"
) -> Recorded:
    """Write reservations as purchases.

    Args:
        connection: Inside a transaction.
        item_id: Whose they all are.
        reservations: In the order in which they were made; those recorded before change nothing.
        admitted_by: Who let them in.

    Raises:
        NotFound: There is no such item.
    """
    item = await hold_item(connection, item_id)
    former = () if item.is_limit_open is None else await former_limits(connection, item_id)
    unique = list({one.id: one for one in reservations}.values())
    before = await outcomes_of(connection, [one.id for one in unique])
    new = [one for one in unique if one.id not in before]
    limits = {one.id: limit_of(one, item.limit, former) for one in new}
    refused: dict[UUID, RejectedReason] = {}
    rejected = 0
    if new:
        try:
            async with connection.transaction():
                await _take_all(connection, item, new, limits, admitted_by)
        except _Refused:
            refused = await _take_each(connection, item, new, limits, admitted_by)
            rejected = await _without_ground(connection, item, [one for one in new if one.id in refused], refused)
        if rejected or any(one.epoch != item.epoch for one in new if one.id not in refused):
            # Redis has lost something and is wrong about more than this; or it was built before this was recorded.
            await note_drift(connection, item.id)
    taken = [one for one in new if one.id not in refused]
    await order_confirmed(connection, item, [one for one in taken if status_once_taken(one) == "confirmed"])
    await _publish_if_sold_out(connection, item, sum(one.quantity for one in taken))
    status = {one.id: "rejected" if one.id in refused else status_once_taken(one) for one in new}
    status |= {identifier: outcome.status for identifier, outcome in before.items()}
    return Recorded(
        settled=[one.id for one in unique if status[one.id] == "confirmed"],
        held=[one.id for one in unique if status[one.id] == "reserved"],
        released=[one.id for one in unique if status[one.id] not in ("confirmed", "reserved")],
        rejected=rejected,
    )


def status_once_taken(reservation: Reservation) -> PurchaseStatus:
    """What a purchase is when it has been recorded."""
    return "reserved" if reservation.expires_ms else "confirmed"


async def order_confirmed(connection: Connection, item: StockItem, confirmed: Sequence[Reservation]) -> None:
    """Make orders of purchases of an item that are confirmed in this transaction, and were not before."""
    purchases = [
        ConfirmedPurchase(one.id, item.product_id, one.customer_id, one.quantity, one.unit_price_minor, item.currency)
        for one in confirmed
    ]
    await place_flash_sale_orders(connection, purchases, now_us())


async def _publish_if_sold_out(connection: Connection, item: StockItem, taken: int) -> None:
    """Notify webhooks when the last unit has gone; units that come back, and go again, are reported again."""
    if taken and item.sold + taken >= item.allocated:
        shown = SoldOutItem(item.sale_id, item.product_id, item.currency, item.allocated)
        await publish(connection, "sale.sold_out", str(item.sale_id), write_document(shown))


async def _take_all(
    connection: Connection,
    item: StockItem,
    new: Sequence[Reservation],
    limits: Mapping[UUID, int],
    admitted_by: AdmittedBy,
) -> None:
    given = [ToRecord(one, status_once_taken(one)) for one in new]
    if len(await insert_purchases(connection, item, given, admitted_by)) != len(new):
        raise _Refused
    for limit in sorted(set(limits.values()), reverse=True):  # one, but while it is lowered
        asked = [(one.customer_id, one.quantity) for one in new if limits[one.id] == limit]
        if len(await raise_customers(connection, item.id, asked, limit)) != len({customer for customer, _ in asked}):
            raise _Refused
    epoch = max(one.epoch for one in new)
    number = max(one.number for one in new if one.epoch == epoch)
    if not await raise_sold(connection, item.id, sum(one.quantity for one in new), epoch, number):
        raise _Refused
    await insert_takings(connection, item.id, new)


async def _take_each(
    connection: Connection,
    item: StockItem,
    new: Sequence[Reservation],
    limits: Mapping[UUID, int],
    admitted_by: AdmittedBy,
) -> dict[UUID, RejectedReason]:
    refused = {}
    for one in new:
        reason = await _take_one(connection, item, one, limits[one.id], admitted_by)
        if reason is None:
            continue
        refused[one.id] = reason
        has_key = reason != "key_of_another_purchase"
        await insert_purchases(connection, item, [ToRecord(one, "rejected", reason, has_key)], admitted_by)
    return refused


async def _without_ground(
    connection: Connection,
    item: StockItem,
    refused: Sequence[Reservation],
    reasons: Mapping[UUID, RejectedReason],
) -> int:
    """How many of the refused Redis should have refused itself: it cannot see a key used for another item of the sale."""
    count = 0
    for one in refused:
        if reasons[one.id] == "key_of_another_purchase":
            first = await read_purchase_by_key(connection, one.customer_id, one.idempotency_key, item.sale_id)
            if first is not None and first.item_id != item.id:
                continue
        count += 1
    return count


async def _take_one(
    connection: Connection, item: StockItem, one: Reservation, limit: int, admitted_by: AdmittedBy
) -> RejectedReason | None:
    reason: RejectedReason = "key_of_another_purchase"
    try:
        async with connection.transaction():
            written = await insert_purchases(connection, item, [ToRecord(one, status_once_taken(one))], admitted_by)
            if not written:
                raise _Refused
            reason = "limit_reached_after_recovery"
            if not await raise_customers(connection, item.id, [(one.customer_id, one.quantity)], limit):
                raise _Refused
            reason = "sold_out_after_recovery"
            if not await raise_sold(connection, item.id, one.quantity, one.epoch, one.number):
                raise _Refused
            await insert_takings(connection, item.id, [one])
    except _Refused:
        return reason
    return None
