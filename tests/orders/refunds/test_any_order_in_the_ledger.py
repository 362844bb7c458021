"""Whatever is ordered and however it is refunded, PostgreSQL holds it: the triggers, the ledger and its check.

Source: docs/spec/refunds.md#ledger.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.model.order import Order, OrderFigures
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.require_left import RefundExceedsOrder
from quote_service.selling.orders.operations.refund_order import preview_refund, refund_order
from quote_service.selling.orders.tables.refunds import page_of_refunds, read_refunded
from tests.orders.refunds.any_order import drafts_of, kept_commission, orders
from tests.orders.refunds.counter import placed_order, put_order
from tests.pricing.laws import laws
from tests.reservations.things import CHANGE


@st.composite
def orders_and_drafts(draw: st.DrawFn) -> tuple[OrderFigures, list[RefundDraft]]:
    figures = draw(orders())
    return figures, draw(drafts_of(figures))


@pytest.mark.long("random orders of refunds in a real ledger")
@laws(30)
@given(made=orders_and_drafts())
def test_refunds_are_stored_and_posted_as_they_were_planned(
    database_url: str, made: tuple[OrderFigures, list[RefundDraft]]
) -> None:
    asyncio.run(refund_whole(database_url, *made))


async def refund_whole(database_url: str, figures: OrderFigures, drafts: list[RefundDraft]) -> None:
    order = placed_order(figures, customer_id=uuid4())
    database = await Database.open(database_url)
    async with database.transaction() as connection:
        await put_order(connection, order)
    refunds = []
    for draft in drafts:
        async with database.snapshot() as connection:
            try:
                planned = await preview_refund(connection, order.id, draft)
            except RefundExceedsOrder:
                assert not draft.lines
                continue
        async with database.transaction() as connection:
            refunds.append((await refund_order(Change.within(connection, CHANGE), order.id, draft)).refund)
        assert refunds[-1].figures == planned.figures
    async with database.transaction() as connection:
        assert await page_of_refunds(connection, order.id, after=0, limit=99) == refunds
        assert refunds[-1].order_status == await connection.fetchval(
            "SELECT status FROM orders WHERE id = $1", order.id
        )
        so_far = await read_refunded(connection, order.id)
        assert so_far.refunded.units == {line.line_id: line.quantity for line in figures.lines}
        left = await left_of(connection, order)
    kept = sum(map(kept_commission, figures.lines))
    # What is left of a seller is what is kept, with a tax that was taken off beside it.
    assert kept <= -left["seller"] <= 2 * kept + 1
    assert not (await check_ledger(database)).findings
    await database.close()


async def left_of(connection: Connection, order: Order) -> Counter[str]:
    """What the ledger keeps of an order and its refunds, by account."""
    rows = await connection.fetch(
        """SELECT unnest(accounts) AS account, unnest(amounts_minor) AS amount_minor FROM ledger_transactions
        WHERE source_id = $1 OR source_id IN (SELECT id FROM order_refunds WHERE order_id = $1)""",
        order.id,
    )
    left: Counter[str] = Counter()
    for row in rows:
        left[row["account"]] += row["amount_minor"]
    assert {account for account, amount in left.items() if amount} <= {"seller", "commission", "commission_tax"}
    assert left["seller"] + left["commission"] + left["commission_tax"] == 0
    return left
