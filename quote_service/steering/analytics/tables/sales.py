"""What is to be counted of sales, read from the rows that say it exactly.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.selling.orders.model.order_rows import (
    figures_of,
    line_of,
    read_commissions,
    read_discounts,
    values_of,
)
from quote_service.selling.orders.model.refunds.plan import FeesRefund, LineRefund, SellerRefund
from quote_service.steering.analytics.model.sales.facts import Kind, SaleFact, Source
from quote_service.steering.analytics.model.sales.of_orders import (
    MadeRefund,
    SoldOrder,
    accepted_fact,
    by_issue,
    cancellation_fact,
    order_fact,
    refund_fact,
)
from quote_service.steering.analytics.model.sales.quoted import Quoted, Variants

STATEMENTS = Statements(__file__, "sales")
_HOURS = 24 * 3600.0
_REFUND_LINE = (
    "line_id",
    "seller_id",
    "product_id",
    "variant_id",
    "quantity",
    "goods_minor",
    "tax_minor",
    "is_tax_included",
)

_read_refunded_sellers = msgspec.json.Decoder(tuple[SellerRefund, ...]).decode


@STATEMENTS.query()
async def take_uncounted(connection: Connection, limit: int) -> list[Source]:
    """Take out what is to be counted, the oldest first, in the transaction that counts it."""


@STATEMENTS.query(timeout=_HOURS)
async def uncount(connection: Connection) -> None:
    """Have all that there is counted, whether it has been or not; the caller has lifted the time limit of statements."""


async def read_facts(connection: Connection, sources: Sequence[Source]) -> list[SaleFact]:
    """What these are, to be counted."""
    ids: dict[Kind, list[UUID]] = {"quote": [], "order": [], "refund": [], "cancellation": []}
    for source in sources:
        ids[source.kind].append(source.id)
    variants = await _variants(connection)
    facts: list[SaleFact] = []
    for row in await connection.fetch(STATEMENTS["quotes"], ids["quote"]) if ids["quote"] else ():
        quoted = Quoted(row["data"], row["request"], variants)
        accepted = accepted_fact(quoted, row["accepted_at"], row["currency"], row["total_minor"])
        facts += by_issue(accepted, "accepted", row["issued_at"])
    refunds = await connection.fetch(STATEMENTS["refunds"], ids["refund"]) if ids["refund"] else []
    of_refunds = [row["order_id"] for row in refunds]
    order_ids = list({*ids["order"], *ids["cancellation"], *of_refunds})
    if not order_ids:
        return facts
    orders, cancelled_at = await _orders(connection, order_ids, variants)
    for order_id in ids["order"]:
        facts += by_issue(order_fact(orders[order_id]), "orders", orders[order_id].issued_at)
    facts += [cancellation_fact(orders[order_id], cancelled_at[order_id]) for order_id in ids["cancellation"]]
    if refunds:
        lines = _grouped(await connection.fetch(STATEMENTS["refund_lines"], ids["refund"]), "refund_id")
        facts += [refund_fact(orders[row["order_id"]], _refund(row, lines.get(row["id"], ()))) for row in refunds]
    return facts


async def _variants(connection: Connection) -> Variants:
    """Those that flags have now."""
    return {
        row["key"]: [(variant["key"], variant["value"]) for variant in msgspec.json.decode(row["variants"])]
        for row in await connection.fetch(STATEMENTS["variants"])
    }


async def _orders(
    connection: Connection, order_ids: Sequence[UUID], variants: Variants
) -> tuple[dict[UUID, SoldOrder], dict[UUID, Any]]:
    """The orders, and when they were cancelled, by id."""
    lines = _grouped(await connection.fetch(STATEMENTS["lines"], order_ids), "order_id")
    rows = await connection.fetch(STATEMENTS["orders"], order_ids)
    return (
        {row["id"]: _order(row, lines.get(row["id"], ()), variants) for row in rows},
        {row["id"]: row["cancelled_at"] for row in rows},
    )


def _order(row: Record, lines: Iterable[Record], variants: Variants) -> SoldOrder:
    figures = figures_of(row, tuple(map(line_of, lines)))
    quoted = None if row["data"] is None else Quoted(row["data"], row["request"], variants)
    return SoldOrder(row["id"], row["placed_at"], figures, quoted, row["issued_at"])


def _refund(row: Record, lines: Iterable[Record]) -> MadeRefund:
    return MadeRefund(
        refunded_at=row["refunded_at"],
        total_minor=row["total_minor"],
        lines=tuple(
            LineRefund(
                **values_of(line, _REFUND_LINE),
                discounts=read_discounts(line["discounts"]),
                commissions=read_commissions(line["commissions"]),
            )
            for line in lines
        ),
        fees=FeesRefund(
            row["delivery_fee_minor"],
            row["small_basket_fee_minor"],
            row["fee_exclusive_tax_minor"],
            row["fee_inclusive_tax_minor"],
        ),
        sellers=_read_refunded_sellers(row["sellers"]),
    )


def _grouped(rows: Iterable[Record], name: str) -> Mapping[UUID, tuple[Record, ...]]:
    return {key: tuple(own) for key, own in groupby(rows, lambda row: row[name])}
