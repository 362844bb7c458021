"""Refunds and their lines, and what has been refunded of an order.

Source: docs/spec/refunds.md.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import NotFound
from quote_service.selling.orders.model.order import LineCommission, LineDiscount
from quote_service.selling.orders.model.refunds.plan import (
    FeesRefund,
    LineRefund,
    Refunded,
    RefundFigures,
    SellerRefund,
)
from quote_service.selling.orders.model.refunds.refund import Refund

_QUERIES = load_queries(__file__, "refunds")
_UNITS = _QUERIES["refunded_units"]
_FEES = _QUERIES["refunded_fees"]
_INSERT = _QUERIES["insert_refund"]
_INSERT_LINES = _QUERIES["insert_lines"]
_REFUND = _QUERIES["refund"]
_PAGE = _QUERIES["page_of_refunds"]
_LINES = _QUERIES["lines_of_refunds"]
_CUSTOMER = _QUERIES["customer_of_order"]
_OF_CUSTOMER = _QUERIES["refunds_of_customer"]
_FORGET = _QUERIES["forget_reasons"]
_PLAIN = (
    "id",
    "order_id",
    "number",
    "order_status",
    "currency",
    "exponent",
    "delivery",
    "restock",
    "reason",
    "refunded_at",
    "actor",
)
_LINE = (
    "line_id",
    "seller_id",
    "product_id",
    "variant_id",
    "quantity",
    "goods_minor",
    "tax_minor",
    "is_tax_included",
)


_encode = msgspec.json.Encoder().encode
_read_sellers = msgspec.json.Decoder(tuple[SellerRefund, ...]).decode
_read_discounts = msgspec.json.Decoder(tuple[LineDiscount, ...]).decode
_read_commissions = msgspec.json.Decoder(tuple[LineCommission, ...]).decode


class SoFar(NamedTuple):
    """What has been refunded of an order, and by how many refunds."""

    refunded: Refunded
    refunds: int


async def read_refunded(connection: Connection, order_id: UUID) -> SoFar:
    """What has been refunded of an order; to be asked under the lock of its row where more is to be refunded."""
    units = {row["line_id"]: row["units"] for row in await connection.fetch(_UNITS, order_id)}
    row = await connection.fetchrow(_FEES, order_id)
    assert row is not None  # of a sum
    fees = FeesRefund(**{name: row[name] for name in FeesRefund.__struct_fields__})
    return SoFar(Refunded(units, fees), row["refunds"])


async def insert_refund(connection: Connection, change: Change, refund: Refund) -> None:
    """Write a refund with its lines, and what becomes of its order, whose row the transaction holds."""
    figures = refund.figures
    await connection.execute(
        _INSERT,
        refund.id,
        refund.order_id,
        refund.number,
        refund.order_status,
        refund.delivery,
        refund.restock,
        refund.reason,
        figures.fees.delivery_fee_minor,
        figures.fees.small_basket_fee_minor,
        figures.fees.exclusive_tax_minor,
        figures.fees.inclusive_tax_minor,
        figures.total_minor,
        _encode(figures.sellers).decode(),
        refund.refunded_at,
        change.actor,
        change.actor_kind,
        change.request_id,
    )
    lines = figures.lines
    if lines:
        await connection.execute(
            _INSERT_LINES,
            refund.id,
            refund.order_id,
            [line.line_id for line in lines],
            [line.quantity for line in lines],
            [line.goods_minor for line in lines],
            [line.tax_minor for line in lines],
            [_encode(line.discounts).decode() for line in lines],
            [_encode(line.commissions).decode() for line in lines],
        )


async def customer_of_order(connection: Connection, order_id: UUID) -> UUID:
    """Whose order it is.

    Raises:
        NotFound: There is no such order.
    """
    customer_id: UUID | None = await connection.fetchval(_CUSTOMER, order_id)
    if customer_id is None:
        raise NotFound("There is no such order")
    return customer_id


async def read_refund(connection: Connection, order_id: UUID, refund_id: UUID) -> Refund:
    """A refund of an order.

    Raises:
        NotFound: The order has no such refund.
    """
    found = await _refunds(connection, await connection.fetch(_REFUND, order_id, refund_id))
    if not found:
        raise NotFound("There is no such refund")
    return found[0]


async def page_of_refunds(connection: Connection, order_id: UUID, *, after: int, limit: int) -> list[Refund]:
    """Up to `limit` refunds of an order, in the order in which they were made, from behind a number."""
    return await _refunds(connection, await connection.fetch(_PAGE, order_id, after, limit))


async def page_of_customer(
    connection: Connection, customer_id: UUID, *, after: tuple[UUID, int], limit: int
) -> list[Refund]:
    """Up to `limit` refunds of a customer's orders, order by order, from behind one: the id of its order and its number."""
    return await _refunds(connection, await connection.fetch(_OF_CUSTOMER, customer_id, *after, limit))


async def forget_reasons(connection: Connection, customer_id: UUID) -> None:
    """Take the reasons out of the refunds and events of a customer's orders."""
    await connection.execute(_FORGET, customer_id)


async def _refunds(connection: Connection, rows: Iterable[Record]) -> list[Refund]:
    found = list(rows)
    lines = {
        refund_id: tuple(map(_line, own))
        for refund_id, own in groupby(
            await connection.fetch(_LINES, [row["id"] for row in found]), lambda row: row["refund_id"]
        )
    }
    return [_refund(row, lines.get(row["id"], ())) for row in found]


def _refund(row: Record, lines: tuple[LineRefund, ...]) -> Refund:
    fees = FeesRefund(
        row["delivery_fee_minor"],
        row["small_basket_fee_minor"],
        row["fee_exclusive_tax_minor"],
        row["fee_inclusive_tax_minor"],
    )
    figures = RefundFigures(lines=lines, fees=fees, sellers=_read_sellers(row["sellers"]))
    return Refund(**{name: row[name] for name in _PLAIN}, figures=figures)


def _line(row: Record) -> LineRefund:
    return LineRefund(
        **{name: row[name] for name in _LINE},
        discounts=_read_discounts(row["discounts"]),
        commissions=_read_commissions(row["commissions"]),
    )
