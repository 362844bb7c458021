"""Price policies, decisions, roll back, what-if and models over HTTP.

Source: docs/spec/price-decisions.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from tests.fixtures.service import Service
from tests.price_decisions.shop import DECISIONS, MODELS, POLICIES, a_policy, keep_model, made, sold_at


def kept_model(service: Service, *items: tuple[str, float, int], **further: Any) -> str:
    async def keep() -> str:
        connection = await asyncpg.connect(service.database_url)
        try:
            async with connection.transaction():
                return str(await keep_model(connection, items, **further))
        finally:
            await connection.close()

    return asyncio.run(keep())


def price_of(admin: httpx.Client, product_id: str) -> float:
    price: float = admin.get(f"/api/v1/products/{product_id}").json()["data"]["prices"][0]["current_price"]
    return price


def pointers(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {fault["pointer"] for fault in answer.json()["errors"]}


def test_policies_are_written_replaced_imported_and_deleted(admin: httpx.Client) -> None:
    product, other = sold_at(admin), sold_at(admin)
    category = made(admin, "/api/v1/categories", {"name": uuid4().hex})["id"]
    draft = a_policy(product, mode="suggest", step_percent="2.5", price_points={"every": 1, "endings": [0.95, 0.99]})
    policy = made(admin, POLICIES, draft)
    assert (policy["mode"], policy["step_percent"], policy["day_percent"]) == ("suggest", 2.5, None)
    assert policy["price_points"] == {"every": 1, "endings": [0.95, 0.99]}
    assert admin.post(POLICIES, json=draft).json()["type"].endswith("policy-exists")
    place = f"{POLICIES}/{policy['id']}"
    tag = admin.get(place).headers["etag"]
    replaced = admin.put(place, json={**draft, "mode": "auto"}, headers={"If-Match": tag})
    assert (replaced.json()["data"]["mode"], replaced.json()["data"]["version"]) == ("auto", 2)
    assert admin.put(place, json=draft, headers={"If-Match": tag}).status_code == 412
    assert pointers(admin.put(place, json={**draft, "product_id": other})) == {"/product_id"}
    written = made(
        admin,
        f"{POLICIES}/import",
        {
            "policies": [
                {**draft, "mode": "auto"},
                a_policy(other, mode="shadow"),
                {"category_id": category, "currency": "EUR", "floor_percent": 80},
            ]
        },
        200,
    )
    assert written == {"created": 2, "replaced": 0, "unchanged": 1}
    twice = {"policies": [a_policy(other), a_policy(other)]}
    assert pointers(admin.post(f"{POLICIES}/import", json=twice)) == {"/policies/1"}
    assert [row["mode"] for row in admin.get(POLICIES, params={"product_id": other}).json()["data"]] == ["shadow"]
    (of_category,) = admin.get(POLICIES, params={"category_id": category}).json()["data"]
    assert admin.delete(f"{POLICIES}/{of_category['id']}").status_code == 204
    assert admin.get(f"{POLICIES}/{of_category['id']}").status_code == 404
    actions = [row["action"] for row in admin.get("/api/v1/audit", params={"object_id": policy["id"]}).json()["data"]]
    assert actions == ["price_policy.replace", "price_policy.create"]


def test_policies_that_are_written_at_once_are_written_one_after_the_other(admin: httpx.Client) -> None:
    ids = [sold_at(admin) for _ in range(12)]

    def imported(floor: int, order: list[str]) -> int:
        body = {"policies": [a_policy(product, floor_price=floor) for product in order]}
        return admin.post(f"{POLICIES}/import", json=body).status_code

    with ThreadPoolExecutor(2) as pool:
        for round_number in range(5):
            forth = pool.submit(imported, 60 + round_number, ids)
            back = pool.submit(imported, 70 + round_number, ids[::-1])
            assert (forth.result(), back.result()) == (200, 200)
        alone = sold_at(admin)
        answered = [pool.submit(admin.post, POLICIES, json=a_policy(alone)) for _ in range(4)]
        answers = [each.result() for each in answered]
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert {each.json()["type"].rpartition("/")[2] for each in answers if each.status_code == 409} == {"policy-exists"}


def test_a_category_with_a_policy_says_what_keeps_it(admin: httpx.Client) -> None:
    category = made(admin, "/api/v1/categories", {"name": uuid4().hex})["id"]
    policy = made(admin, POLICIES, {"category_id": category, "currency": "EUR", "mode": "shadow"})
    refused = admin.delete(f"/api/v1/categories/{category}")
    assert (refused.status_code, refused.json()["detail"]) == (409, "there are price policies of this category")
    assert admin.delete(f"{POLICIES}/{policy['id']}").status_code == 204
    assert admin.delete(f"/api/v1/categories/{category}").status_code == 204


def test_a_policy_that_cannot_be_says_every_fault(admin: httpx.Client) -> None:
    product = sold_at(admin)
    assert pointers(admin.post(POLICIES, json=a_policy(str(uuid4())))) == {"/product_id"}
    assert pointers(admin.post(POLICIES, json={"currency": "EUR", "floor_price": 5, "cost": 1})) == {
        "/floor_price",
        "/cost",
    }
    wrong = a_policy(
        product,
        floor_price=90,
        ceiling_price=80,
        lowest_margin_percent=70,
        step_percent="1.234",
        breaker_share_percent=10,
    )
    assert pointers(admin.post(POLICIES, json=wrong)) == {
        "/floor_price",
        "/lowest_margin_percent",
        "/step_percent",
        "/breaker_share_percent",
    }
    finer = a_policy(product, price_points={"every": 1, "endings": [0.999, 1]})
    assert pointers(admin.post(POLICIES, json=finer)) == {"/price_points/endings/0", "/price_points/endings/1"}
    nothing = {"category_id": str(uuid4()), "product_id": product, "currency": "XQZ"}
    assert pointers(admin.post(POLICIES, json=nothing)) == {"/currency", "/category_id"}


def test_a_person_decides_inside_the_bounds_and_nobody_outside(admin: httpx.Client, service: Service) -> None:
    product = sold_at(admin)
    wanted = {"product_id": product, "currency": "EUR", "price": 90}
    refused = admin.post(DECISIONS, json=wanted).json()
    # Nobody has said how low it may go: nothing is set, however it is asked for.
    assert (refused["type"].rpartition("/")[2], refused["rule"]) == ("price-outside-bounds", "no_floor")
    made(admin, POLICIES, a_policy(product, minimum_advertised_price=80, ceiling_price=110))
    refused = admin.post(DECISIONS, json={**wanted, "price": 79.99}).json()
    assert (refused["rule"], refused["nearest_price"]) == ("minimum_advertised", 80)
    assert admin.post(DECISIONS, json={**wanted, "price": 110.01}).json()["rule"] == "ceiling"
    assert pointers(admin.post(DECISIONS, json={**wanted, "price": "80.001"})) == {"/price"}
    assert pointers(admin.post(DECISIONS, json={**wanted, "price": 100})) == {"/price"}
    assert pointers(admin.post(DECISIONS, json={**wanted, "currency": "USD"})) == {"/currency"}
    decision = made(admin, DECISIONS, {**wanted, "note": "for the spring"})
    assert (decision["state"], decision["mode"], decision["origin"]) == ("applied", "manual", "person")
    # How far is up to a person: no step, no day.
    assert {bound["rule"] for bound in decision["bounds"]} == {
        "floor", "ceiling", "lowest_margin", "highest_margin", "minimum_advertised",
    }  # fmt: skip
    assert price_of(admin, product) == 90
    (moved,) = admin.get(f"/api/v1/products/{product}/price-history", params={"limit": 1}).json()["data"]
    assert (moved["reason"], moved["source_id"], moved["new_price"]) == ("intelligence", decision["id"], 90)
    assert admin.get(f"{DECISIONS}/{decision['id']}").json()["data"] == decision
    (listed,) = admin.get(DECISIONS, params={"product_id": product}).json()["data"]
    assert listed["id"] == decision["id"]
    assert admin.post(f"{DECISIONS}/{decision['id']}/accept").json()["type"].endswith("decision-state")
    (audited,) = admin.get("/api/v1/audit", params={"object_id": decision["id"]}).json()["data"]
    assert (audited["action"], audited["after"]["price"]) == ("price_decision.apply", 90)
    made(admin, DECISIONS, {**wanted, "price": 110})
    refused = admin.post(DECISIONS, json={**wanted, "price": 110.01}).json()
    # The nearest is what it costs already.
    assert (refused["rule"], refused["nearest_price"]) == ("ceiling", 110)


def test_what_if_says_what_would_be_decided_and_writes_nothing(admin: httpx.Client, service: Service) -> None:
    product = sold_at(admin)
    model = kept_model(service, (product, -2.0, 100_00))
    asked = {"product_id": product, "currency": "EUR", "price": 103}

    def what_if(**fields: Any) -> dict[str, Any]:
        return made(admin, f"{DECISIONS}/what-if", {**asked, **fields}, 200)

    assert what_if()["held_by"] == ["no_floor"]
    made(admin, POLICIES, a_policy(product, mode="auto"))
    reported = what_if()
    # Twice the cost is best at an elasticity of -2: as far up as one step goes.
    assert (reported["outcome"], reported["price"], reported["mode"]) == ("set", 105, "auto")
    assert (reported["tried_is_allowed"], reported["tried"]["price"], reported["tried_nearest_price"]) == (
        True,
        103,
        103,
    )
    by_label = {label: row for row in reported["candidates"] for label in row["labels"]}
    assert {"now", "minus_5_percent", "plus_5_percent", "decided"} <= set(by_label)
    assert by_label["now"]["units"] == 140.0
    assert by_label["now"]["profit"] == 140 * 30
    assert by_label["plus_5_percent"]["profit"] > by_label["now"]["profit"] > by_label["minus_5_percent"]["profit"]
    assert (reported["elasticity"]["mean"], reported["elasticity"]["doubts"]) == (-2.0, [])
    assert what_if(price=70)["tried_clamped_by"] == "floor"
    assert what_if(price=None)["tried"] is None
    assert admin.get(DECISIONS, params={"product_id": product}).json()["data"] == []
    (known,) = admin.get(f"{MODELS}/{model}/products", params={"product_id": product}).json()["data"]
    assert (known["elasticity"], known["reference_price"], known["is_identified"]) == (-2.0, 100, True)
    assert admin.get(f"{MODELS}/{model}").json()["data"]["id"] == model
    assert model in [row["id"] for row in admin.get(MODELS).json()["data"]]
    assert admin.get(f"{MODELS}/{uuid4()}/products").status_code == 404
    nothing = admin.post(f"{DECISIONS}/roll-back", json={"product_id": product}).json()["data"]
    assert nothing == {"rolled_back": 0, "not_rolled_back": []}
    assert pointers(admin.post(f"{DECISIONS}/roll-back", json={"currency": ""})) == {"/currency"}


def test_where_no_price_is_allowed_none_is_the_nearest(admin: httpx.Client) -> None:
    free, unknown = sold_at(admin, cost=0), sold_at(admin, cost=None)
    made(admin, POLICIES, a_policy(free, highest_margin_percent=30))
    made(admin, POLICIES, a_policy(unknown))
    for product, rule in ((free, "bounds_exclude_each_other"), (unknown, "no_cost")):
        wanted = {"product_id": product, "currency": "EUR", "price": 90}
        refused = admin.post(DECISIONS, json=wanted).json()
        assert (refused["rule"], refused["nearest_price"]) == (rule, None)
        reported = made(admin, f"{DECISIONS}/what-if", wanted, 200)
        assert (reported["tried_is_allowed"], reported["tried_nearest_price"]) == (False, None)
        for path in (DECISIONS, f"{DECISIONS}/what-if"):
            assert pointers(admin.post(path, json={**wanted, "price": 0})) == {"/price"}


def test_what_if_and_deciding_agree_to_the_minor_unit(admin: httpx.Client) -> None:
    product = sold_at(admin, 50, cost=30)
    endings = {"every": 1, "endings": [0.95, 0.99]}
    made(admin, POLICIES, a_policy(product, floor_price=35, price_points=endings))
    for price in (34.95, 34.99, 35, 35.95, 40.5, 49.99, 50, 74.95, 74.99, 75, 75.95):
        now, wanted = price_of(admin, product), {"product_id": product, "currency": "EUR", "price": price}
        reported = made(admin, f"{DECISIONS}/what-if", wanted, 200)
        if price == now:
            continue
        decided = admin.post(DECISIONS, json=wanted)
        assert (decided.status_code == 201) == reported["tried_is_allowed"], (price, decided.text)
        if decided.status_code == 409:
            nearest = reported["tried_nearest_price"]
            assert decided.json()["nearest_price"] == nearest
            again = admin.post(DECISIONS, json={**wanted, "price": nearest})
            assert again.status_code == (422 if nearest == now else 201)


def test_what_says_between_which_bounds_prices_move_is_for_prices_read(
    admin: httpx.Client, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    product = sold_at(admin)
    policy = made(admin, POLICIES, a_policy(product, mode="suggest"))
    decision = made(admin, DECISIONS, {"product_id": product, "currency": "EUR", "price": 101})
    asked = {"product_id": product, "currency": "EUR", "price": 1}
    for scopes, status in (
        (("reports:read",), 403),
        (("reports:read", "prices:read"), 200),
        (("catalog:write",), 200),
    ):
        headers = key_with(*scopes)
        answers = [
            *(anonymous.get(path, headers=headers) for path in (POLICIES, f"{POLICIES}/{policy['id']}")),
            anonymous.get(f"{DECISIONS}/{decision['id']}", headers=headers),
            anonymous.post(f"{DECISIONS}/what-if", json=asked, headers=headers),
        ]
        assert [each.status_code for each in answers] == [status] * 4, scopes
        listed = anonymous.get(DECISIONS, params={"product_id": product}, headers=headers)
        assert listed.status_code == 200
        assert "bounds" not in listed.text
