"""Flash sales and their items as admins see them.

Source: docs/spec/flash-sales.md#sales.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.selling.flash_sales.model.sale import (
    SaleDraft,
    SaleItemDraft,
    SaleRecord,
    of_minor,
    to_minor,
)

STATEMENTS = Statements(__file__, "sales")


class HeldSale(NamedTuple):
    """A sale under its lock."""

    record: SaleRecord
    is_started_by_hand: bool


class HeldItem(NamedTuple):
    """An item of a sale under its lock."""

    id: int
    product_id: UUID
    currency: str
    allocated: int
    sold: int
    epoch: int
    revision: int
    is_drifted: bool


async def insert_sale(connection: Connection, sale_id: UUID, draft: SaleDraft, author: str, at: datetime) -> None:
    """Write a new sale that has not begun."""
    await connection.execute(
        STATEMENTS["insert_sale"],
        sale_id,
        draft.name,
        draft.starts_at,
        draft.ends_at,
        draft.hold_seconds,
        author,
        at,
        draft.respects_min_price is not False,
    )
    await insert_items(connection, sale_id, draft)


async def insert_items(connection: Connection, sale_id: UUID, draft: SaleDraft) -> None:
    """Write the items of a sale that has none."""
    items = draft.items
    await connection.execute(
        STATEMENTS["insert_items"],
        sale_id,
        draft.starts_at,
        draft.ends_at,
        [item.product_id for item in items],
        [item.currency for item in items],
        [to_minor(item.sale_price, item.currency) for item in items],
        [_optional_minor(item) for item in items],
        [item.allocated_stock for item in items],
        [item.per_customer_limit for item in items],
    )


@STATEMENTS.query()
async def remove_items(connection: Connection, sale_id: UUID) -> None:
    """Take all items off a sale of which nothing has been bought."""


async def read_sale(connection: Connection, sale_id: UUID) -> SaleRecord:
    """A sale.

    Raises:
        NotFound: There is no such sale.
    """
    row = await connection.fetchrow(STATEMENTS["sale"], sale_id)
    return (await _records(connection, [_found(row)]))[0]


async def hold_sale(connection: Connection, sale_id: UUID) -> HeldSale:
    """A sale, locked until the transaction ends.

    Raises:
        NotFound: There is no such sale.
    """
    row = _found(await connection.fetchrow(STATEMENTS["locked_sale"], sale_id))
    return HeldSale((await _records(connection, [row]))[0], row["is_started_by_hand"])


async def hold_items(connection: Connection, sale_id: UUID) -> list[HeldItem]:
    """The items of a sale, each locked until the transaction ends, in the order in which all take them."""
    await connection.execute(STATEMENTS["lock_items"], sale_id)
    return [HeldItem(*row) for row in await connection.fetch(STATEMENTS["locked_items"], sale_id)]


async def update_sale(
    connection: Connection, sale: SaleRecord, *, is_started_by_hand: bool, author: str, at: datetime
) -> None:
    """Write what a held sale is from now on, its items' copies of it included; not the items themselves."""
    await connection.execute(
        STATEMENTS["update_sale"],
        sale.id,
        sale.name,
        sale.state,
        sale.starts_at,
        sale.ends_at,
        sale.hold_seconds,
        is_started_by_hand,
        author,
        at,
        sale.respects_min_price,
    )
    is_open = sale.state in ("scheduled", "active")
    await connection.execute(STATEMENTS["spread_to_items"], sale.id, is_open, sale.starts_at, sale.ends_at)


async def update_item(connection: Connection, item_id: int, item: SaleItemDraft) -> int | None:
    """Write what a held item is from now on; its new revision, or None where more is sold than it would have."""
    revision: int | None = await connection.fetchval(
        STATEMENTS["update_item"],
        item_id,
        to_minor(item.sale_price, item.currency),
        _optional_minor(item),
        item.allocated_stock,
        item.per_customer_limit,
    )
    return revision


@STATEMENTS.query()
async def find_clash(
    connection: Connection, sale_id: UUID, products: Sequence[UUID], starts_at: datetime, ends_at: datetime
) -> tuple[UUID, UUID] | None:
    """A product that another open sale has in this period, and that sale."""


async def due_steps(connection: Connection) -> list[tuple[UUID, str]] | None:
    """Sales that the clock moves on, and how (`activate`, `end`); None where another worker is at it."""
    if not await connection.fetchval(STATEMENTS["try_schedule_lock"]):
        return None
    return [(row["id"], row["step"]) for row in await connection.fetch(STATEMENTS["due_sales"])]


@STATEMENTS.query()
async def seconds_to_next_step(connection: Connection) -> float | None:
    """How long until the clock moves a sale on; None where none waits for that."""


@STATEMENTS.query()
async def database_now(connection: Connection) -> datetime:
    """The instant by PostgreSQL's clock."""


def _found(row: Record | None) -> Record:
    if row is None:
        raise NotFound("There is no such flash sale")
    return row


def _optional_minor(item: SaleItemDraft) -> int | None:
    return None if item.list_price is None else to_minor(item.list_price, item.currency)


async def _items(connection: Connection, sale_ids: Sequence[UUID]) -> dict[UUID, list[SaleItemDraft]]:
    items: dict[UUID, list[SaleItemDraft]] = {sale_id: [] for sale_id in sale_ids}
    for row in await connection.fetch(STATEMENTS["items"], list(items)):
        currency, listed = row["currency"], row["list_price_minor"]
        items[row["sale_id"]].append(
            SaleItemDraft(
                product_id=row["product_id"],
                sale_price=of_minor(row["sale_price_minor"], currency),
                currency=currency,
                allocated_stock=row["allocated"],
                per_customer_limit=row["per_customer_limit"],
                list_price=None if listed is None else of_minor(listed, currency),
            )
        )
    return items


async def _records(connection: Connection, rows: Sequence[Record]) -> list[SaleRecord]:
    items = await _items(connection, [row["id"] for row in rows])
    return [_sale(row, items[row["id"]]) for row in rows]


def _sale(row: Any, items: list[SaleItemDraft]) -> SaleRecord:
    values = {name: row[name] for name in SaleRecord.__struct_fields__ if name != "items"}
    return SaleRecord(**values, items=items)


async def with_items(connection: Connection, sales: list[SaleRecord]) -> list[SaleRecord]:
    """Sales of a list, with what they sell."""
    items = await _items(connection, [sale.id for sale in sales])
    return [msgspec.structs.replace(sale, items=items[sale.id]) for sale in sales]


SALE_ROWS = ListedRows(
    SaleRecord,
    STATEMENTS["sales"],
    order="-id",
    sorts=("name", "state", "starts_at", "ends_at", "created_at", "changed_at"),
    search=("name",),
    conditions={"product_id": "listed.id IN (SELECT sale_id FROM flash_sale_items WHERE product_id = {})"},
    make=lambda row: _sale(row, []),
)
