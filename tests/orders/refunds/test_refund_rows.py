"""What PostgreSQL holds of refunds, whoever writes; and how it finds them.

Source: docs/spec/refunds.md#request; docs/spec/refunds.md#status.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.operations.refund_order import preview_refund, refund_order
from quote_service.selling.orders.tables import refunds
from quote_service.selling.orders.tables.refunds import page_of_refunds, read_refund
from tests.orders.refunds.any_order import RATES, RULES, a_commission, a_discount, a_draft, a_line, an_order
from tests.orders.refunds.counter import placed_order, put_order
from tests.reservations.things import CHANGE

QUERIES = refunds.STATEMENTS
ORDERS = 3_000
FILLED = f"""
INSERT INTO orders (
    id, quote_id, customer_id, status, currency, exponent, quantity, item_total_minor, discount_minor, exclusive_tax_minor,
    inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor, fee_inclusive_tax_minor,
    total_minor, sellers, placed_at, placed_by, placed_by_kind, request_id, changed_at
)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'partly_refunded', 'TRY', 2, 9, 900, 0, 0, 0, 0, 0, 0, 0, 900,
    '[]', now(), 'x', 'key', 'r', now()
FROM generate_series(1, {ORDERS});
INSERT INTO order_lines (
    order_id, line_id, product_id, seller_id, quantity, unit_price_micro, total_minor, discount_minor, seller_discount_minor,
    tax_minor, is_tax_included, discounts, commissions
)
SELECT id, 1, gen_random_uuid(), gen_random_uuid(), 9, 1, 900, 0, 0, 0, false, '[]', '[]' FROM orders WHERE request_id = 'r';
WITH made AS (
    INSERT INTO order_refunds (
        id, order_id, number, order_status, delivery, restock, delivery_fee_minor, small_basket_fee_minor,
        fee_exclusive_tax_minor, fee_inclusive_tax_minor, total_minor, sellers, refunded_at, actor, actor_kind, request_id
    )
    SELECT gen_random_uuid(), id, n, 'partly_refunded', 'none', false, 0, 0, 0, 0, 100, '[]', now(), 'x', 'key', 'r'
    FROM orders, generate_series(1, 2) AS n WHERE request_id = 'r'
    RETURNING id, order_id
)
INSERT INTO order_refund_lines (refund_id, order_id, line_id, quantity, goods_minor, tax_minor, discounts, commissions)
SELECT id, order_id, 1, 1, 100, 0, '[]', '[]' FROM made;
"""


async def an_order_with_a_refund(database: Database, units: int = 1) -> tuple[Order, UUID]:
    """Of 3 units for 90.00 with a delivery of 10.00; so many are refunded, with a third of the delivery each."""
    lines = (
        a_line(
            1,
            goods_minor=9000,
            quantity=3,
            tax_minor=1500,
            is_tax_included=True,
            discounts=(a_discount(RULES[0], 10, 20),),
            commissions=(a_commission(RATES[0], 1, 2, 3),),
        ),
        a_line(2, goods_minor=5, variant_id=uuid4()),
    )
    order = placed_order(an_order(lines, delivery_fee_minor=1000))
    async with database.transaction() as connection:
        await put_order(connection, order)
    async with database.transaction() as connection:
        made = await refund_order(Change.within(connection, CHANGE), order.id, a_draft({1: units}, "proportional"))
    assert made.refund.id is not None
    return order, made.refund.id


async def test_a_refund_is_read_as_it_was_made(database: Database) -> None:
    order, _ = await an_order_with_a_refund(database)
    draft = a_draft({2: 1, 1: 2}, "full")
    async with database.transaction() as connection:
        planned = await preview_refund(connection, order.id, draft)
        made = await refund_order(Change.within(connection, CHANGE), order.id, draft)
        assert made.refund.figures == planned.figures
        assert made.refund.id is not None
        assert await read_refund(connection, order.id, made.refund.id) == made.refund
        assert (await page_of_refunds(connection, order.id, after=1, limit=9)) == [made.refund]
    assert [line.line_id for line in made.refund.figures.lines] == [1, 2]


ANOTHER_LINE = """INSERT INTO order_refund_lines
    (refund_id, order_id, line_id, quantity, goods_minor, tax_minor, discounts, commissions)
    VALUES ($1, $2, 2, 1, 5, 0, '[]', '[]')"""


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO order_refund_lines SELECT $1, $2, 2, 2, 5, 0, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, $2, 2, 1, 6, 0, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, $2, 2, 1, 5, 1, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, $2, 3, 1, 0, 0, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, $2, 1, 1, 0, 0, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, $2, 2, 0, 0, 0, '[]', '[]'",
        "INSERT INTO order_refund_lines SELECT $1, o.id, 1, 1, 0, 0, '[]', '[]' FROM orders AS o WHERE o.id <> $2 LIMIT 1",
        "UPDATE order_refund_lines SET quantity = 2 WHERE refund_id = $1 AND order_id = $2",
        "DELETE FROM order_refund_lines WHERE refund_id = $1 AND order_id = $2",
        "UPDATE order_refunds SET total_minor = 1 WHERE id = $1 AND order_id = $2",
        "UPDATE order_refunds SET reason = 'other' WHERE id = $1 AND order_id = $2",
        "UPDATE order_refunds SET reason = NULL, number = 7 WHERE id = $1 AND order_id = $2",
        "DELETE FROM order_refunds WHERE id = $1 AND order_id = $2",
        "INSERT INTO order_refunds SELECT r.* FROM order_refunds AS r WHERE r.id = $1 AND r.order_id = $2",
    ],
)
async def test_plain_sql_refunds_no_more_and_changes_nothing(
    database: Database, database_url: str, statement: str
) -> None:
    order, refund_id = await an_order_with_a_refund(database)
    await an_order_with_a_refund(database)
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await connection.execute(statement, refund_id, order.id)
    assert isinstance(
        refusal.value,
        (
            asyncpg.RestrictViolationError,
            asyncpg.ForeignKeyViolationError,
            asyncpg.UniqueViolationError,
            asyncpg.CheckViolationError,
        ),
    ), refusal.value
    await connection.execute(ANOTHER_LINE, refund_id, order.id)  # which the order has
    await connection.execute("UPDATE order_refunds SET reason = NULL WHERE id = $1", refund_id)
    await connection.close()


ANOTHER_REFUND = """INSERT INTO order_refunds (
    id, order_id, number, order_status, delivery, restock, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
    fee_inclusive_tax_minor, total_minor, sellers, refunded_at, actor, actor_kind, request_id
) VALUES ($1, $2, $3, 'partly_refunded', 'full', false, $4, $5, 0, 0, $6, '[]', now(), 'x', 'key', 'r')"""


async def test_plain_sql_refunds_no_more_of_the_fees(database: Database, database_url: str) -> None:
    order, _ = await an_order_with_a_refund(database)
    connection = await asyncpg.connect(database_url)
    for more in ((751, 0, 0), (0, 1, 0), (0, 0, 7000)):
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(ANOTHER_REFUND, uuid4(), order.id, 2, *more)
    await connection.execute(ANOTHER_REFUND, uuid4(), order.id, 2, 750, 0, 750)
    cancelled = placed_order(an_order((a_line(1, goods_minor=5),)))
    async with database.transaction() as placing:
        await put_order(placing, cancelled)
    await connection.execute("UPDATE orders SET status = 'cancelled', cancelled_at = now() WHERE id = $1", cancelled.id)
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(ANOTHER_REFUND, uuid4(), cancelled.id, 1, 0, 0, 0)
    await connection.close()


async def test_of_programs_at_once_none_refunds_what_another_has_refunded(
    database: Database, database_url: str
) -> None:
    """Without the lock that the service takes: the trigger takes it."""
    order, refund_id = await an_order_with_a_refund(database)
    first, second = [await asyncpg.connect(database_url) for _ in range(2)]
    doing = first.transaction()
    await doing.start()
    other = await second.fetchval("SELECT gen_random_uuid()")
    await second.execute(ANOTHER_REFUND, other, order.id, 2, 0, 0, 0)
    await first.execute(ANOTHER_LINE, refund_id, order.id)
    waiting = asyncio.create_task(second.execute(ANOTHER_LINE, other, order.id))
    async with database.read() as watching:
        while not await watching.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)", second.get_server_pid()
        ):
            assert not waiting.done()
            await asyncio.sleep(0)
    await doing.commit()
    with pytest.raises(asyncpg.RestrictViolationError):
        await waiting
    for connection in (first, second):
        await connection.close()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("refunded_units", ("order",)),
        ("refunded_fees", ("order",)),
        ("page_of_refunds", ("order", 1, 51)),
        ("refund", ("order", "refund")),
        ("lines_of_refunds", ("refunds",)),
        ("refunds_of_customer", ("customer", UUID(int=0), 0, 11)),
    ],
)
async def test_nothing_reads_every_refund(database_url: str, name: str, given: tuple[Any, ...]) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT count(*) > 1000 FROM order_refunds"):
        await connection.execute(FILLED)
        await connection.execute("VACUUM ANALYZE")
    row = await connection.fetchrow(
        """SELECT r.id AS refund, ARRAY[r.id] AS refunds, o.id AS order, customer_id AS customer
        FROM order_refunds AS r JOIN orders AS o ON o.id = r.order_id LIMIT 1"""
    )
    assert row is not None
    arguments = [row[each] if isinstance(each, str) else each for each in given]
    plan = [each[0] for each in await connection.fetch(f"EXPLAIN {QUERIES[name]}", *arguments)]
    assert not [line for line in plan if "Seq Scan on" in line], "\n".join(plan)
    await connection.close()
