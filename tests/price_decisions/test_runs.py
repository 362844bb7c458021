"""Runs of the loop: what each mode makes of a decision, what holds a price, and what several do at once.

Source: docs/spec/price-decisions.md#runs; docs/spec/price-decisions.md#one-mover.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from quote_service.intelligence.price_decisions.model.decisions import DecisionRecord, ManualDraft, RollBackDraft
from quote_service.intelligence.price_decisions.model.errors import DecisionStateForbids, PriceMovedSince
from quote_service.intelligence.price_decisions.operations.claim_products import claim_products, release_products
from quote_service.intelligence.price_decisions.operations.confirm_decision import (
    accept_decision,
    decide_by_hand,
    reject_decision,
)
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.roll_back import roll_back
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS, read_decision
from quote_service.intelligence.price_decisions.tables.runs import Run, RunCounts, RunLost, begin_run, keep_run
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Conflict, QuoteServiceError
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.model.price_changes import PriceChangeDraft
from quote_service.shop.catalog.operations.change_price import change_price
from quote_service.shop.catalog.operations.write_product import retire_product
from tests.price_decisions.shelves import EUR, Shelves

NOW = DecisionTerms(interval_seconds=0)


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    """What earlier tests left decides nothing any more."""
    made = Shelves(database)
    await made.clear()
    return made


async def run(database: Database, terms: DecisionTerms = NOW) -> RunCounts:
    """A run while somebody looks at prices that are new."""
    await Shelves(database).look()
    done = await run_if_due(database, terms)
    assert done is not None
    return done


async def decisions(database: Database, product_id: UUID) -> list[DecisionRecord]:
    async with database.read() as connection:
        return (await DECISION_ROWS.page(connection, Wanted({"product_id": product_id}, limit=50))).rows


async def test_each_mode_makes_its_own_of_the_same_decision(database: Database, shelves: Shelves) -> None:
    modes = ("off", "shadow", "suggest", "auto")
    made = {mode: await shelves.product(mode=mode) for mode in modes}
    held = await shelves.product(mode="auto", floor_price=None)
    await shelves.learn(dict.fromkeys((*made.values(), held), -2.0))
    done = await run(database)
    assert (done.products, done.applied, done.suggested, done.shadowed, done.held) == (4, 1, 1, 1, 1)
    assert [await shelves.price(made[mode]) for mode in modes] == [100, 100, 100, 105]
    reported = {mode: [row.state for row in await decisions(database, made[mode])] for mode in modes}
    assert reported == {"off": [], "shadow": ["shadow"], "suggest": ["suggested"], "auto": ["applied"]}
    (stays,) = await decisions(database, held)
    assert (stays.state, stays.held_by, stays.price) == ("held", ["no_floor"], None)
    async with database.read() as connection:
        detail = await read_decision(connection, (await decisions(database, made["auto"]))[0].id)
        bus = await connection.fetch("SELECT type FROM event_outbox WHERE key = $1", str(made["auto"]))
    assert (detail.clamped_by, detail.upper_bound_by, str(detail.price)) == (None, "step", "105.00")
    assert "decision.applied" in [row["type"] for row in bus]
    # DecisionSummary once: nothing new is recorded until something else is to be summary.
    again = await run(database)
    assert (again.applied, again.suggested, again.shadowed, again.held) == (1, 0, 0, 0)
    assert await shelves.price(made["auto"]) == 110
    third = await run(database)
    # Ten percent a day, whatever a step may be.
    assert third.applied == 0
    assert await shelves.price(made["auto"]) == 110


async def test_something_else_that_moves_a_price_or_is_doubtful_holds_it(database: Database, shelves: Shelves) -> None:
    ours = {
        name: await shelves.product(mode="auto") for name in ("campaign", "change_set", "moved_by_stock", "no_model")
    }
    ours["price_war"] = await shelves.product(mode="auto")
    ours["not_identified"] = await shelves.product(mode="auto")
    ours["unfit_rival_price"] = await shelves.product(mode="auto", above_competitors_percent=5)
    await shelves.campaign(ours["campaign"])
    await shelves.change_set(ours["change_set"])
    await shelves.moved_by_stock(ours["moved_by_stock"])
    await shelves.price_war(ours["price_war"])
    await shelves.rival(ours["unfit_rival_price"], 104, seen=timedelta(days=3))
    known = {product_id: -2.0 for name, product_id in ours.items() if name not in ("no_model", "not_identified")}
    await shelves.learn(known, doubtful={ours["not_identified"]: -2.0})
    before = {name: await shelves.price(product_id) for name, product_id in ours.items()}
    assert (await run(database)).held == len(ours)
    for name, product_id in ours.items():
        (row,) = await decisions(database, product_id)
        assert (row.state, name in row.held_by) == ("held", True), (name, row.held_by)
        assert await shelves.price(product_id) == before[name]
    # The rival is seen again: its position counts, and nothing is held any more.
    await shelves.rival(ours["unfit_rival_price"], 98)
    await run(database)
    row = (await decisions(database, ours["unfit_rival_price"]))[0]
    assert (row.state, row.upper_bound_by, row.price) == ("applied", "position", ExactNumber("102.90"))


async def test_what_was_learnt_long_ago_decides_nothing(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="auto")
    await shelves.learn({product_id: -2.0}, at=datetime.now(UTC) - timedelta(days=20))
    await run(database)
    (row,) = await decisions(database, product_id)
    assert (row.state, row.held_by) == ("held", ["stale_model"])


async def test_too_many_far_moves_move_nothing(database: Database, shelves: Shelves) -> None:
    products = [await shelves.product(mode="auto") for _ in range(8)]
    await shelves.learn(dict.fromkeys(products, -2.0))
    done = await run(database)
    assert (done.breaker_open, done.applied, done.held) == (True, 0, 8)
    assert {await shelves.price(product_id) for product_id in products} == {100}
    (row,) = await decisions(database, products[0])
    # A person may look, and set it all the same.
    assert (row.held_by, str(row.price)) == (["circuit_breaker"], "105.00")
    assert (await accepted(database, row.id)).state == "applied"
    assert await shelves.price(products[0]) == 105


async def accepted(database: Database, decision_id: UUID) -> DecisionRecord:
    async with database.transaction() as connection:
        return await accept_decision(Change.within(connection, person()), decision_id, None, UNCONDITIONAL, NOW)


async def rejected(database: Database, decision_id: UUID) -> DecisionRecord:
    async with database.transaction() as connection:
        return await reject_decision(Change.within(connection, person()), decision_id, "no", UNCONDITIONAL)


def person() -> Any:
    return change_by_system("a person", now_us())


async def moved(database: Database, product_id: UUID, price: str) -> None:
    async with database.transaction() as connection:
        draft = PriceChangeDraft(price=ExactNumber(price), currency=EUR)
        await change_price(Change.within(connection, person()), product_id, draft, UNCONDITIONAL)


async def test_of_people_who_accept_and_reject_at_once_one_decides(database: Database, shelves: Shelves) -> None:
    for _ in range(5):
        product_id = await shelves.product(mode="suggest")
        await shelves.learn({product_id: -2.0})
        await run(database)
        (row,) = await decisions(database, product_id)
        reported = await asyncio.gather(
            accepted(database, row.id), rejected(database, row.id), accepted(database, row.id), return_exceptions=True
        )
        won = [each for each in reported if isinstance(each, DecisionRecord)]
        assert len(won) == 1, reported
        assert all(isinstance(each, (DecisionRecord, DecisionStateForbids)) for each in reported), reported
        assert await shelves.price(product_id) == (105 if won[0].state == "applied" else 100)
        # What was rejected is not suggested again while the price is what it was.
        await run(database)
        assert [each.state for each in await decisions(database, product_id)][-1:] == [won[0].state]
        if won[0].state == "rejected":
            assert len(await decisions(database, product_id)) == 1
        await shelves.clear()


async def test_a_price_that_has_moved_is_not_what_was_decided_about(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="suggest")
    await shelves.learn({product_id: -2.0})
    await run(database)
    await moved(database, product_id, "90")
    (row,) = await decisions(database, product_id)
    with pytest.raises(PriceMovedSince):
        await accepted(database, row.id)
    # The person's price is confirmed: from there the next decision goes on.
    await run(database)
    newer, older = await decisions(database, product_id)
    assert (older.state, newer.state) == ("superseded", "suggested")
    assert (str(newer.current_price), str(newer.price)) == ("90.00", "94.50")
    async with database.transaction() as connection:
        await retire_product(Change.within(connection, person()), product_id, UNCONDITIONAL)
    with pytest.raises(QuoteServiceError):
        await accepted(database, newer.id)
    assert (await run(database)).products == 0
    assert await shelves.price(product_id) == 90


async def test_one_call_takes_prices_back_and_nothing_is_set_until_somebody_confirms(
    database: Database, shelves: Shelves
) -> None:
    products = [await shelves.product(mode="auto") for _ in range(3)]
    await shelves.learn(dict.fromkeys(products, -2.0))
    await run(database)
    await run(database)
    assert {await shelves.price(product_id) for product_id in products} == {110}
    await shelves.policy(products[2], mode="auto", floor_price=101)
    done = await roll_back(database, person(), RollBackDraft(), NOW)
    assert done.rolled_back == 2
    # Prices of other tests have no policy any more: without a floor nothing is set, not even this.
    refused = {each.product_id: each.reason for each in done.not_rolled_back}
    assert (refused.pop(products[2]), set(refused.values()) <= {"no_floor"}) == ("floor", True)
    assert [await shelves.price(product_id) for product_id in products] == [100, 100, 110]
    assert [row.state for row in await decisions(database, products[0])] == ["applied", "rolled_back", "rolled_back"]
    again = await roll_back(database, person(), RollBackDraft(product_id=products[0]), NOW)
    assert (again.rolled_back, again.not_rolled_back) == (0, [])
    await run(database)
    row = (await decisions(database, products[0]))[0]
    assert (row.state, row.mode) == ("suggested", "suggest")
    assert await shelves.price(products[0]) == 100
    await accepted(database, row.id)
    await shelves.policy(products[1], mode="auto")
    await run(database)
    # Accepted: from 105 on by itself again. Written again: from 100.
    assert [await shelves.price(product_id) for product_id in products] == [ExactNumber("110.25"), 105, 110]


async def test_an_experiment_takes_a_product_out_of_the_loop(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="auto")
    await shelves.learn({product_id: -2.0})
    experiment, item = uuid4(), (product_id, EUR)
    async with database.transaction() as connection:
        assert await claim_products(Change.within(connection, person()), [item], experiment) == []
        assert await claim_products(Change.within(connection, person()), [item], uuid4()) == [item]
    assert (await run(database)).products == 0
    async with database.transaction() as connection:
        await release_products(connection, experiment)
    assert (await run(database)).applied == 1


async def test_processes_that_run_at_once_decide_once(database: Database, shelves: Shelves) -> None:
    products = [await shelves.product(mode="auto") for _ in range(3)]
    await shelves.learn(dict.fromkeys(products, -2.0))
    reported = await asyncio.gather(*(run_if_due(database, DecisionTerms(interval_seconds=3600)) for _ in range(4)))
    assert len([each for each in reported if each is not None]) == 1
    assert {await shelves.price(product_id) for product_id in products} == {105}


async def test_who_has_lost_a_run_writes_nothing_more(database: Database, shelves: Shelves) -> None:
    lost, taken = Run(uuid4(), uuid4()), Run(uuid4(), uuid4())
    async with database.transaction() as connection:
        assert await begin_run(connection, lost, None)
        assert not await begin_run(connection, taken, None)
        await expire(connection)
        assert await begin_run(connection, taken, None)
    with pytest.raises(RunLost):
        async with database.transaction() as connection:
            await keep_run(connection, lost)
    async with database.transaction() as connection:
        await expire(connection)
    assert (await run(database)).products == 0


async def expire(connection: Connection) -> None:
    await connection.execute("UPDATE price_decision_runs SET claimed_until = now() WHERE state = 'running'")


@pytest.mark.parametrize("left", ["finished", "running"])
async def test_a_clock_that_is_set_back_stops_nothing(database: Database, shelves: Shelves, left: str) -> None:
    """A run of before the clock was set back lies in the future; it must not keep the next from its turn until then."""
    product_id = await shelves.product(mode="auto")
    await shelves.learn({product_id: -2.0})
    await shelves.look()
    ahead = datetime.now(UTC) + timedelta(days=2)
    ended = ahead if left == "finished" else None
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO price_decision_runs (id, state, claim, claimed_until, started_at, finished_at)"
            " VALUES ($1, $2, $3, $4, $4, $5)",
            uuid4(), left, uuid4(), ahead, ended,
        )  # fmt: skip
    counts = await run_if_due(database, DecisionTerms(interval_seconds=3600))
    assert counts is not None
    assert counts.applied == 1
    assert await run_if_due(database, DecisionTerms(interval_seconds=3600)) is None


async def test_a_person_decides_whatever_the_loop_holds(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="auto")
    await run(database)
    (row,) = await decisions(database, product_id)
    assert row.held_by == ["no_model"]
    with pytest.raises(Conflict):
        await accepted(database, row.id)  # it suggests nothing
    async with database.transaction() as connection:
        draft = ManualDraft(product_id=product_id, currency=EUR, price=ExactNumber("80"))
        await decide_by_hand(Change.within(connection, person()), draft, NOW)
    assert [each.state for each in await decisions(database, product_id)] == ["applied", "superseded"]
