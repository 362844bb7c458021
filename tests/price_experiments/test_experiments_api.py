"""Price experiments over HTTP, carried out on the service's own database.

Source: docs/spec/price-experiments.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from quote_service.intelligence.price_decisions.model.decide import judge_price
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms, gather_facts
from quote_service.intelligence.price_decisions.operations.keep_decision import keep_decision
from quote_service.intelligence.price_decisions.operations.set_price import hold_item
from quote_service.intelligence.price_decisions.tables.facts import database_now
from quote_service.intelligence.price_experiments.operations.run_experiments import carry_out
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.new_ids import new_id
from tests.catalog.shop import problem
from tests.fixtures.serve import in_database
from tests.fixtures.service import Service
from tests.price_decisions.shop import DECISIONS, POLICIES, a_policy, made, sold_at

EXPERIMENTS = "/api/v1/price-experiments"
TERMS = DecisionTerms()


@pytest.fixture
def work(service: Service) -> Callable[[Callable[[Database], Awaitable[Any]]], Any]:
    """Does something with a pool of its own on the service's database."""
    return lambda what: in_database(service.database_url, what)


def a_draft(*clusters: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "name": f"experiment {uuid4().hex}",
        "currency": "EUR",
        "design": "clusters",
        "change_percent": 5,
        "days": 14,
        "washout_hours": 0,
        "clusters": [{"name": f"cluster {number}", "product_ids": list(ids)} for number, ids in enumerate(clusters)],
        **fields,
    }


def products(admin: httpx.Client, count: int, **fields: Any) -> list[str]:
    found = [sold_at(admin) for _ in range(count)]
    for product_id in found:
        made(admin, POLICIES, a_policy(product_id, mode="off", **fields))
    return found


def started(admin: httpx.Client, draft: dict[str, Any]) -> dict[str, Any]:
    experiment = made(admin, EXPERIMENTS, draft)
    answer = admin.post(f"{EXPERIMENTS}/{experiment['id']}/start")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    assert data["state"] == "running"
    return data


def price_of(admin: httpx.Client, product_id: str) -> float:
    price: float = admin.get(f"/api/v1/products/{product_id}").json()["data"]["prices"][0]["current_price"]
    return price


def arms(experiment: dict[str, Any]) -> dict[str, bool]:
    return {
        product["product_id"]: cluster["is_treated"]
        for cluster in experiment["clusters"]
        for product in cluster["products"]
    }


async def round_of(database: Database) -> None:
    await carry_out(database, TERMS)


async def sell(database: Database, product_id: str, at: datetime, units: int, price_minor: int) -> None:
    """An order of some units of a product, as it would have been placed then."""
    order_id = UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | uuid4().int >> 66)
    total = units * price_minor
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO orders (id, quote_id, customer_id, currency, exponent, quantity, item_total_minor, discount_minor, "
            "exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor, "
            "fee_inclusive_tax_minor, total_minor, sellers, placed_at, placed_by, placed_by_kind, request_id, changed_at) "
            "VALUES ($1, $2, $3, 'EUR', 2, $4, $5, 0, 0, 0, 0, 0, 0, 0, $5, '[]', $6, 'test', 'system', 'test', $6)",
            order_id,
            uuid4(),
            uuid4(),
            units,
            total,
            at,
        )
        await connection.execute(
            "INSERT INTO order_lines (order_id, line_id, product_id, seller_id, quantity, unit_price_micro, total_minor, "
            "discount_minor, seller_discount_minor, tax_minor, is_tax_included, discounts, commissions) "
            "VALUES ($1, 1, $2, $3, $4, $5, $6, 0, 0, 0, false, '[]', '[]')",
            order_id,
            UUID(product_id),
            uuid4(),
            units,
            price_minor * 10_000,
            total,
        )


async def move_start(database: Database, experiment_id: str, by: timedelta) -> None:
    """Let an experiment have started earlier."""
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE price_experiments SET started_at = started_at - $2::interval, ends_at = ends_at - $2::interval WHERE id = $1",
            UUID(experiment_id),
            by,
        )


def test_a_draft_is_written_replaced_and_discarded(admin: httpx.Client) -> None:
    one, other = products(admin, 2)
    draft = a_draft([one], [other])
    experiment = made(admin, EXPERIMENTS, draft)
    assert (experiment["state"], experiment["change_percent"], experiment["before_days"]) == ("draft", 5, 28)
    assert arms(experiment) == {one: None, other: None}
    place = f"{EXPERIMENTS}/{experiment['id']}"
    tag = admin.get(place).headers["etag"]
    replaced = admin.put(place, json={**draft, "change_percent": -2.5}, headers={"If-Match": tag}).json()["data"]
    assert (replaced["change_percent"], replaced["version"]) == (-2.5, 2)
    assert admin.put(place, json=draft, headers={"If-Match": tag}).status_code == 412
    report = admin.get(f"{place}/report").json()["data"]
    assert (report["verdict"], report["pairs"], report["counted_until"]) == ("not_yet", 0, None)
    assert experiment["id"] in [row["id"] for row in admin.get(EXPERIMENTS, params={"state": "draft"}).json()["data"]]
    assert problem(admin.post(f"{place}/stop", json={"reason": "x"})) == (409, "price-experiment-state")
    assert admin.delete(place).status_code == 204
    assert admin.get(place).status_code == 404


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"change_percent": 0}, "/change_percent"),
        ({"change_percent": 51}, "/change_percent"),
        ({"change_percent": 1.005}, "/change_percent"),
        ({"change_percent": None, "design": "switchback"}, "/change_percent"),
        ({"design": "switchback", "washout_hours": 24}, "/washout_hours"),
        ({"design": "switchback", "period_hours": 200}, "/days"),
        ({"days": 1, "washout_hours": 24}, "/washout_hours"),
        ({"days": 0}, "/days"),
        ({"currency": "USD"}, "/clusters/0/product_ids/0"),
        ({"currency": "usd"}, "/currency"),
        ({"name": " "}, "/name"),
    ],
    ids=[
        "nothing",
        "far",
        "fine",
        "decisions by the hour",
        "washout",
        "short",
        "all washout",
        "no day",
        "currency",
        "no currency",
        "blank",
    ],
)
def test_a_draft_that_cannot_be_says_where(admin: httpx.Client, fields: dict[str, Any], pointer: str) -> None:
    one, other = products(admin, 2)
    answer = admin.post(EXPERIMENTS, json=a_draft([one], [other], **fields))
    assert answer.status_code == 422, answer.text
    assert pointer in {fault["pointer"] for fault in answer.json()["errors"]}


def test_products_stand_in_one_cluster_and_clusters_have_a_partner(admin: httpx.Client) -> None:
    (one,) = products(admin, 1)
    twice = admin.post(EXPERIMENTS, json=a_draft([one], [one]))
    assert {fault["pointer"] for fault in twice.json()["errors"]} == {"/clusters/1/product_ids/0"}
    draft = a_draft(*([each] for each in products(admin, 2)))
    alike = {**draft, "clusters": [{**each, "name": "same"} for each in draft["clusters"]]}
    body = admin.post(EXPERIMENTS, json=alike)
    assert {fault["pointer"] for fault in body.json()["errors"]} == {"/clusters/1/name"}
    alone = admin.post(EXPERIMENTS, json=a_draft([one]))
    assert {fault["pointer"] for fault in alone.json()["errors"]} == {"/clusters"}


def test_treated_prices_are_set_and_go_back(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 4)
    experiment = started(admin, a_draft(*[[product_id] for product_id in ids]))
    treated = arms(experiment)
    assert sorted(treated.values()) == [False, False, True, True]
    assert {cluster["pair"] for cluster in experiment["clusters"]} == {1, 2}
    work(round_of)
    work(round_of)
    assert {product_id: price_of(admin, product_id) for product_id in ids} == {
        product_id: 105 if treated[product_id] else 100 for product_id in ids
    }
    for product_id in ids:
        decisions = admin.get(DECISIONS, params={"product_id": product_id}).json()["data"]
        assert [row["origin"] for row in decisions] == (["experiment"] if treated[product_id] else [])
    place = f"{EXPERIMENTS}/{experiment['id']}"
    stopping = admin.post(f"{place}/stop", json={"reason": "enough"}).json()["data"]
    assert (stopping["state"], stopping["reason"]) == ("running", "enough")
    assert admin.post(f"{place}/stop", json={"reason": "again"}).json()["data"]["reason"] == "enough"
    work(round_of)
    after = admin.get(place).json()["data"]
    assert (after["state"], after["reason"], after["not_restored"]) == ("stopped", "enough", [])
    assert [price_of(admin, product_id) for product_id in ids] == [100] * 4
    assert admin.get(f"{place}/report").json()["data"]["verdict"] == "not_yet"
    actions = [
        row["action"] for row in admin.get("/api/v1/audit", params={"object_id": experiment["id"]}).json()["data"]
    ]
    assert actions == [f"price_experiment.{each}" for each in ("end", "stop", "start", "create")]


def test_rolling_back_comes_before_an_experiment(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 2)
    for product_id in ids:
        work(lambda database, product_id=product_id: move_by_itself(database, product_id, 10_400))
    experiment = started(admin, a_draft([ids[0]], [ids[1]]))
    work(round_of)
    for product_id in ids:
        assert made(admin, f"{DECISIONS}/roll-back", {"product_id": product_id}, 200)["rolled_back"] == 1
    work(round_of)
    work(round_of)
    assert admin.get(f"{EXPERIMENTS}/{experiment['id']}").json()["data"]["state"] == "stopped"
    assert [price_of(admin, product_id) for product_id in ids] == [100, 100]


def test_what_a_person_had_confirmed_is_the_same_after_an_experiment(admin: httpx.Client, work: Any) -> None:
    """An experiment must not let prices go further than their bounds, nor leave nothing to roll back."""
    ids = products(admin, 2)
    for product_id in ids:
        work(lambda database, product_id=product_id: move_by_itself(database, product_id, 10_400))
    experiment = started(admin, a_draft([ids[0]], [ids[1]]))
    work(round_of)
    assert {price_of(admin, product_id) for product_id in ids} == {104, 109.2}
    admin.post(f"{EXPERIMENTS}/{experiment['id']}/stop", json={"reason": "enough"})
    work(round_of)
    for product_id in ids:
        assert price_of(admin, product_id) == 104
        asked = made(admin, f"{DECISIONS}/what-if", {"product_id": product_id, "currency": "EUR"}, 200)
        assert (asked["confirmed_price"], asked["day_start_price"]) == (100, 100)
        back = made(admin, f"{DECISIONS}/roll-back", {"product_id": product_id}, 200)
        assert (back["rolled_back"], price_of(admin, product_id)) == (1, 100)


async def move_by_itself(database: Database, product_id: str, price_minor: int) -> None:
    """The loop sets a price, as it does in `auto`."""
    item = (UUID(product_id), "EUR")
    async with database.transaction() as connection:
        await connection.execute("UPDATE price_policies SET mode = 'auto' WHERE product_id = $1", item[0])
        held = await hold_item(connection, item)
        facts = (await gather_facts(connection, [item], TERMS))[item]
        assert held is not None
        decided = msgspec.structs.replace(judge_price(facts, price_minor), outcome="set")
        await keep_decision(connection, UUID(new_id()), uuid4(), held, facts, decided, await database_now(connection))


def test_what_stands_in_the_way_of_a_start_is_reported_of_each_product(admin: httpx.Client) -> None:
    fine, bound, claimed = products(admin, 3)
    without_floor = sold_at(admin)
    policy = admin.get(POLICIES, params={"product_id": bound}).json()["data"][0]
    assert admin.put(f"{POLICIES}/{policy['id']}", json=a_policy(bound, ceiling_price=102)).status_code == 200
    other = started(admin, a_draft([claimed], products(admin, 1)))
    experiment = made(admin, EXPERIMENTS, a_draft([fine], [bound], [claimed], [without_floor]))
    refused = admin.post(f"{EXPERIMENTS}/{experiment['id']}/start")
    assert problem(refused) == (409, "price-experiment-cannot-start")
    assert {row["product_id"]: row["reason"] for row in refused.json()["products"]} == {
        bound: "ceiling",
        claimed: "claimed",
        without_floor: "no_floor",
    }
    # Nothing of it is done: what could have started is free for another.
    assert admin.get(f"{EXPERIMENTS}/{experiment['id']}").json()["data"]["state"] == "draft"
    assert started(admin, a_draft([fine], products(admin, 1)))["id"] != other["id"]


def test_a_price_that_somebody_else_moves_ends_it(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 2)
    experiment = started(admin, a_draft([ids[0]], [ids[1]]))
    work(round_of)
    treated = next(product_id for product_id, is_treated in arms(experiment).items() if is_treated)
    made(admin, DECISIONS, {"product_id": treated, "currency": "EUR", "price": 98})
    work(round_of)
    work(round_of)
    after = admin.get(f"{EXPERIMENTS}/{experiment['id']}").json()["data"]
    assert (after["state"], after["reason"]) == (
        "stopped",
        f"Product {treated}: its price was changed by somebody else",
    )
    assert after["not_restored"] == [{"product_id": treated, "reason": "its price was changed by somebody else"}]
    assert price_of(admin, treated) == 98


def test_a_product_that_is_not_sold_any_more_ends_it(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 2)
    experiment = started(admin, a_draft([ids[0]], [ids[1]]))
    work(round_of)
    control, treated = sorted(ids, key=lambda product_id: bool(arms(experiment)[product_id]))
    assert admin.delete(f"/api/v1/products/{control}").status_code == 204
    work(round_of)
    work(round_of)
    after = admin.get(f"{EXPERIMENTS}/{experiment['id']}").json()["data"]
    assert (after["state"], after["reason"]) == ("stopped", f"Product {control}: it is not sold any more")
    assert (price_of(admin, treated), after["not_restored"]) == (100, [])


def test_a_switchback_has_each_price_in_its_turn(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 3)
    draft = a_draft(*[[product_id] for product_id in ids], design="switchback", period_hours=12, days=3)
    experiment = started(admin, draft)
    place = f"{EXPERIMENTS}/{experiment['id']}"
    seen: list[dict[str, float]] = []
    for _ in range(6):
        work(round_of)
        seen.append({product_id: price_of(admin, product_id) for product_id in ids})
        now = arms(admin.get(place).json()["data"])
        assert seen[-1] == {product_id: 105 if now[product_id] else 100 for product_id in ids}
        work(lambda database: move_start(database, experiment["id"], timedelta(hours=12)))
    for first, second in zip(seen[::2], seen[1::2], strict=True):
        assert all({first[product_id], second[product_id]} == {100, 105} for product_id in ids)
    work(round_of)
    assert admin.get(place).json()["data"]["state"] == "ended"
    assert [price_of(admin, product_id) for product_id in ids] == [100] * 3


def test_several_workers_move_each_price_once(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 6)
    experiment = started(admin, a_draft(*[[product_id] for product_id in ids]))

    async def rounds(database: Database) -> None:
        await asyncio.gather(*(carry_out(database, TERMS) for _ in range(4)))

    work(rounds)
    work(round_of)
    for product_id, is_treated in arms(experiment).items():
        history = admin.get(DECISIONS, params={"product_id": product_id}).json()["data"]
        assert len(history) == (1 if is_treated else 0)


def test_an_experiment_that_waits_keeps_no_other_from_its_turn(admin: httpx.Client, work: Any) -> None:
    held, free = products(admin, 2), products(admin, 2)
    waiting = started(admin, a_draft(*[[product_id] for product_id in held]))
    other = started(admin, a_draft(*[[product_id] for product_id in free]))

    async def round_beside_an_import(database: Database) -> None:
        async with database.transaction() as connection:
            for product_id in held:
                await hold_item(connection, (UUID(product_id), "EUR"))
            # The service goes rounds of its own, and may have been here before.
            before = [price_of(admin, product_id) for product_id in held]
            await carry_out(database, TERMS)
            assert [price_of(admin, product_id) for product_id in held] == before

    work(round_beside_an_import)
    assert {price_of(admin, product_id) for product_id in free} == {100, 105}
    work(round_of)
    assert {price_of(admin, product_id) for product_id in held} == {100, 105}
    for experiment in (waiting, other):
        admin.post(f"{EXPERIMENTS}/{experiment['id']}/stop", json={"reason": "enough"})
    work(round_of)


def test_the_report_finds_the_effect_that_is_there(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 16)
    before = datetime.now(UTC) - timedelta(days=3)

    async def sell_before(database: Database) -> None:
        for number, product_id in enumerate(ids):
            await sell(database, product_id, before, 100 + number, 10_000)

    work(sell_before)
    experiment = started(admin, a_draft(*[[product_id] for product_id in ids], days=2))
    treated = arms(experiment)
    work(lambda database: move_start(database, experiment["id"], timedelta(days=1)))

    async def sell_during(database: Database) -> None:
        at = datetime.now(UTC) - timedelta(hours=5)
        for number, product_id in enumerate(ids):
            units = 100 + number
            await sell(database, product_id, at, units - (units // 10 if treated[product_id] else 0), 10_000)

    work(sell_during)
    report = admin.get(f"{EXPERIMENTS}/{experiment['id']}/report").json()["data"]
    assert (report["pairs"], report["pairs_left_out"], report["verdict"]) == (8, 0, "not_yet")
    figures = {row["metric"]: row for row in report["figures"]}
    # A tenth fewer units, rounded down; profit with them, at 30 of 100.
    assert figures["units"]["effect_percent"] == pytest.approx(-9.5, abs=0.6)
    assert figures["profit"]["effect_percent"] == pytest.approx(figures["revenue"]["effect_percent"], abs=0.01)
    assert figures["units"]["effect_percent_low"] <= figures["units"]["effect_percent_high"] < 0
    assert figures["units"]["chance"] == pytest.approx(2 / 256, abs=1e-4)
    sold = {arm: sum(100 + number for number, each in enumerate(ids) if treated[each] is arm) for arm in (True, False)}
    assert figures["units"]["control"] == sold[False]
    assert figures["revenue"]["control"] == sold[False] * 100
    work(lambda database: move_start(database, experiment["id"], timedelta(days=1)))
    work(round_of)
    ended = admin.get(f"{EXPERIMENTS}/{experiment['id']}/report").json()["data"]
    assert (ended["state"], ended["verdict"]) == ("ended", "worse")


def test_decisions_of_the_controls_rest(admin: httpx.Client, work: Any) -> None:
    ids = products(admin, 2)
    experiment = started(admin, a_draft([ids[0]], [ids[1]], change_percent=None))
    treated = arms(experiment)

    async def claims(database: Database) -> set[str]:
        async with database.read() as connection:
            rows = await connection.fetch(
                "SELECT product_id FROM price_decision_products WHERE claimed_by = $1", UUID(experiment["id"])
            )
        return {str(row["product_id"]) for row in rows}

    assert work(claims) == {product_id for product_id, is_treated in treated.items() if not is_treated}
    work(round_of)
    assert [price_of(admin, product_id) for product_id in ids] == [100, 100]
    admin.post(f"{EXPERIMENTS}/{experiment['id']}/stop", json={"reason": "enough"})
    work(round_of)
    assert work(claims) == set()
