"""`quote-service orders check` finds refunds that do not agree with their orders or the ledger.

Source: docs/spec/orders.md#check.
"""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.selling.orders.operations.refund_order import refund_order
from tests.conftest import MakeDatabase
from tests.orders.refunds.any_order import a_commission, a_discount, a_draft, a_line, an_order
from tests.orders.refunds.breakages import BREAKAGES
from tests.orders.refunds.counter import placed_order, put_order
from tests.orders.refunds.golden_cases import NAMES, read_case
from tests.reservations.things import CHANGE


async def found(database: Database) -> set[str]:
    return {finding.check for finding in (await check_orders(database)).findings}


async def test_refunds_that_were_made_are_in_order(database: Database) -> None:
    for name in NAMES:
        case = read_case(name)
        order = placed_order(case.order)
        async with database.transaction() as connection:
            await put_order(connection, order)
        for draft in case.drafts:
            async with database.transaction() as connection:
                await refund_order(Change.within(connection, CHANGE), order.id, draft)
            assert await found(database) == set()


@pytest.mark.parametrize(("statement", "check"), BREAKAGES)
async def test_what_does_not_agree_is_found(new_database_url: MakeDatabase, statement: str, check: set[str]) -> None:
    url = new_database_url()
    database = await Database.open(url)
    line = a_line(
        1,
        goods_minor=900,
        quantity=3,
        discounts=(a_discount(UUID(int=1), 1, 2),),
        commissions=(a_commission(UUID(int=2), 9),),
    )
    order = placed_order(an_order((line,), delivery_fee_minor=300))
    async with database.transaction() as connection:
        await put_order(connection, order)
    async with database.transaction() as connection:
        await refund_order(Change.within(connection, CHANGE), order.id, a_draft({1: 2}, "proportional"))
    assert await found(database) == set()
    intruder = await asyncpg.connect(url)
    await intruder.execute("SET session_replication_role = replica")  # no trigger refuses anything
    await intruder.execute(statement, order.id)
    await intruder.close()
    assert await found(database) == check
    await database.close()
