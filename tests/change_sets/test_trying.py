"""Change sets are looked at before they are published, and nothing comes of that.

Source: docs/spec/change-sets.md#check-and-simulation; docs/spec/change-sets.md#replay.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.access.running import until
from tests.change_sets.desk import SETS, Desk, draft_of, everything, state_now
from tests.commission_rates.rates import a_rate


def a_basket(rule: dict[str, Any], *items: dict[str, Any]) -> dict[str, Any]:
    """A basket that is delivered to where a rule counts."""
    return {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": list(items) or [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 50}],
        "delivery_address": {"country": "TR", "city": rule["region"].removeprefix("TR/")},
        "currency": "TRY",
    }


def quoted(desk: Desk, basket: dict[str, Any]) -> dict[str, Any]:
    answer = desk.service.http.post("/api/v1/quote", json=basket, headers=desk.service.as_role("admin"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def known_price(desk: Desk, product: dict[str, Any]) -> None:
    """The worker prices by what the catalog says of it."""
    rulebook_basket = a_basket({"region": "TR/nowhere"}, {"product_id": product["id"], "quantity": 1})

    def is_known() -> bool:
        headers = desk.service.as_role("admin")
        return desk.service.http.post("/api/v1/quote", json=rulebook_basket, headers=headers).status_code == 200

    until(is_known, "the product is known")


def test_a_simulation_is_what_the_quote_is_once_the_set_is_published(desk: Desk) -> None:
    things = everything(desk)
    product = things["product"]
    known_price(desk, product)
    basket = a_basket(things["rule"], {"product_id": product["id"], "quantity": 2})
    ended = a_basket(things["ended_rule"])
    charged = {**a_basket(things["new_rule"]), "seller_id": things["rate"]["seller_id"]}
    made = desk.drafted(**things["changes"])
    before = state_now(desk, things)
    answer = desk.done("POST", f"{SETS}/{made['id']}/simulate", {"baskets": [basket, ended, charged]})
    assert (answer["edition"], answer["changed"], answer["left_out"]) == (1, 3, 0)
    first, second, third = answer["baskets"]
    assert first["now"] != first["simulated"]
    assert (first["difference"]["item_total"], first["difference"]["delivery_fee"]) == (-20.20, 2.50)
    assert (second["difference"]["delivery_fee"], second["difference"]["item_total"]) == (-10, 0)
    assert (third["difference"]["delivery_fee"], third["difference"]["seller_commission"]) == (10, 1)
    assert state_now(desk, things) == before
    desk.published(made)
    names = ("total_amount", "delivery_fee", "subtotal")

    def is_priced() -> bool:
        return all(
            {name: quoted(desk, asked)[name] for name in names} == {name: each["simulated"][name] for name in names}
            for asked, each in ((basket, first), (ended, second), (charged, third))
        )

    until(is_priced, "quotes come to what was simulated")


def test_variants_follow_the_price_of_their_product_unless_they_have_their_own(desk: Desk) -> None:
    variants = [
        {"sku": uuid4().hex, "name": "follows"},
        {"sku": uuid4().hex, "name": "own", "prices": [{"currency": "TRY", "current_price": 100}]},
    ]
    product = desk.product(variants=variants)
    known_price(desk, product)
    basket = a_basket(
        {"region": "TR/somewhere"},
        *({"product_id": product["id"], "variant_id": each["id"], "quantity": 1} for each in product["variants"]),
    )
    made = desk.drafted(prices=[{"product_id": product["id"], "currency": "TRY", "price": 80}])
    (simulated,) = desk.done("POST", f"{SETS}/{made['id']}/simulate", {"baskets": [basket]})["baskets"]
    assert [item["unit_price"] for item in simulated["now"]["items"]] == [100, 100]
    assert [item["unit_price"] for item in simulated["simulated"]["items"]] == [80, 100]


def test_baskets_that_were_bought_are_sampled(desk: Desk) -> None:
    rule = desk.rule()
    basket = a_basket(rule)
    until(lambda: quoted(desk, basket | {"customer_id": str(uuid4())})["delivery_fee"] == 10, "the rule counts")
    quote = quoted(desk, basket)
    headers = desk.service.as_role("admin")
    accepted = desk.service.http.post(f"/api/v1/quotes/{quote['quote_id']}/accept", headers=headers)
    assert accepted.status_code in (200, 201), accepted.text
    made = desk.drafted(rules=[{"action": "end", "name": rule["name"]}])
    answer = desk.done("POST", f"{SETS}/{made['id']}/simulate", {"sample": 1})
    (simulated,) = answer["baskets"]
    assert simulated["difference"]["delivery_fee"] == -10
    assert desk.done("POST", f"{SETS}/{made['id']}/simulate", {})["baskets"] == []


def test_faults_of_given_baskets_have_their_places(desk: Desk) -> None:
    made = desk.drafted()
    path = f"{SETS}/{made['id']}/simulate"
    good = a_basket({"region": "TR/somewhere"})
    refused = desk.refused("POST", path, {"baskets": [good, {**good, "currency": "AAA"}]})
    assert refused == (422, "validation-error", ["/baskets/1/currency"])
    unknown = {**good, "items": [{"product_id": str(uuid4()), "quantity": 1}]}
    assert desk.refused("POST", path, {"baskets": [unknown]})[2] == ["/baskets/0/items/0/unit_price"]


def test_a_check_says_what_publishing_would(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    path = f"{SETS}/{made['id']}/check"
    before = state_now(desk, things)
    assert desk.done("POST", path)["errors"] == []
    assert state_now(desk, things) == before
    assert [row["action"] for row in desk.service.audited(made["id"])] == ["change_set.create"]
    desk.done("POST", f"/feature-flags/{things['flag']['id']}/kill")
    assert [each["pointer"] for each in desk.done("POST", path)["errors"]] == ["/flags/0"]
    rate = desk.rate()
    twice = desk.drafted(rates=[{"action": "create", "draft": draft_of(rate)}])
    assert [each["pointer"] for each in desk.done("POST", f"{SETS}/{twice['id']}/check")["errors"]] == [
        "/rates/0/draft"
    ]


def test_a_check_finds_what_the_set_would_bring_and_what_it_would_mend(desk: Desk) -> None:
    coupon = {"type": "COUPON", "configuration": {"code": f"C-{uuid4().hex}", "kind": "percent", "value": 10}}
    first = desk.done("POST", "/pricing-rules", {"name": f"first {uuid4()}", **coupon})
    draft = {"name": f"second {uuid4()}", **coupon}
    made = desk.drafted(rules=[{"action": "create", "draft": draft}])
    found = desk.done("POST", f"{SETS}/{made['id']}/check")
    assert "coupon-code-shared" in {each["code"] for each in found["findings"]}
    assert found["resolved_findings"] == []
    desk.published(made)
    mending = desk.drafted(rules=[{"action": "end", "name": first["name"]}])
    report = desk.done("POST", f"{SETS}/{mending['id']}/check")
    assert "coupon-code-shared" in {each["code"] for each in report["resolved_findings"]}
    assert "coupon-code-shared" not in {each["code"] for each in report["findings"]}


def test_a_replay_is_of_the_set(desk: Desk) -> None:
    things = everything(desk)
    made = desk.drafted(**things["changes"])
    answer = desk.ask("POST", f"{SETS}/{made['id']}/replay", {"from": "2026-01-01T00:00:00Z"})
    assert answer.status_code == 202, answer.text
    record = answer.json()["data"]
    assert record["change_set_id"] == made["id"]
    change = desk.done("GET", answer.headers["location"])["change"]
    assert [each["name"] for each in change["draft_rules"]] == [things["rule"]["name"], things["new_rule"]["name"]]
    assert change["ended_rules"] == [things["ended_rule"]["name"]]
    assert change["ended_rates"] == [things["rate"]["id"], things["ended_rate"]["id"]]
    assert [each["rate"] for each in change["draft_rates"]] == [12, 3]
    assert [(each["key"], each["is_enabled"]) for each in change["draft_flags"]] == [
        (things["flag"]["key"], True), (things["ended_flag"]["key"], False), (things["new_flag"]["key"], True),
    ]  # fmt: skip
    assert [each["price"] for each in change["price_changes"]] == [89.9]


def test_a_replay_shows_what_has_ended_since_the_set_was_written(desk: Desk) -> None:
    kept, ended = desk.rule(), desk.rule()
    rate, product = desk.rate(), desk.product()
    made = desk.drafted(
        rules=[{"action": "end", "name": rule["name"]} for rule in (kept, ended)],
        rates=[{"action": "create", "draft": a_rate()}, {"action": "end", "rate_id": rate["id"]}],
        prices=[{"product_id": product["id"], "currency": "TRY", "price": 80}],
    )

    def warnings() -> list[dict[str, Any]]:
        replay = desk.done("POST", f"{SETS}/{made['id']}/replay", {"from": "2026-01-01T00:00:00Z"})
        # No background process works here, and only some may wait.
        desk.done("DELETE", f"/analytics/replay/{replay['id']}")
        return list(replay["warnings"])

    assert warnings() == []
    desk.done("DELETE", f"/pricing-rules/{ended['id']}")
    desk.done("DELETE", f"/commission-rates/{rate['id']}")
    assert [(each["code"], each["pointer"]) for each in warnings()] == [
        ("already_ended", "/rules/1"), ("already_ended", "/rates/1"),
    ]  # fmt: skip


def test_what_is_published_is_not_tried_any_more(desk: Desk) -> None:
    made = desk.published(desk.drafted())
    for place, body in (("check", None), ("simulate", {}), ("replay", {"from": "2026-01-01T00:00:00Z"})):
        assert desk.refused("POST", f"{SETS}/{made['id']}/{place}", body)[:2] == (409, "change-set-state")


def test_analysts_try_sets_out(desk: Desk) -> None:
    made = desk.drafted()
    analyst = Desk(desk.service, desk.service.new_person("analyst"))
    for place, body in (("check", None), ("simulate", {}), ("replay", {"from": "2026-01-01T00:00:00Z"})):
        assert analyst.ask("POST", f"{SETS}/{made['id']}/{place}", body).is_success


def test_a_replay_is_cancelled_by_whoever_started_it_or_by_an_admin(desk: Desk) -> None:
    admin = Desk(desk.service, desk.service.new_person("admin"))
    for canceller in (desk, admin):
        # No background process works here, so that it waits.
        made = desk.done("POST", "/analytics/replay", {"from": "2026-01-01T00:00:00Z"})
        place = f"/analytics/replay/{made['id']}"
        assert desk.other().refused("DELETE", place)[:2] == (403, "not-your-replay")
        assert desk.done("GET", place)["status"] == "queued"
        canceller.done("DELETE", place)
        assert desk.done("GET", place)["status"] == "cancelled"
