"""What decisions go by besides: second opinions, and what shoppers did, as far as it was known.

Source: docs/spec/price-decisions.md#grounds; docs/spec/price-decisions.md#models.
"""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.price_decisions.model.facts import BehaviourEffect
from quote_service.intelligence.price_decisions.model.models import ModelProduct
from quote_service.intelligence.price_decisions.model.sales_days import CostStep, behaviour_before, costs_by_day
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms, learn_if_due
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS, read_decision
from quote_service.intelligence.price_decisions.tables.models import page_of_model_products, read_model
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Database
from tests.conftest import MakeDatabase
from tests.fixtures.service import Service
from tests.price_decisions.shelves import EUR, Shelves
from tests.price_decisions.shop import DECISIONS, MODELS, POLICIES, a_policy, made, sold_at
from tests.price_decisions.test_decisions_api import kept_model

NOW = DecisionTerms(interval_seconds=0)
DAYS, PRODUCTS, STEPS = 150, 4, (-12_00, -6_00, 0, 6_00, 12_00)
days = st.dates(date(2025, 1, 1), date(2025, 3, 1))


@given(
    st.dictionaries(days, st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))), days, days, st.integers(0, 10**6)
)
def test_nothing_that_was_reported_after_a_day_began_is_known_on_it(
    counts: dict[date, tuple[int, int]], day: date, first: date, later: int
) -> None:
    known = behaviour_before(counts, day, first)
    # An event of the day before may still be told: nothing of it counts, nor of the day or what follows.
    learnt_later = counts | {day + timedelta(days=more): (later, later) for more in range(-1, 10)}
    again = behaviour_before(learnt_later, day, first)
    assert known == again or all(map(math.isnan, (*known, *again)))
    assert all(map(math.isnan, known)) == (day - timedelta(days=8) < first)


@given(st.lists(st.tuples(days, st.none() | st.floats(1, 1e6)), max_size=8), days)
def test_a_cost_counts_from_the_day_on_which_it_was_reported(
    reported: list[tuple[date, float | None]], day: date
) -> None:
    def end_of(each: date) -> datetime:
        return datetime(each.year, each.month, each.day, tzinfo=UTC) + timedelta(days=1)

    reported.sort(key=lambda step: step[0])
    steps = [CostStep(end_of(at) - timedelta(hours=1), cost) for at, cost in reported]
    before = [cost for at, cost in reported if at <= day]
    assert costs_by_day(steps, [(day, end_of(day))]).get(day) == (before[-1] if before else None)


async def sell(
    database: Database,
    product_id: UUID,
    seed: int,
    *,
    elasticity: float = -2.6,
    by_views: float = 0.0,
    by_crowd: float = 0.0,
    noise: float = 0.08,
) -> None:
    """Days of sales at prices that move with costs and, by `by_crowd`, with crowds that nobody sees; and views two days earlier."""
    chance = random.Random(seed)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    sold, seen, costs = [], [], []
    cost = 70_00
    for day in range(DAYS):
        at = today - timedelta(days=DAYS - day)
        crowd, views = chance.gauss(0, 1), chance.randrange(10, 400)
        if by_crowd:
            cost = round(70_00 * math.exp(chance.gauss(0, 0.06)))
            price = round(cost / 0.7 * math.exp(by_crowd * crowd))
        else:
            price = 100_00 + STEPS[(day // 7 * 3 + seed) % 5]
        log_units = math.log(400) + elasticity * math.log(price / 100_00) + by_views * math.log1p(views) + crowd * noise
        units = max(1, round(math.exp(log_units + (4 * by_crowd * crowd if by_crowd else 0))))
        sold.append(("product", "day", at, EUR, str(product_id), "", units, units * price))
        seen.append((product_id, at - timedelta(days=2) + timedelta(hours=chance.randrange(24)), views))
        costs.append((product_id, at, cost / 100))
    async with database.transaction() as connection:
        await connection.executemany(
            "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b, units, gross_minor)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            sold,
        )
        if by_views:
            await connection.executemany(
                "INSERT INTO product_behaviour_hours (product_id, hour, views) VALUES ($1, $2, $3)", seen
            )
        if by_crowd:
            await connection.executemany(
                "INSERT INTO product_costs (product_id, currency, at, cost) VALUES ($1, 'EUR', $2, $3::float8::numeric(19, 6))",
                costs,
            )


async def learnt(database: Database, terms: LearningTerms) -> tuple[Any, dict[UUID, ModelProduct]]:
    model_id = await learn_if_due(database, terms)
    assert model_id is not None
    async with database.read() as connection:
        model = await read_model(connection, model_id)
        rows = await page_of_model_products(
            connection, model_id, product_id=None, is_identified=None, after=None, limit=50
        )
    return model, {row.product_id: row for row in rows}


async def decided(database: Database, product_id: UUID) -> dict[str, Any]:
    async with database.read() as connection:
        rows = (await DECISION_ROWS.page(connection, Wanted({"product_id": product_id}, limit=1))).rows
        shown: dict[str, Any] = json.loads(write_document(await read_decision(connection, rows[0].id)))
    return shown


@pytest.mark.long("learns demand twice, with behaviour and without")
async def test_what_shoppers_did_is_learnt_from_where_it_helps_and_every_decision_by_it_says_so(
    new_database_url: MakeDatabase,
) -> None:
    database = await Database.open(new_database_url())
    try:
        shelves = Shelves(database)
        products = [await shelves.product(mode="auto", step_percent=20, day_percent=20) for _ in range(PRODUCTS)]
        for seed, product_id in enumerate(products):
            await sell(database, product_id, seed, by_views=0.5)
        plain, _ = await learnt(database, LearningTerms(interval_seconds=0))
        assert not plain.uses_behaviour
        assert not any("behaviour" in trial.name for trial in plain.trials)
        model, known = await learnt(database, LearningTerms(interval_seconds=0, with_behaviour=True))
        assert model.uses_behaviour
        assert model.champion.endswith("with behaviour")
        errors = {trial.name: trial.wmape for trial in model.trials}
        assert errors[model.champion] < 0.8 * min(trial.wmape for trial in plain.trials)
        for product_id in products:
            reported = known[product_id].behaviour
            assert reported is not None
            assert 10 < reported.views_a_day < 400
            assert reported.carts_a_day == 0
            assert 0.2 < reported.units_factor < 5
        await run_if_due(database, NOW)
        decision = await decided(database, products[0])
        assert decision["uses_behaviour"] is True
        assert decision["behaviour"]["views_a_day"] == known[products[0]].behaviour.views_a_day  # type: ignore[union-attr]
    finally:
        await database.close()


async def test_a_price_is_not_set_where_costs_contradict_what_was_learnt(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url())
    try:
        shelves = Shelves(database)
        misled = [await shelves.product(mode="auto") for _ in range(PRODUCTS)]
        for seed, product_id in enumerate(misled):
            await sell(database, product_id, seed, by_crowd=0.05, elasticity=-4.5, noise=0.05)
        _, known = await learnt(database, LearningTerms(interval_seconds=0))
        await run_if_due(database, NOW)
        for product_id in misled:
            row = known[product_id]
            assert row.is_identified, row.doubts
            by_cost = next(each for each in row.second_opinions if each.method == "instrument")
            assert by_cost.is_believable
            assert by_cost.contradicts, row
            assert by_cost.low < -4.5 < by_cost.high
            decision = await decided(database, product_id)
            assert (decision["state"], decision["held_by"]) == ("held", ["second_opinion"])
            assert decision["price"] is not None
            assert [each["method"] for each in decision["second_opinions"] if each["contradicts"]]
            assert await shelves.price(product_id) == 100
    finally:
        await database.close()


def test_grounds_are_shown_and_a_contradicted_price_waits_for_a_person(admin: httpx.Client, service: Service) -> None:
    product = sold_at(admin)
    made(admin, POLICIES, a_policy(product, mode="auto"))
    against = SecondOpinion("double_ml", -3.4, 0.2, 0.3, 180)
    weak = SecondOpinion("instrument", -0.5, 3.0, 2.0, 180)
    reported = BehaviourEffect(views_a_day=120.5, carts_a_day=4.0, units_factor=1.12)
    model = kept_model(service, (product, -2.0, 100_00), opinions=(against, weak), behaviour=reported)
    (row,) = admin.get(f"{MODELS}/{model}/products", params={"product_id": product}).json()["data"]
    shown = [(each["method"], each["is_believable"], each["contradicts"]) for each in row["second_opinions"]]
    assert shown == [("double_ml", True, True), ("instrument", False, False)]
    assert row["behaviour"] == {"views_a_day": 120.5, "carts_a_day": 4.0, "units_factor": 1.12}
    asked = made(admin, f"{DECISIONS}/what-if", {"product_id": product, "currency": "EUR", "price": 104}, 200)
    assert asked["held_by"] == ["second_opinion"]
    assert asked["uses_behaviour"] is True
    assert asked["behaviour"] == row["behaviour"]
    assert asked["second_opinions"] == row["second_opinions"]
    by_hand = made(admin, DECISIONS, {"product_id": product, "currency": "EUR", "price": 104})
    assert (by_hand["state"], by_hand["uses_behaviour"]) == ("applied", True)
    assert by_hand["second_opinions"] == row["second_opinions"]


@pytest.mark.parametrize("kept", ["NULL", "'{}'"])
async def test_a_decision_of_before_has_no_grounds(database: Database, kept: str) -> None:
    shelves = Shelves(database)
    product_id = await shelves.product(mode="suggest")
    await shelves.learn({product_id: -2.0})
    await run_if_due(database, NOW)
    async with database.transaction() as connection:
        await connection.execute(f"UPDATE price_decisions SET grounds = {kept} WHERE product_id = $1", product_id)
    decision = await decided(database, product_id)
    assert (decision["second_opinions"], decision["behaviour"]) == ([], None)
