"""What a refund gives back beside money: units to stock, discounts to budgets; and nothing of it twice.

Source: docs/spec/refunds.md#stock-budgets-and-coupons.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.require_left import RefundExceedsOrder
from quote_service.selling.orders.model.refusals import OrderStateForbids
from quote_service.selling.orders.operations.change_order import cancel_order
from quote_service.selling.orders.operations.refund_order import refund_order
from tests.orders.refunds.any_order import a_discount, a_draft, a_line, an_order
from tests.orders.refunds.counter import placed_order, put_order
from tests.reservations.things import (
    CHANGE,
    claim,
    make_coupon,
    make_rule,
    make_stock,
    recorded_of,
    spent_of,
    stock_of,
    taken,
    uses_of,
)


class Bought(NamedTuple):
    order: Order
    shoe: UUID
    sock: UUID
    promotion: UUID
    coupon: UUID


async def bought(database: Database) -> Bought:
    """3 shoes with 10.00 off by a promotion and 0.05 by a coupon, 2 socks and a thing without stock; 10 of each were there."""
    customer_id, quote_id = uuid4(), uuid4()
    async with database.transaction() as connection:
        shoe, sock = await make_stock(connection, 10), await make_stock(connection, 10)
        promotion = await make_rule(connection, budget=10, budget_per_customer=10)
        coupon = await make_coupon(connection, usage_limit=1, budget=5)
    stranger = uuid4()
    asked = claim(
        (shoe, 3),
        (sock, 2),
        (stranger, 1),
        coupons=(coupon,),
        discounts={promotion: 1000, coupon: 5},
        customer=customer_id,
        quote=quote_id,
    )
    assert await taken(database, asked) == [None]
    lines = (
        a_line(
            1,
            goods_minor=9000,
            product_id=shoe,
            quantity=3,
            discounts=(a_discount(promotion, 400, 600), a_discount(coupon, 5, 0)),
        ),
        a_line(2, goods_minor=200, product_id=sock, quantity=2),
        a_line(3, goods_minor=100, product_id=stranger),
    )
    order = placed_order(an_order(lines), customer_id=customer_id, quote_id=quote_id)
    async with database.transaction() as connection:
        await put_order(connection, order)
    return Bought(order, shoe, sock, promotion, coupon)


async def refund(database: Database, order: Order, draft: RefundDraft) -> None:
    async with database.transaction() as connection:
        await refund_order(Change.within(connection, CHANGE), order.id, draft)


def restocked(units: dict[int, int]) -> RefundDraft:
    return msgspec.structs.replace(a_draft(units), restock=True)


async def test_units_go_back_into_stock_where_that_is_asked_for(database: Database) -> None:
    made = await bought(database)
    await refund(database, made.order, a_draft({1: 1, 2: 1}))
    async with database.read() as connection:
        assert (await stock_of(connection, made.shoe), await stock_of(connection, made.sock)) == ((7, 0), (8, 0))
    await refund(database, made.order, restocked({1: 2, 3: 1}))
    async with database.read() as connection:
        assert (await stock_of(connection, made.shoe), await stock_of(connection, made.sock)) == ((9, 0), (8, 0))
        moved = await connection.fetchrow(
            "SELECT delta, reason, actor FROM inventory_movements WHERE item_id = $1 ORDER BY id DESC LIMIT 1",
            made.shoe,
        )
        assert moved is not None
        assert tuple(moved) == (2, "returned", CHANGE.actor)


async def test_what_is_undone_of_a_discount_goes_back_into_its_budget(database: Database) -> None:
    made = await bought(database)
    spent = []
    for _ in range(3):
        await refund(database, made.order, a_draft({1: 1}))
        async with database.read() as connection:
            spent.append(
                (
                    await spent_of(connection, made.promotion),
                    await spent_of(connection, made.promotion, made.order.customer_id),
                    await spent_of(connection, made.coupon),
                )
            )
    assert spent == [(667, 667, 3), (333, 333, 2), (0, 0, 0)]
    async with database.read() as connection:
        # The budget was told to be used up, and is not any more; the coupon stays used.
        assert await recorded_of(connection, made.promotion) == (None, 0)
        assert (await uses_of(connection, made.coupon), (await recorded_of(connection, made.coupon))[0]) == (1, 1)
    again = claim(discounts={made.promotion: 1000}, customer=made.order.customer_id)
    assert await taken(database, again) == [None]


async def test_a_refund_that_is_refused_gives_nothing_back(database: Database) -> None:
    made = await bought(database)
    with pytest.raises(RefundExceedsOrder):
        await refund(database, made.order, restocked({1: 3, 2: 3}))
    async with database.read() as connection:
        assert await stock_of(connection, made.shoe) == (7, 0)
        assert await spent_of(connection, made.promotion) == 1000
        assert await connection.fetchval("SELECT count(*) FROM order_refunds WHERE order_id = $1", made.order.id) == 0


async def test_refunds_at_once_give_back_what_was_taken(database: Database) -> None:
    made = await bought(database)
    drafts = [restocked({1: 1}), restocked({2: 1}), restocked({1: 1, 2: 1}), restocked({2: 1}), restocked({1: 2})]
    outcomes = await asyncio.gather(*(refund(database, made.order, draft) for draft in drafts), return_exceptions=True)
    assert all(outcome is None or isinstance(outcome, QuoteServiceError) for outcome in outcomes), outcomes
    async with database.transaction() as connection:
        rows = await connection.fetch(
            "SELECT line_id, sum(quantity) AS units FROM order_refund_lines WHERE order_id = $1 GROUP BY 1",
            made.order.id,
        )
        refunded = {row["line_id"]: row["units"] for row in rows}
        assert refunded[1] <= 3
        assert refunded[2] <= 2
        assert await stock_of(connection, made.shoe) == (7 + refunded[1], 0)
        assert await stock_of(connection, made.sock) == (8 + refunded[2], 0)
        undone = await connection.fetchval(
            """SELECT sum((discount ->> 'amount_minor')::int) FROM order_refund_lines, json_array_elements(discounts) AS discount
            WHERE order_id = $1 AND discount ->> 'rule_id' = $2""",
            made.order.id,
            str(made.promotion),
        )
        assert await spent_of(connection, made.promotion) == 1000 - undone


async def test_a_purchase_of_a_flash_sale_has_nothing_to_be_put_back(database: Database) -> None:
    made = placed_order(an_order((a_line(1, goods_minor=100, quantity=2),)))
    order = msgspec.structs.replace(made, quote_id=None, purchase_id=uuid4())
    async with database.transaction() as connection:
        await put_order(connection, order)
    await refund(database, order, restocked({1: 2}))
    async with database.read() as connection:
        assert await connection.fetchval("SELECT status FROM orders WHERE id = $1", order.id) == "refunded"


async def test_refunds_cancellations_and_acceptances_of_the_same_things_wait_for_each_other_in_no_circle(
    database_url: str,
) -> None:
    # So patient that nothing but a circle is refused.
    database = await Database.open(
        database_url, connections_max=32, acquire_seconds=100, statement_seconds=100, lock_seconds=100
    )
    async with database.transaction() as connection:
        items = [await make_stock(connection, 1000) for _ in range(3)]
        rules = [await make_rule(connection, budget=1000) for _ in range(3)]
    orders = []
    for turn in range(8):
        # Each names the same things in an order of its own.
        things, given = items[turn % 3 :] + items[: turn % 3], rules[turn % 2 :] + rules[: turn % 2]
        quote_id = uuid4()
        asked = claim(*((item, 4) for item in things), discounts=dict.fromkeys(given, 40), quote=quote_id)
        assert await taken(database, asked) == [None]
        lines = tuple(
            a_line(
                place, goods_minor=400, product_id=item, quantity=4, discounts=(a_discount(given[place - 1], 40, 0),)
            )
            for place, item in enumerate(things, 1)
        )
        orders.append(placed_order(an_order(lines), quote_id=quote_id))
        async with database.transaction() as connection:
            await put_order(connection, orders[-1])

    async def accept(turn: int) -> None:
        asked = claim(
            *((item, 1) for item in items[turn % 3 :] + items[: turn % 3]), discounts=dict.fromkeys(rules, 10)
        )
        assert await taken(database, asked) == [None]

    async def cancel(order: Order) -> None:
        async with database.transaction() as connection:
            await cancel_order(Change.within(connection, CHANGE), order.id)

    calls = [
        call
        for turn, order in enumerate(orders)
        for call in (
            refund(database, order, restocked({1: 1, 3: 2})),
            accept(turn),
            refund(database, order, restocked({3: 1, 2: 1})),
            cancel(order),
        )
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {type(None), OrderStateForbids}, outcomes
    async with database.transaction() as connection:
        for item in items:
            gone = await connection.fetchval(
                "SELECT sum(quantity - given_back) FROM claimed_units WHERE item_id = $1", item
            )
            assert await stock_of(connection, item) == (1000 - gone, 0)
        for rule in rules:
            spent = await connection.fetchval(
                "SELECT sum(amount_minor - given_back_minor) FROM budget_spends WHERE rule_id = $1", rule
            )
            assert await spent_of(connection, rule) == spent
        refunded = await connection.fetchval(
            """SELECT count(*) FROM orders AS o WHERE o.id = ANY ($1::uuid[])
            AND (o.status = 'cancelled') = EXISTS (SELECT FROM order_refunds AS r WHERE r.order_id = o.id)""",
            [order.id for order in orders],
        )
        assert refunded == 0
    assert not (await check_ledger(database)).findings
    await database.close()
