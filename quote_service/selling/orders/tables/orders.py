"""Orders and their lines: written once, together.

Source: docs/spec/orders.md#frozen-figures.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.event_types import patterns_of
from quote_service.selling.orders.model.order import Order, OrderLine
from quote_service.selling.orders.model.order_rows import LINE_COLUMNS, figures_of, line_of, values_of

_QUERIES = load_queries(__file__, "orders", OUTBOX)
_OF_QUOTES = _QUERIES["orders_of_quotes"]
_INSERT = _QUERIES["insert_orders"]
_ORDERS = _QUERIES["orders"]
_HOLD = _QUERIES["hold_order"]
_LINES = _QUERIES["lines"]
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

_encode = msgspec.json.Encoder().encode


async def orders_of_quotes(connection: Connection, quote_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The ids of the orders of these quotes, by quote."""
    return {row["quote_id"]: row["id"] for row in await connection.fetch(_OF_QUOTES, quote_ids)}


async def insert_orders(connection: Connection, orders: Sequence[Order]) -> bool:
    """Write orders with their lines.

    Returns:
        Whether an endpoint wants `order.placed`.
    """
    figures = [order.figures for order in orders]
    lines = [(order.id, line) for order in orders for line in order.figures.lines]
    is_wanted: bool = await connection.fetchval(
        _INSERT,
        [order.id for order in orders],
        [order.quote_id for order in orders],
        [order.purchase_id for order in orders],
        [order.customer_id for order in orders],
        [each.currency for each in figures],
        [each.exponent for each in figures],
        [each.quantity for each in figures],
        [each.item_total_minor for each in figures],
        [each.discount_minor for each in figures],
        [each.exclusive_tax_minor for each in figures],
        [each.inclusive_tax_minor for each in figures],
        [each.delivery_fee_minor for each in figures],
        [each.small_basket_fee_minor for each in figures],
        [each.fee_exclusive_tax_minor for each in figures],
        [each.fee_inclusive_tax_minor for each in figures],
        [each.total_minor for each in figures],
        [_encode(each.sellers).decode() for each in figures],
        [order.rulebook_version for order in orders],
        [order.placed_at for order in orders],
        [order.placed_by for order in orders],
        [order.placed_by_kind for order in orders],
        [order.request_id for order in orders],
        [order_id for order_id, _ in lines],
        *([getattr(line, name) for _, line in lines] for name in LINE_COLUMNS),
        [_encode(line.discounts).decode() for _, line in lines],
        [_encode(line.commissions).decode() for _, line in lines],
        patterns_of("order.placed"),
    )
    return is_wanted


async def hold_order(connection: Connection, order_id: UUID) -> Order:
    """An order, which nobody else changes until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    if await connection.fetchval(_HOLD, order_id) is None:
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
        for order_id, rows in groupby(await connection.fetch(_LINES, order_ids), lambda row: row["order_id"])
    }
    return await _read(connection, order_ids, lines)


async def read_heads(connection: Connection, order_ids: Sequence[UUID]) -> list[Order]:
    """As `read_orders`, without any lines."""
    return await _read(connection, order_ids, {})


async def _read(
    connection: Connection, order_ids: Sequence[UUID], lines: Mapping[UUID, tuple[OrderLine, ...]]
) -> list[Order]:
    found = {row["id"]: _order(row, lines.get(row["id"], ())) for row in await connection.fetch(_ORDERS, order_ids)}
    return [found[order_id] for order_id in order_ids if order_id in found]


def _order(row: Record, lines: tuple[OrderLine, ...]) -> Order:
    return Order(**values_of(row, _LIFE), figures=figures_of(row, lines))
