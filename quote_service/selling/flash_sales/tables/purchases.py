"""Purchases: written once, decided once, each with its row in the ledger.

Source: docs/spec/flash-sales.md#admission-and-decision; docs/spec/flash-sales.md#recording;
docs/spec/flash-sales.md#holds.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.flash_sales.model.purchase import PurchaseStatus, RecordedPurchase, RejectedReason
from quote_service.selling.flash_sales.model.reservation import Reservation
from quote_service.selling.flash_sales.model.stock_item import StockItem

STATEMENTS = Statements(__file__, "purchases")

AdmittedBy = Literal["redis", "postgres"]
RedisDue = Literal["settle", "release"]


class ToRecord(NamedTuple):
    """A reservation with what becomes of it; a rejected one whose key belongs to another is kept without it."""

    reservation: Reservation
    status: PurchaseStatus
    reason: RejectedReason | None = None
    has_key: bool = True

    @property
    def key(self) -> str | None:
        """What it is kept under."""
        return self.reservation.idempotency_key if self.has_key else None


class Outcome(NamedTuple):
    """What became of a purchase."""

    status: PurchaseStatus
    reason: RejectedReason | None


class ItemFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of an item; `recent` counts purchases of the last ten seconds."""

    id: int
    product_id: UUID
    allocated: int
    sold: int
    confirmed: int
    reserved: int
    rejected: int
    given_back: int
    recent: int


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


@STATEMENTS.query()
async def insert_purchases(
    connection: Connection, item: StockItem, given: Sequence[ToRecord], admitted_by: AdmittedBy
) -> set[UUID]:
    """Write purchases that are not there, by id nor by key; the ids of those written."""


@STATEMENTS.query()
async def insert_takings(connection: Connection, item_id: int, taken: Sequence[Reservation]) -> None:
    """Write into the ledger that purchases took their units."""


@STATEMENTS.query()
async def insert_giving_back(connection: Connection, purchase_id: UUID, item_id: int, units: int) -> None:
    """Write into the ledger that a purchase gave its units back."""


@STATEMENTS.query()
async def read_purchase(connection: Connection, purchase_id: UUID) -> RecordedPurchase | None:
    """A recorded purchase; None where there is none."""


@STATEMENTS.query()
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


@STATEMENTS.query()
async def read_purchase_by_key(
    connection: Connection, customer_id: UUID, key: str, sale_id: UUID | None = None
) -> RecordedPurchase | None:
    """The purchase that a customer made under a key, the latest where several sales have one; None where there is none."""


@STATEMENTS.query()
async def outcomes_of(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Outcome]:
    """What became of those of the purchases that are recorded."""


@STATEMENTS.query()
async def confirm_reserved(connection: Connection, purchase_id: UUID) -> bool:
    """Confirm a purchase that is reserved and has not expired; False where it is not."""


@STATEMENTS.query()
async def cancel_reserved(connection: Connection, purchase_id: UUID) -> bool:
    """Cancel a purchase that is reserved; False where it is not. Its units are given back by the caller."""


@STATEMENTS.query()
async def expired_purchases(connection: Connection, limit: int) -> list[tuple[UUID, int]]:
    """Purchases that were held as long as they may be, with their items, the longest overdue first."""


@STATEMENTS.query()
async def expire_reserved(connection: Connection, purchase_id: UUID) -> tuple[UUID, int] | None:
    """Expire a purchase; its customer and units for the winner, who gives them back, None for whoever comes second."""


@STATEMENTS.query()
async def due_in_redis(connection: Connection, limit: int) -> list[tuple[int, UUID, RedisDue]]:
    """What Redis has not been told yet: item, purchase, what."""


@STATEMENTS.query()
async def is_all_notified(connection: Connection, item_id: int) -> bool:
    """Whether Redis has been told of every decision about an item."""


@STATEMENTS.query()
async def mark_notified(connection: Connection, ids: Sequence[UUID], what: RedisDue) -> None:
    """Redis has been told."""


@STATEMENTS.query()
async def forget_due(connection: Connection, item_id: int) -> None:
    """Redis is about to be built from what is recorded, so there is nothing to report it."""


@STATEMENTS.query()
async def known_reservations(connection: Connection, item_id: int) -> list[tuple[Reservation, PurchaseStatus]]:
    """Every purchase of an item that has its key, as the reservation it was, and what became of it."""


@STATEMENTS.query()
async def customer_items(connection: Connection, sale_id: UUID, customer_id: UUID) -> list[CustomerItem]:
    """What a customer has of each item of a sale; none where there is no such sale."""


@STATEMENTS.query()
async def item_figures(connection: Connection, sale_id: UUID) -> list[ItemFigures]:
    """What is recorded of each item of a sale."""
