"""A price that has just come decides nothing before somebody has looked at it.

Source: docs/spec/price-decisions.md#new-prices.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from quote_service.intelligence.price_decisions.model.decisions import ManualDraft, WhatIfDraft
from quote_service.intelligence.price_decisions.operations.confirm_decision import decide_by_hand
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.operations.what_if import ask_what_if
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS, read_decision
from quote_service.intelligence.signals.loops.looking import run_news
from quote_service.platform.documents.documents import write_document
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from tests.conftest import PATIENCE_SECONDS, eventually
from tests.price_decisions.shelves import EUR, Shelves, somebody
from tests.price_decisions.test_runs import NOW

NOBODY_LOOKS = NOW._replace(look_seconds=0.0)
SOMEBODY_LOOKS = NOW._replace(look_seconds=PATIENCE_SECONDS)
RUNS = 15
#: A decimal point in the wrong place: with a position of 5 % above it, a price of 100 would fall as far as it may.
ODD = 10.4


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    made = Shelves(database)
    await made.clear()
    return made


@pytest.fixture
async def looker(database: Database) -> AsyncIterator[Callable[[], asyncio.Task[None]]]:
    """Starts the loop that looks at what is new."""
    tasks: list[asyncio.Task[None]] = []

    def start() -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(run_news(database, news_seconds=0.02)))
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def seen_before(shelves: Shelves, product_id: UUID, price: float = 104) -> Callable[..., Any]:
    """A competitor whose price has been the same for hours, and was looked at."""
    asks = await shelves.rival(product_id, price, seen=timedelta(hours=12))
    for hours in (9, 6, 3):
        await asks(price + hours / 100, timedelta(hours=hours))
    await asks(price, timedelta(minutes=30))
    await shelves.look()
    return asks


async def newest(database: Database, product_id: UUID) -> dict[str, Any]:
    """What was decided last, as it is shown."""
    async with database.read() as connection:
        rows = (await DECISION_ROWS.page(connection, Wanted({"product_id": product_id}, limit=1))).rows
        shown: dict[str, Any] = json.loads(write_document(await read_decision(connection, rows[0].id)))
    return shown


async def test_where_nobody_looks_the_price_is_held_and_it_is_reported(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="auto", above_competitors_percent=5, below_competitors_percent=2)
    other = await shelves.product(mode="auto")
    await shelves.learn({product_id: -2.0, other: -2.0})
    asks = await seen_before(shelves, product_id)
    await asks(ODD)
    with capture_logs() as logs:
        done = await run_if_due(database, NOBODY_LOOKS)
    assert done is not None
    assert (done.held, done.applied) == (1, 1)  # the other is none the worse
    reported = [log for log in logs if log["event"] == "prices_not_looked_at"]
    assert {log["products"] for log in reported} == {1}
    held = await newest(database, product_id)
    assert (held["state"], held["held_by"][0]) == ("held", "not_looked_at")
    (rival,) = held["competitors"]
    assert (rival["may_decide"], rival["not_comparable"]) == (False, ["not_looked_at"])
    assert await shelves.price(product_id) == 100
    async with database.snapshot() as connection:
        asked = await ask_what_if(connection, WhatIfDraft(product_id=product_id, currency=EUR), NOW)
    assert (asked.outcome, asked.held_by[0]) == ("held", "not_looked_at")
    # A person may all the same, and what nobody has looked at is shown as such.
    async with database.transaction() as connection:
        by_hand = await decide_by_hand(
            Change.within(connection, somebody()),
            ManualDraft(product_id=product_id, currency=EUR, price=ExactNumber("101")),
            NOW,
        )
    assert by_hand.state == "applied"
    # Somebody looks: the odd price is doubted, and then a decision goes by no position at all, as none is known.
    await shelves.look()
    await run_if_due(database, NOBODY_LOOKS)
    after = await newest(database, product_id)
    assert after["held_by"] == ["unfit_rival_price"]
    assert after["competitors"][0]["not_comparable"] == ["doubted"]


async def test_a_run_waits_until_somebody_has_looked(
    database: Database, shelves: Shelves, looker: Callable[[], asyncio.Task[None]]
) -> None:
    product_id = await shelves.product(mode="auto", above_competitors_percent=5)
    await shelves.learn({product_id: -2.0})
    asks = await seen_before(shelves, product_id)
    await asks(98)
    running = asyncio.create_task(run_if_due(database, SOMEBODY_LOOKS))

    async def is_running() -> bool:
        async with database.read() as connection:
            return bool(await connection.fetchval("SELECT count(*) FROM price_decision_runs WHERE state = 'running'"))

    await eventually(is_running, "the run has begun")
    assert not running.done()
    looker()
    done = await running
    assert done is not None
    assert (done.applied, done.held) == (1, 0)
    decided = await newest(database, product_id)
    assert (decided["price"], decided["upper_bound_by"]) == (102.9, "position")


async def test_an_odd_price_decides_at_no_moment(
    database: Database, shelves: Shelves, looker: Callable[[], asyncio.Task[None]]
) -> None:
    """Prices come, are looked at and decide all at once; the odd ones are in no decision."""
    product_id = await shelves.product(
        mode="auto", above_competitors_percent=5, step_percent=30, day_percent=100, cumulative_percent=100, cost="60"
    )
    await shelves.learn({product_id: -2.0})
    asks = await seen_before(shelves, product_id)
    looker()
    chance = random.Random(7)

    async def decide() -> None:
        for _ in range(RUNS):
            await run_if_due(database, SOMEBODY_LOOKS)

    deciding = asyncio.create_task(decide())
    turn = 0
    while not deciding.done():
        turn += 1
        await asks(ODD if turn % 2 else 96 + turn % 7)
        await asyncio.sleep(chance.random() * 0.1)
    await deciding
    async with database.read() as connection:
        rows = await connection.fetch("SELECT details::json -> 'competitors' AS told FROM price_decisions")
        went_by = await connection.fetch(
            "SELECT each ->> 'price' AS price FROM price_decisions CROSS JOIN json_array_elements(details::json -> 'competitors')"
            " AS each WHERE product_id = $1 AND (each ->> 'may_decide')::boolean",
            product_id,
        )
    assert rows
    assert {float(row["price"]) for row in went_by} - {104.0} <= {float(price) for price in range(96, 103)}
    assert await shelves.price(product_id) > 75
