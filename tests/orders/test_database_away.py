"""PostgreSQL goes away under orders: nothing is half done, and a repeat with the key places it once.

Source: docs/spec/orders.md#place-an-order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.orders.operations.asked_order import PlacedOrder
from quote_service.selling.orders.operations.check_orders import check_orders
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.orders.books import accepted, asked, code_of, groups_on, placed
from tests.quotes.lifecycle.issued import WiderWorld

ORDERS = 200


@pytest.fixture
def server(server_folder: Path) -> Iterator[PostgresServer]:
    own = postgres_server_in(server_folder / "orders-away")
    own.start()
    yield own
    own.discard()


@pytest.mark.long("a PostgreSQL that dies while orders are placed")
async def test_orders_that_a_server_dies_under_are_placed_once(server: PostgresServer) -> None:
    await migrate(server.url)
    database = await Database.open(server.url)
    groups = groups_on(database)
    wanted = [asked(await accepted(database, WiderWorld(seed))) for seed in range(ORDERS)]
    first = [asyncio.create_task(groups.place(each)) for each in wanted]
    await asyncio.wait(first[:1])
    # Under way, or waiting: the rest comes in groups.
    later = [asyncio.create_task(groups.place(each)) for each in wanted]
    await asyncio.to_thread(server.stop)
    outcomes = await asyncio.gather(*first, *later, return_exceptions=True)
    assert {code_of(outcome) for outcome in outcomes if not isinstance(outcome, PlacedOrder)} <= {
        "dependency-unavailable"
    }
    (refused,) = await asyncio.gather(groups.place(wanted[0]), return_exceptions=True)
    assert code_of(refused) == "dependency-unavailable"
    await asyncio.to_thread(server.start)
    again = [placed(await groups.place(each))["id"] for each in wanted]
    for before, now in zip(outcomes, [*again, *again], strict=True):
        if isinstance(before, PlacedOrder):
            assert placed(before)["id"] == now
    found = await check_orders(database)
    assert (found.orders, found.findings) == (ORDERS, [])
    assert (await check_ledger(database)).findings == []
    await groups.close()
    await database.close()
