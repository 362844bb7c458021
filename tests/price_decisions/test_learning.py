"""Demand learnt from what was sold: the elasticity that made the sales is found, and a version is kept once.

Source: docs/spec/price-decisions.md#models.
"""

from __future__ import annotations

import asyncio
import math
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from quote_service.intelligence.price_decisions.loops.learning import run_learning
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms, learn_if_due
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS
from quote_service.intelligence.price_decisions.tables.models import newest_model, page_of_model_products, read_model
from quote_service.intelligence.price_decisions.tables.sold import learning_alone
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.conftest import eventually
from tests.price_decisions.shelves import EUR, Shelves

DAYS = 120
ELASTICITY = -2.6
STEPS = (-12_00, -6_00, 0, 6_00, 12_00)


async def sell(database: Database, product_id: UUID, elasticity: float, seed: int, *, moves: bool = True) -> None:
    """A hundred and twenty days of sales at prices that move each week, as reports have counted them."""
    chance = random.Random(seed)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for day in range(DAYS):
        price = 100_00 + (STEPS[(day // 7 * 3 + seed) % 5] if moves else 0)
        units = max(1, round(400 * (price / 100_00) ** elasticity * math.exp(chance.gauss(0, 0.08))))
        rows.append(
            ("product", "day", today - timedelta(days=DAYS - day), EUR, str(product_id), "", units, units * price)
        )
    async with database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b, units, gross_minor)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            rows,
        )


@pytest.mark.long("learns demand from the sales of five products")
async def test_what_made_the_sales_is_learnt_and_decided_by(database: Database, database_url: str) -> None:
    shelves = Shelves(database)
    moving = [await shelves.product(mode="auto", step_percent=20, day_percent=20) for _ in range(4)]
    fixed = await shelves.product(mode="auto")
    for seed, product_id in enumerate(moving):
        await sell(database, product_id, ELASTICITY, seed)
    await sell(database, fixed, ELASTICITY, 9, moves=False)
    settings = Settings(database_url=database_url, price_learn_seconds=3600)
    async with database.read() as connection, learning_alone(connection) as is_alone:
        assert is_alone
        assert await learn_if_due(database, LearningTerms()) is None  # somebody else learns
    loop = asyncio.create_task(run_learning(database, settings, look_seconds=0.05))

    async def is_learnt() -> bool:
        assert not loop.done(), loop.exception()
        async with database.read() as connection:
            return await newest_model(connection) is not None

    await eventually(is_learnt, "demand is learnt")
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert await learn_if_due(database, LearningTerms()) is None  # it is not time
    async with database.read() as connection:
        newest = await newest_model(connection)
        assert newest is not None
        model = await read_model(connection, newest.id)
        known = {
            row.product_id: row
            for row in await page_of_model_products(
                connection, newest.id, product_id=None, is_identified=None, after=None, limit=50
            )
        }
        models = await connection.fetchval("SELECT count(*) FROM price_models")
    assert (model.products, model.rows, models) == (5, 5 * DAYS, 1)
    assert {trial.name for trial in model.trials} >= {"response", "boosted 100%", "forest 100%"}
    assert model.champion in {trial.name for trial in model.trials if trial.rising == 0}
    for product_id in moving:
        row = known[product_id]
        assert row.is_identified, row.doubts
        assert row.low - 0.1 < ELASTICITY < row.high + 0.1
        assert row.units_a_day == pytest.approx(400, rel=0.15)
    # A price that never moved says nothing by itself.
    assert not known[fixed].is_identified
    assert "too_few_prices" in known[fixed].doubts
    done = await run_if_due(database, DecisionTerms(interval_seconds=0))
    assert done is not None
    async with database.read() as connection:
        (held,) = (await DECISION_ROWS.page(connection, Wanted({"product_id": fixed}, limit=5))).rows
        (moved,) = (await DECISION_ROWS.page(connection, Wanted({"product_id": moving[0]}, limit=5))).rows
    assert (held.state, held.held_by) == ("held", ["not_identified"])
    # Cost times e/(1+e): 70 * 2.6 / 1.6.
    assert moved.price is not None
    assert float(moved.price) == pytest.approx(113.75, rel=0.05)
