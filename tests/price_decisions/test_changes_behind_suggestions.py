"""What changes between a suggestion and its acceptance, or at the same time.

Source: docs/spec/price-decisions.md#people-decide.
"""

from __future__ import annotations

import asyncio

import pytest

from quote_service.intelligence.price_decisions.model.decisions import RollBackDraft
from quote_service.intelligence.price_decisions.model.errors import PriceOutsideBounds
from quote_service.intelligence.price_decisions.operations.roll_back import roll_back
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import QuoteServiceError
from tests.price_decisions.shelves import Shelves
from tests.price_decisions.test_runs import NOW, accepted, decisions, person, run


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    made = Shelves(database)
    await made.clear()
    return made


async def test_bounds_that_are_written_after_a_suggestion_hold_for_whoever_accepts_it(
    database: Database, shelves: Shelves
) -> None:
    product_id = await shelves.product(mode="suggest")
    await shelves.learn({product_id: -2.0})
    await run(database)
    (row,) = await decisions(database, product_id)
    assert str(row.price) == "105.00"
    await shelves.policy(product_id, mode="suggest", ceiling_price=103)
    with pytest.raises(PriceOutsideBounds) as refused:
        await accepted(database, row.id)
    assert (refused.value.rule, str(refused.value.nearest_price)) == ("ceiling", "103.00")
    assert await shelves.price(product_id) == 100
    await run(database)
    newer, older = await decisions(database, product_id)
    assert (older.state, newer.state, str(newer.price)) == ("superseded", "suggested", "103.00")
    assert (await accepted(database, newer.id)).state == "applied"


async def test_of_rolling_back_and_accepting_at_once_each_leaves_a_price_that_was_decided(
    database: Database, shelves: Shelves
) -> None:
    for _ in range(5):
        product_id = await shelves.product(mode="auto")
        await shelves.learn({product_id: -2.0})
        await run(database)
        await shelves.policy(product_id, mode="suggest")
        await run(database)
        (row, _) = await decisions(database, product_id)
        assert (row.state, str(row.price)) == ("suggested", "110.00")
        reported = await asyncio.gather(
            accepted(database, row.id),
            roll_back(database, person(), RollBackDraft(product_id=product_id), NOW),
            return_exceptions=True,
        )
        assert all(not isinstance(each, BaseException) or isinstance(each, QuoteServiceError) for each in reported), (
            reported
        )
        price, newest = await shelves.price(product_id), (await decisions(database, product_id))[0]
        # Accepted first, the price is confirmed, and there is nothing to take back.
        assert price == (100 if newest.origin == "roll_back" else 110)
        await shelves.clear()
