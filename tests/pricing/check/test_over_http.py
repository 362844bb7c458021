"""The rule check over HTTP: as warnings of a write, of the whole rulebook, and of drafts."""

from __future__ import annotations

import time
from typing import Any

import httpx

from quote_service.platform.system.new_ids import new_id
from tests.pricing_rules.drafts import PATH, created, delivery, new_name, pointers

CHECK = "/api/v1/rulebook/check"


def named(findings: list[dict[str, Any]], name: str) -> list[str]:
    return [found["code"] for found in findings if any(row["name"] == name for row in found["rows"])]


def assert_quote_agrees(checkout: httpx.Client, example: dict[str, Any]) -> None:
    """The body of an example can be sent, and gives what it says once the rulebook has come round."""
    deadline = time.monotonic() + 120
    while True:
        answer = checkout.post("/api/v1/quote", json=example["request"], headers={"Cache-Control": "no-cache"})
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        if all(data[name] == amount for name, amount in example["amounts"].items() if name != "total_commission"):
            return
        assert time.monotonic() < deadline, (data, example)


def test_a_write_says_what_is_odd_about_it(admin: httpx.Client, checkout: httpx.Client) -> None:
    draft = delivery()
    assert "rule-never-chosen" not in named(created(admin, draft)["warnings"], draft["name"])
    ahead = {**draft, "name": new_name(), "priority": 1, "configuration": {"base_fee": 12}}
    made = admin.post(PATH, json=ahead)
    (warning,) = [found for found in made.json()["data"]["warnings"] if found["code"] == "rule-never-chosen"]
    assert [row["name"] for row in warning["rows"]] == [draft["name"], ahead["name"]]
    assert warning["severity"] == "error"
    (example,) = warning["examples"]
    assert example["amounts"]["delivery_fee"] == 12
    assert_quote_agrees(checkout, example)


def test_put_and_rollback_say_it_too(admin: httpx.Client) -> None:
    draft = delivery(conditions={"express": True})
    first = created(admin, draft)
    flagged = {**draft, "conditions": {"flag": new_name("flag")[:50]}}
    second = admin.put(f"{PATH}/{first['id']}", json=flagged).json()["data"]
    assert "rule-never-counts" in named(second["warnings"], draft["name"])
    third = admin.put(f"{PATH}/{second['id']}", json=draft).json()["data"]
    assert "rule-never-counts" not in named(third["warnings"], draft["name"])
    fourth = admin.post(f"{PATH}/{second['id']}/rollback").json()["data"]
    (found,) = [found for found in fourth["warnings"] if found["code"] == "rule-never-counts"]
    assert found["rows"] == [{"kind": "rule", "id": fourth["id"], "name": draft["name"], "version": 4}]


def test_the_whole_rulebook_is_checked_with_an_empty_body_or_none(admin: httpx.Client) -> None:
    draft = delivery()
    created(admin, draft)
    created(admin, {**draft, "name": new_name(), "priority": 1})
    for answer in (admin.post(CHECK), admin.post(CHECK, json={})):
        assert answer.status_code == 200, answer.text
        report = answer.json()["data"]
        assert report["rulebook_version"] > 1
        assert report["rates_checked"] <= report["rates_held"]
        severities = [found["severity"] for found in report["findings"]]
        assert severities == sorted(severities, key=["error", "warning", "notice"].index)
        if report["is_complete"]:
            assert "rule-never-chosen" in named(report["findings"], draft["name"])


def test_drafts_are_checked_and_not_stored(admin: httpx.Client) -> None:
    there = delivery()
    created(admin, there)
    seller = new_id()
    name = new_name()
    body = {
        "draft_rules": [{**there, "name": name, "priority": -1}],
        "draft_rates": [
            {"commission_type": "PERCENTAGE", "rate": 10, "seller_id": seller},
            {"commission_type": "PERCENTAGE", "rate": 12, "seller_id": seller, "priority": 1},
        ],
    }
    report = admin.post(CHECK, json=body).json()["data"]
    assert "rule-never-chosen" in named(report["findings"], name)
    assert "rate-never-taken" in {found["code"] for found in report["findings"]}
    assert admin.get(PATH, params={"name": name}).json()["data"] == []


def test_a_draft_of_a_known_name_is_its_next_version(admin: httpx.Client) -> None:
    draft = delivery()
    created(admin, draft)
    odd = {**draft, "conditions": {"customer_tiers": []}}
    findings = admin.post(CHECK, json={"draft_rules": [odd]}).json()["data"]["findings"]
    (found,) = [found for found in findings if found["code"] == "rule-never-counts"]
    assert found["rows"][0]["version"] == 2


def test_faults_of_drafts_are_pointed_at(admin: httpx.Client) -> None:
    body = {
        "draft_rules": [delivery(), delivery(configuration={"base_fee": -1})],
        "draft_rates": [{"commission_type": "PERCENTAGE"}, {"commission_type": "FLAT", "rate": 1, "colour": 1}],
        "more": 1,
    }
    expected = {"/draft_rules/1/configuration/base_fee", "/draft_rates/0/rate", "/draft_rates/1/colour", "/more"}
    assert set(pointers(admin.post(CHECK, json=body))) == expected
    assert pointers(admin.post(CHECK, json={"draft_rules": 1})) == ["/draft_rules"]
    assert pointers(admin.post(CHECK, json=[])) == [""]
    many = {"draft_rates": [{"commission_type": "PERCENTAGE", "rate": 1}] * 1001}
    assert pointers(admin.post(CHECK, json=many)) == ["/draft_rates"]


def test_a_cliff_shows_both_sides(admin: httpx.Client, checkout: httpx.Client) -> None:
    draft = delivery(type="SMALL_BASKET_FEE", configuration={"threshold": 50, "fee": 7.5})
    (cliff,) = [found for found in created(admin, draft)["warnings"] if found["code"] == "price-cliff"]
    below, above = cliff["examples"]
    assert (below["amounts"]["small_basket_fee"], above["amounts"]["small_basket_fee"]) == (7.5, 0)
    for example in (below, above):
        assert_quote_agrees(checkout, example)
