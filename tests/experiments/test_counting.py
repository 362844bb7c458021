"""What processes have seen is counted once, whoever wrote it and however often.

Source: docs/spec/experiments.md#exposures.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.rulebook.experiments.operations.count_waiting import count_waiting, forget_ended
from quote_service.rulebook.experiments.operations.customer_experiments import (
    exposures_of_customer,
    forget_customer_of_experiments,
    is_in_experiments,
)
from quote_service.rulebook.experiments.tables.counting import take_turn
from quote_service.rulebook.feature_flags.operations.kill_flag import kill_flag
from quote_service.rulebook.feature_flags.operations.replace_flag import replace_flag
from quote_service.steering.rulebook_files.model.plan import flag_draft
from tests.conftest import MakeDatabase
from tests.experiments.lab import a_lab, rows_of


async def test_a_customer_counts_once_over_all_processes(database: Database) -> None:
    lab = await a_lab(database)
    first, second = lab.process(), lab.process()
    people = [lab.somebody("on") for _ in range(30)] + [lab.somebody("off") for _ in range(20)]
    for _ in range(2):
        for customer in people:
            first.quote(customer, "error")
            second.quote(customer, "error", "error")
        await asyncio.gather(first.report.write(), second.report.write())
        await lab.count()
    assert await lab.exposures() == {"off": 20, "on": 30}
    assert await lab.events("error") == {"off": 20, "on": 30}


async def test_sums_are_exact_whichever_way_they_came_together(database: Database) -> None:
    lab = await a_lab(database)
    process, customer, other = lab.process(), lab.somebody("on"), lab.somebody("on")
    process.quote(other)
    for value in (1_250_000, 250_000, 10_000_001):
        process.quote(customer)
        process.log.observe(customer, "latency_ms", value, now_us())
        await process.report.write()
        await lab.count()
    async with database.read() as connection:
        row = await connection.fetchrow(
            "SELECT f.* FROM experiment_figures f JOIN experiments e ON e.id = f.experiment_id WHERE e.flag_id = $1",
            lab.flag.id,
        )
    assert row is not None
    assert (row["events"], row["totals"], row["squares_of_totals"]) == (1, 11_500_001, 11_500_001**2)
    assert (row["means"], row["squares_of_means"]) == (3_833_334, 3_833_334**2)


async def test_an_outcome_counts_for_whoever_was_exposed_before(database: Database) -> None:
    lab = await a_lab(database)
    process, customer, stranger = lab.process(), lab.somebody("on"), lab.somebody("off")
    at_us = now_us()
    process.quote(customer, at_us=at_us)
    process.log.observe(customer, "early", 1_000_000, at_us - 1)
    process.log.observe(customer, "in-time", 1_000_000, at_us)
    process.log.observe(stranger, "in-time", 1_000_000, at_us)
    await process.report.write()
    await lab.count()
    assert await lab.events("in-time") == {"off": 0, "on": 1}
    assert "early" not in {reported.metric for reported in (await lab.report()).metrics}
    assert await rows_of(database, stranger) == [0, 0, 0, 0]


async def test_what_is_not_due_waits(database: Database) -> None:
    lab = await a_lab(database)
    process, customer = lab.process(), lab.somebody("on")
    process.quote(customer)
    await process.report.write()
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO experiment_outcomes_waiting (customer_id, metric, total, at, due_at)"
            " VALUES ($1, 'error', 1000000, now(), now() + interval '1 hour')",
            UUID(customer),
        )
    await count_waiting(database)
    assert (await lab.exposures(), (await rows_of(database, customer))[1]) == ({"off": 0, "on": 1}, 1)
    await lab.count()
    assert await lab.events("error") == {"off": 0, "on": 1}


async def test_only_one_counts_at_a_time(database: Database) -> None:
    lab = await a_lab(database)
    process, customer = lab.process(), lab.somebody("on")
    process.quote(customer)
    await process.report.write()
    async with database.transaction() as connection:
        assert await take_turn(connection)
        assert not await count_waiting(database)
        assert (await rows_of(database, customer))[0] == 1
    await asyncio.gather(*(count_waiting(database) for _ in range(4)))
    assert await lab.exposures() == {"off": 0, "on": 1}


@pytest.mark.parametrize("at_once", [1, 7])
async def test_many_are_counted_a_batch_at_a_time(database: Database, at_once: int) -> None:
    lab = await a_lab(database)
    process = lab.process()
    for _ in range(10):
        process.quote(lab.somebody("on"), "error")
    await process.report.write()
    while await count_waiting(database, at_once=at_once):
        pass
    assert (await lab.exposures(), await lab.events("error")) == ({"off": 0, "on": 10}, {"off": 0, "on": 10})


async def test_another_version_or_stage_begins_again(database: Database) -> None:
    lab = await a_lab(database)
    process, customer = lab.process(), lab.somebody("on")
    process.quote(customer, "error")
    process.follow(1, stage=1)
    process.quote(customer)
    await process.report.write()
    await lab.count()
    assert [(reported.version, reported.stage) for reported in [await lab.report()]] == [(1, 1)]
    assert await lab.exposures() == {"off": 0, "on": 1}
    change = change_by_system("test", now_us())
    async with database.transaction() as connection:
        await replace_flag(Change.within(connection, change), lab.flag.id, flag_draft(lab.flag), UNCONDITIONAL)
    process.follow(2)
    process.quote(customer, "error")
    await process.report.write()
    await lab.count()
    assert await lab.events("error") == {"off": 0, "on": 1}
    first, second = await lab.report(1), await lab.report(2)
    assert (first.ended_at is None, second.ended_at is None) == (False, True)
    async with database.transaction() as connection:
        await kill_flag(Change.within(connection, change), lab.flag.id)
    await lab.count()
    assert (await lab.report()).ended_at is not None


async def test_customers_of_what_ended_long_ago_are_forgotten(database: Database) -> None:
    lab = await a_lab(database)
    process, customer = lab.process(), lab.somebody("on")
    process.quote(customer, "error")
    await process.report.write()
    await lab.count()
    await forget_ended(database, 30)
    assert await rows_of(database, customer) == [0, 0, 1, 1]
    async with database.transaction() as connection:
        statement = "UPDATE experiments SET ended_at = now() - interval '31 days' WHERE flag_id = $1"
        await connection.execute(statement, lab.flag.id)
    await forget_ended(database, 30)
    assert await rows_of(database, customer) == [0, 0, 0, 0]
    assert await lab.events("error") == {"off": 0, "on": 1}


async def test_an_erased_customer_leaves_no_rows_and_the_sums_stay(database: Database) -> None:
    lab = await a_lab(database)
    process, customer = lab.process(), lab.somebody("on")
    process.quote(customer, "error")
    await process.report.write()
    await lab.count()
    (page,) = [page async for page in exposures_of_customer(database, UUID(customer))]
    assert [(reported.flag, reported.version, reported.arm) for reported in page] == [(lab.flag.key, 1, "on")]
    assert page[0].outcomes == {"error": {"observations": 1, "total": 1}}

    other_process = lab.process()  # which has seen the customer too, and still has to write that
    other_process.quote(customer, "error")
    process.quote(customer, "error")
    await process.report.write()
    async with database.transaction() as connection:
        assert await is_in_experiments(connection, UUID(customer))
        await connection.execute(
            "INSERT INTO customers (id, is_active, erased_at, created_by, created_at, changed_by, updated_at)"
            " VALUES ($1, false, now(), 'test', now(), 'test', now())",
            UUID(customer),
        )
        await forget_customer_of_experiments(connection, UUID(customer))
    await other_process.report.write()
    await lab.count()
    assert await rows_of(database, customer) == [0, 0, 0, 0]
    assert (await lab.exposures(), await lab.events("error")) == ({"off": 0, "on": 1}, {"off": 0, "on": 1})


@pytest.mark.parametrize(
    ("kind", "rollout", "is_split"),
    [
        ("BOOLEAN", None, False),
        ("BOOLEAN", {"regions": ["TR"]}, False),
        ("BOOLEAN", {"percentage": 5}, True),
        ("BOOLEAN", {"schedule": [{"at": "2026-03-01T00:00:00Z", "percentage": 5}]}, True),
        ("BOOLEAN", {"variants": [{"key": "a", "value": True, "weight": 1}]}, True),
        ("PERCENTAGE", None, True),
    ],
)
async def test_accepted_quotes_show_while_a_flag_splits_customers(
    new_database_url: MakeDatabase, kind: str, rollout: dict[str, Any] | None, is_split: bool
) -> None:
    """Those that are watched all do; where none does, an accept writes nothing more."""
    opened = await Database.open(new_database_url())
    await a_lab(opened, type=kind, value=True if kind == "BOOLEAN" else 5, rollout=rollout)
    customer = uuid4()
    async with opened.transaction() as connection:
        await connection.execute(
            "INSERT INTO orders (id, purchase_id, customer_id, currency, exponent, quantity, item_total_minor,"
            " discount_minor, exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor,"
            " fee_exclusive_tax_minor, fee_inclusive_tax_minor, total_minor, sellers, placed_at, placed_by,"
            " placed_by_kind, request_id, changed_at) VALUES (gen_random_uuid(), gen_random_uuid(), $1, 'JPY', 0, 1, 7,"
            " 0, 0, 0, 0, 0, 0, 0, 7, '[]', now(), 'test', 'system', '', now())",
            customer,
        )
        reported = await connection.fetch("SELECT metric, total FROM experiment_outcomes_waiting ORDER BY metric")
    await opened.close()
    wanted = [("conversion", 1_000_000), ("revenue.JPY", 7_000_000)] if is_split else []
    assert [(row["metric"], int(row["total"])) for row in reported] == wanted


async def test_rows_of_the_release_before_count_like_batches(database: Database) -> None:
    """While instances are replaced, older ones still write a row for each exposure and outcome."""
    lab = await a_lab(database)
    process, customer, other = lab.process(), lab.somebody("on"), lab.somebody("off")
    process.quote(customer, "error")
    process.quote(other)
    await process.report.write()
    async with database.transaction() as connection:
        for who, arm in ((customer, "on"), (other, "off"), (str(uuid4()), "on")):
            await connection.execute(
                "INSERT INTO experiment_exposures_waiting (flag_id, version, stage, customer_id, arm, exposed_at)"
                " VALUES ($1, 1, 0, $2, $3, now())",
                *(lab.flag.id, UUID(who), arm),
            )
            await connection.execute(
                "INSERT INTO experiment_outcomes_waiting (customer_id, metric, observations, total, at, due_at)"
                " VALUES ($1, 'error', 2, 2000000, now(), now())",
                UUID(who),
            )
    await lab.count()
    assert (await lab.exposures(), await lab.events("error")) == ({"off": 1, "on": 2}, {"off": 1, "on": 2})


async def test_many_customers_are_written_in_batches_that_one_transaction_can_count(database: Database) -> None:
    lab = await a_lab(database)
    process = lab.process()
    people = [lab.somebody("on" if place % 3 else "off") for place in range(2500)]
    for customer in people:
        process.quote(customer, "error")
    await process.report.write()
    async with database.read() as connection:
        sizes = await connection.fetch("SELECT max(size) AS size FROM experiment_exposure_batches")
    assert sizes[0]["size"] <= 1000
    rounds = 1
    while await count_waiting(database, at_once=1000):
        rounds += 1
    assert rounds > 3
    assert await lab.exposures() == await lab.events("error") == {"off": 834, "on": 1666}
