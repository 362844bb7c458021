"""As many statements for a hundred quotes as for one, and none for limits that there are not.

Source: docs/decisions/reservations.md.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.operations.give_back import give_back
from quote_service.shop.reservations.operations.take import take
from tests.reservations.things import CHANGE, claim, make_coupon, make_rule, make_stock

Make = Callable[[], Claim]


async def made(connection: Connection, kind: str) -> Make:
    """What makes claims of a kind."""
    items = [(await make_stock(connection, 1000), 1) for _ in range(3)]
    plain, coupon = await make_rule(connection), await make_coupon(connection, usage_limit=1000)
    budget = await make_rule(connection, budget=1000)
    anything = [(uuid4(), 1)]
    discounts: dict[UUID, int] = {coupon: 5, budget: 5, plain: 5}
    return {
        "plain": lambda: claim(*anything),
        "promotion": lambda: claim(*anything, discounts={plain: 5}),
        "stock": lambda: claim(*items),
        "coupon": lambda: claim(*anything, coupons=(coupon,), discounts={coupon: 5}),
        "budget": lambda: claim(*anything, discounts={budget: 5}),
        "all": lambda: claim(*items, coupons=(coupon,), discounts=discounts),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "to_take", "to_give_back"),
    # Quotes and items; with stock its move and its rows; with limits their rules, counters and rows; then the rulebook.
    [
        ("plain", 2, 4),
        ("promotion", 2, 4),
        ("stock", 4, 7),
        ("coupon", 5, 9),
        ("budget", 5, 9),
        ("all", 9, 16),
    ],
)
async def test_a_group_has_the_statements_of_one(
    database_url: str, database: Database, kind: str, to_take: int, to_give_back: int
) -> None:
    connection = await asyncpg.connect(database_url)
    statements: list[str] = []
    counts = []
    try:
        async with database.transaction() as making:
            make = await made(making, kind)
        for count in (1, 1, 40):  # the driver asks for types at first
            claims = [make() for _ in range(count)]
            with connection.query_logger(lambda record: statements.append(record.query)):
                statements.clear()
                async with connection.transaction():
                    assert await take(Change.within(connection, CHANGE), claims) == [None] * count
                taken = len(statements) - 2
                statements.clear()
                async with connection.transaction():
                    await give_back(Change.within(connection, CHANGE), [each.quote_id for each in claims])
                counts.append((taken, len(statements) - 2))
    finally:
        await connection.close()
    assert counts[1:] == [(to_take, to_give_back)] * 2
