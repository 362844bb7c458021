"""Orders and their lines: written once, together.

Source: docs/spec/orders.md#frozen-figures.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from asyncpg import Record

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements, json_text
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.event_types import patterns_of
from quote_service.selling.orders.model.order import Order, OrderLine
from quote_service.selling.orders.model.order_rows import figures_of, line_of, values_of

STATEMENTS = Statements(__file__, "orders", OUTBOX)
_LIFE = (
    "id",
    "quote_id",
    "purchase_id",
    "customer_id",
    "status",
    "external_ref",
    "rulebook_version",
    "placed_at",
    "placed_by",
    "placed_by_kind",
    "request_id",
    "changed_at",
    "fulfilled_at",
    "cancelled_at",
)


@STATEMENTS.query()
async def orders_of_quotes(connection: Connection, quote_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The ids of the orders of these quotes, by quote."""


@STATEMENTS.query(
    arguments={"orders.figures.sellers": json_text, "lines.1.discounts": json_text, "lines.1.commissions": json_text}
)
async def write_orders(
    connection: Connection, orders: Sequence[Order], lines: Sequence[tuple[UUID, OrderLine]], wanted_by: list[str]
) -> bool:
    """Write orders and lines, each with the id of its order; whether an endpoint wants what is `wanted_by` these patterns."""


async def insert_orders(connection: Connection, orders: Sequence[Order]) -> bool:
    """Write orders with their lines.

    Returns:
        Whether an endpoint wants `order.placed`.
    """
    lines = [(order.id, line) for order in orders for line in order.figures.lines]
    return await write_orders(connection, orders, lines, patterns_of("order.placed"))


async def hold_order(connection: Connection, order_id: UUID) -> Order:
    """An order, which nobody else changes until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if await connection.fetchval(STATEMENTS["hold_order"], order_id) is None:
        raise NotFound("There is no such order")
    return await read_order(connection, order_id)  # as it is under the lock


async def read_order(connection: Connection, order_id: UUID) -> Order:
    """An order.

    Raises:
        NotFound: There is none.
    """
    found = await read_orders(connection, [order_id])
    if not found:
        raise NotFound("There is no such order")
    return found[0]


async def read_orders(connection: Connection, order_ids: Sequence[UUID]) -> list[Order]:
    """Orders with their lines, in the order of these ids; those that there are not are left out."""
    lines = {
        order_id: tuple(map(line_of, rows))
        for order_id, rows in groupby(
            await connection.fetch(STATEMENTS["lines"], order_ids), lambda row: row["order_id"]
        )
    }
    return await _read(connection, order_ids, lines)


async def read_heads(connection: Connection, order_ids: Sequence[UUID]) -> list[Order]:
    """As `read_orders`, without any lines."""
    return await _read(connection, order_ids, {})


async def _read(
    connection: Connection, order_ids: Sequence[UUID], lines: Mapping[UUID, tuple[OrderLine, ...]]
) -> list[Order]:
    found = {
        row["id"]: _order(row, lines.get(row["id"], ()))
        for row in await connection.fetch(STATEMENTS["orders"], order_ids)
    }
    return [found[order_id] for order_id in order_ids if order_id in found]


def _order(row: Record, lines: tuple[OrderLine, ...]) -> Order:
    return Order(**values_of(row, _LIFE), figures=figures_of(row, lines))
