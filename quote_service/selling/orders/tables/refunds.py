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
from quote_service.platform.postgres.statements import Statements, json_text
from quote_service.platform.system.changes import Author
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

STATEMENTS = Statements(__file__, "refunds")
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


_read_sellers = msgspec.json.Decoder(tuple[SellerRefund, ...]).decode
_read_discounts = msgspec.json.Decoder(tuple[LineDiscount, ...]).decode
_read_commissions = msgspec.json.Decoder(tuple[LineCommission, ...]).decode


class SoFar(NamedTuple):
    """What has been refunded of an order, and by how many refunds."""

    refunded: Refunded
    refunds: int


async def read_refunded(connection: Connection, order_id: UUID) -> SoFar:
    """What has been refunded of an order; to be asked under the lock of its row where more is to be refunded."""
    units = {row["line_id"]: row["units"] for row in await connection.fetch(STATEMENTS["refunded_units"], order_id)}
    row = await connection.fetchrow(STATEMENTS["refunded_fees"], order_id)
    assert row is not None  # of a sum
    fees = FeesRefund(**{name: row[name] for name in FeesRefund.__struct_fields__})
    return SoFar(Refunded(units, fees), row["refunds"])


@STATEMENTS.query(arguments={"refund.figures.sellers": json_text})
async def write_refund(connection: Connection, change: Author, refund: Refund) -> None:
    """Write a refund without its lines, and the new state of its order."""


@STATEMENTS.query(
    arguments={"refund.figures.lines.discounts": json_text, "refund.figures.lines.commissions": json_text}
)
async def write_lines(connection: Connection, refund: Refund) -> None:
    """Write the lines of a refund."""


async def insert_refund(connection: Connection, change: Author, refund: Refund) -> None:
    """Write a refund with its lines, and the new state of its order, whose row the transaction holds."""
    await write_refund(connection, change, refund)
    if refund.figures.lines:
        await write_lines(connection, refund)


@STATEMENTS.query(missing="There is no such order")
async def customer_of_order(connection: Connection, order_id: UUID) -> UUID:
    """Whose order it is.

    Raises:
        NotFound: There is no such order.
    """


async def read_refund(connection: Connection, order_id: UUID, refund_id: UUID) -> Refund:
    """A refund of an order.

    Raises:
        NotFound: The order has no such refund.
    """
    found = await _refunds(connection, await connection.fetch(STATEMENTS["refund"], order_id, refund_id))
    if not found:
        raise NotFound("There is no such refund")
    return found[0]


async def page_of_refunds(connection: Connection, order_id: UUID, *, after: int, limit: int) -> list[Refund]:
    """Up to `limit` refunds of an order, in the order in which they were made, from behind a number."""
    return await _refunds(connection, await connection.fetch(STATEMENTS["page_of_refunds"], order_id, after, limit))


async def page_of_customer(
    connection: Connection, customer_id: UUID, *, after: tuple[UUID, int], limit: int
) -> list[Refund]:
    """Up to `limit` refunds of a customer's orders, order by order, from behind one: the id of its order and its number."""
    return await _refunds(
        connection, await connection.fetch(STATEMENTS["refunds_of_customer"], customer_id, *after, limit)
    )


@STATEMENTS.query()
async def forget_reasons(connection: Connection, customer_id: UUID) -> None:
    """Take the reasons out of the refunds and events of a customer's orders."""


async def _refunds(connection: Connection, rows: Iterable[Record]) -> list[Refund]:
    found = list(rows)
    lines = {
        refund_id: tuple(map(_line, own))
        for refund_id, own in groupby(
            await connection.fetch(STATEMENTS["lines_of_refunds"], [row["id"] for row in found]),
            lambda row: row["refund_id"],
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
