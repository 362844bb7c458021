"""What waits for a person does not wait for ever: it is over where the price is not decided about any more.

Source: docs/spec/price-decisions.md#runs; docs/spec/price-decisions.md#experiments.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from quote_service.intelligence.price_decisions.model.errors import DecisionStateForbids
from quote_service.intelligence.price_decisions.operations.claim_products import claim_products
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.shop.catalog.operations.write_product import retire_product
from tests.price_decisions.shelves import EUR, Shelves
from tests.price_decisions.test_runs import accepted, decisions, person, run


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    made = Shelves(database)
    await made.clear()
    return made


async def suggested(database: Database, shelves: Shelves) -> UUID:
    product_id = await shelves.product(mode="suggest")
    await shelves.learn({product_id: -2.0})
    await run(database)
    assert [row.state for row in await decisions(database, product_id)] == ["suggested"]
    return product_id


async def test_nothing_waits_where_the_policy_is_off(database: Database, shelves: Shelves) -> None:
    product_id = await suggested(database, shelves)
    await shelves.policy(product_id, mode="off")
    await run(database)
    (row,) = await decisions(database, product_id)
    assert (row.state, row.decided_by) == ("superseded", "price decisions")
    with pytest.raises(DecisionStateForbids):
        await accepted(database, row.id)
    await shelves.policy(product_id, mode="suggest")
    await run(database)
    assert [each.state for each in await decisions(database, product_id)] == ["suggested", "superseded"]


async def test_nothing_waits_of_a_product_that_is_not_sold_any_more(database: Database, shelves: Shelves) -> None:
    product_id = await suggested(database, shelves)
    async with database.transaction() as connection:
        await retire_product(Change.within(connection, person()), product_id, UNCONDITIONAL)
    await run(database)
    assert [row.state for row in await decisions(database, product_id)] == ["superseded"]


async def test_what_is_over_is_not_accepted_before_a_run_has_said_so(database: Database, shelves: Shelves) -> None:
    product_id = await suggested(database, shelves)
    (row,) = await decisions(database, product_id)
    await shelves.policy(product_id, mode="off")
    with pytest.raises(DecisionStateForbids, match="decides on no prices"):
        await accepted(database, row.id)
    await shelves.policy(product_id, mode="suggest")
    async with database.transaction() as connection:
        await retire_product(Change.within(connection, person()), product_id, UNCONDITIONAL)
    with pytest.raises(DecisionStateForbids, match="not sold"):
        await accepted(database, row.id)
    assert [each.state for each in await decisions(database, product_id)] == ["suggested"]


async def test_nothing_waits_of_a_product_that_an_experiment_takes(database: Database, shelves: Shelves) -> None:
    product_id = await suggested(database, shelves)
    async with database.transaction() as connection:
        assert await claim_products(Change.within(connection, person()), [(product_id, EUR)], uuid4()) == []
    assert [row.state for row in await decisions(database, product_id)] == ["superseded"]


async def test_what_is_still_decided_about_goes_on_waiting(database: Database, shelves: Shelves) -> None:
    product_id = await suggested(database, shelves)
    await run(database)
    assert [row.state for row in await decisions(database, product_id)] == ["suggested"]
