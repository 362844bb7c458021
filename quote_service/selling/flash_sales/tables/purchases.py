"""Purchases: written once, decided once, each with its row in the ledger.

Source: docs/spec/flash-sales.md#admission-and-decision; docs/spec/flash-sales.md#recording;
docs/spec/flash-sales.md#holds.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.selling.flash_sales.model.purchase import PurchaseStatus, RecordedPurchase, RejectedReason
from quote_service.selling.flash_sales.model.reservation import Reservation
from quote_service.selling.flash_sales.model.stock_item import StockItem

_QUERIES = load_queries(__file__, "purchases")
_INSERT = _QUERIES["insert_purchases"]
_INSERT_TAKINGS = _QUERIES["insert_takings"]
_INSERT_GIVING_BACK = _QUERIES["insert_giving_back"]
_PURCHASE = _QUERIES["purchase"]
_PAGE = _QUERIES["page_of_purchases"]
_BY_KEY = _QUERIES["purchase_by_key"]
_OUTCOMES = _QUERIES["outcomes"]
_CONFIRM = _QUERIES["confirm"]
_CANCEL = _QUERIES["cancel"]
_EXPIRED = _QUERIES["expired"]
_EXPIRE = _QUERIES["expire"]
_DUE = _QUERIES["due"]
_IS_ALL_TOLD = _QUERIES["is_all_told"]
_DONE = _QUERIES["done"]
_FORGET_DUE = _QUERIES["forget_due_of_item"]
_KNOWN = _QUERIES["known"]
_SUMMARY = _QUERIES["customer_summary"]
_FIGURES = _QUERIES["item_figures"]

AdmittedBy = Literal["redis", "postgres"]
RedisDue = Literal["settle", "release"]


class ToRecord(NamedTuple):
    """A reservation with what becomes of it; a rejected one whose key belongs to another is kept without it."""

    reservation: Reservation
    status: PurchaseStatus
    reason: RejectedReason | None = None
    has_key: bool = True


class Outcome(NamedTuple):
    """What became of a purchase."""

    status: PurchaseStatus
    reason: RejectedReason | None


class ItemFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of an item; `lately` counts purchases of the last ten seconds."""

    id: int
    product_id: UUID
    allocated: int
    sold: int
    confirmed: int
    reserved: int
    rejected: int
    given_back: int
    lately: int


class CustomerItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer has of an item of a sale."""

    id: int
    product_id: UUID
    currency: str
    sale_price_minor: int
    per_customer_limit: int
    bought: int
    reserved: int
    spent_minor: int


async def insert_purchases(
    connection: Connection, item: StockItem, given: Sequence[ToRecord], admitted_by: AdmittedBy
) -> set[UUID]:
    """Write purchases that are not there, by id nor by key; the ids of those written."""
    rows = await connection.fetch(
        _INSERT,
        item.id,
        item.sale_id,
        admitted_by,
        [one.reservation.id for one in given],
        [one.reservation.customer_id for one in given],
        [one.reservation.idempotency_key if one.has_key else None for one in given],
        [one.reservation.fingerprint for one in given],
        [one.reservation.quantity for one in given],
        [one.reservation.unit_price_minor for one in given],
        [one.status for one in given],
        [one.reason for one in given],
        [one.reservation.epoch for one in given],
        [one.reservation.reserved_ms for one in given],
        [one.reservation.expires_ms for one in given],
    )
    return {row["id"] for row in rows}


async def insert_takings(connection: Connection, item_id: int, taken: Sequence[Reservation]) -> None:
    """Write into the ledger that purchases took their units."""
    await connection.execute(_INSERT_TAKINGS, item_id, [one.id for one in taken], [one.quantity for one in taken])


async def insert_giving_back(connection: Connection, purchase_id: UUID, item_id: int, units: int) -> None:
    """Write into the ledger that a purchase gave its units back."""
    await connection.execute(_INSERT_GIVING_BACK, purchase_id, item_id, units)


async def read_purchase(connection: Connection, purchase_id: UUID) -> RecordedPurchase | None:
    """A recorded purchase; None where there is none."""
    return _purchase(await connection.fetchrow(_PURCHASE, purchase_id))


async def page_of_purchases(
    connection: Connection,
    customer_id: UUID,
    *,
    sale_id: UUID | None,
    status: PurchaseStatus | None,
    before: UUID | None,
    limit: int,
) -> list[RecordedPurchase]:
    """Up to `limit` recorded purchases of a customer, the newest first, from behind `before`."""
    rows = await connection.fetch(_PAGE, customer_id, sale_id, status, before, limit)
    return [RecordedPurchase(**_plain(row)) for row in rows]


async def read_purchase_by_key(
    connection: Connection, customer_id: UUID, key: str, sale_id: UUID | None = None
) -> RecordedPurchase | None:
    """The purchase that a customer made under a key, the latest where several sales have one; None where there is none."""
    return _purchase(await connection.fetchrow(_BY_KEY, customer_id, key, sale_id))


async def outcomes_of(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Outcome]:
    """What became of those of the purchases that are recorded."""
    return {row["id"]: Outcome(row["status"], row["reason"]) for row in await connection.fetch(_OUTCOMES, ids)}


async def confirm_reserved(connection: Connection, purchase_id: UUID) -> bool:
    """Confirm a purchase that is reserved and has not expired; False where it is not."""
    return await connection.fetchval(_CONFIRM, purchase_id) is not None


async def cancel_reserved(connection: Connection, purchase_id: UUID) -> bool:
    """Cancel a purchase that is reserved; False where it is not. Its units are given back by the caller."""
    return await connection.fetchval(_CANCEL, purchase_id) is not None


async def expired_purchases(connection: Connection, limit: int) -> list[tuple[UUID, int]]:
    """Purchases that were held as long as they may be, with their items, the longest overdue first."""
    return [(row["id"], row["item_id"]) for row in await connection.fetch(_EXPIRED, limit)]


async def expire_reserved(connection: Connection, purchase_id: UUID) -> tuple[UUID, int] | None:
    """Expire a purchase; its customer and units for the winner, who gives them back, None for whoever comes second."""
    row = await connection.fetchrow(_EXPIRE, purchase_id)
    return None if row is None else (row["customer_id"], row["quantity"])


async def due_in_redis(connection: Connection, limit: int) -> list[tuple[int, UUID, RedisDue]]:
    """What Redis has not been told yet: item, purchase, what."""
    return [(row["item_id"], row["id"], row["redis_due"]) for row in await connection.fetch(_DUE, limit)]


async def is_all_told(connection: Connection, item_id: int) -> bool:
    """Whether Redis has been told of every decision about an item."""
    told: bool = await connection.fetchval(_IS_ALL_TOLD, item_id)
    return told


async def note_told(connection: Connection, ids: Sequence[UUID], what: RedisDue) -> None:
    """Redis has been told."""
    await connection.execute(_DONE, ids, what)


async def forget_due(connection: Connection, item_id: int) -> None:
    """Redis is about to be built from what is recorded, so there is nothing to tell it."""
    await connection.execute(_FORGET_DUE, item_id)


async def known_reservations(connection: Connection, item_id: int) -> list[tuple[Reservation, PurchaseStatus]]:
    """Every purchase of an item that has its key, as the reservation it was, and what became of it."""
    return [
        (
            Reservation(
                id=row["id"],
                customer_id=row["customer_id"],
                quantity=row["quantity"],
                unit_price_minor=row["unit_price_minor"],
                reserved_ms=row["reserved_ms"],
                expires_ms=row["expires_ms"],
                epoch=row["epoch"],
                number=0,
                fingerprint=row["fingerprint"],
                idempotency_key=row["idempotency_key"],
            ),
            row["status"],
        )
        for row in await connection.fetch(_KNOWN, item_id)
    ]


async def customer_items(connection: Connection, sale_id: UUID, customer_id: UUID) -> list[CustomerItem]:
    """What a customer has of each item of a sale; none where there is no such sale."""
    return [CustomerItem(**_plain(row)) for row in await connection.fetch(_SUMMARY, sale_id, customer_id)]


async def item_figures(connection: Connection, sale_id: UUID) -> list[ItemFigures]:
    """What is recorded of each item of a sale."""
    return [ItemFigures(**_plain(row)) for row in await connection.fetch(_FIGURES, sale_id)]


def _plain(row: Record) -> dict[str, Any]:
    return dict(row.items())


def _purchase(row: Record | None) -> RecordedPurchase | None:
    return None if row is None else RecordedPurchase(**_plain(row))
