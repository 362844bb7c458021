"""Quotes, accepts and reports make an experiment, which is told by its flag's key.

Source: docs/spec/experiments.md#report; docs/spec/experiments.md#reported-metrics.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.rulebook.experiments.operations.note_history import note_experiments
from tests.feature_flags.conftest import FLAGS, created, eventually_asked, faults
from tests.fixtures.serve import QUOTE, a_basket, in_database, until
from tests.flash_sales.sales import Sales

METRICS = "/api/v1/telemetry/metrics"


def report_of(admin: httpx.Client, key: str, **query: Any) -> dict[str, Any]:
    answer = admin.get(f"{FLAGS}/{key}/experiment", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def exposures_of(admin: httpx.Client, key: str) -> list[int]:
    return [arm["exposures"] for arm in report_of(admin, key)["arms"]]


def by_arm(report: dict[str, Any], metric: str, measure: str, member: str) -> dict[str, Any]:
    found = [
        reported for reported in report["metrics"] if (reported["metric"], reported["measure"]) == (metric, measure)
    ]
    return {arm["arm"]: arm[member] for reported in found for arm in reported["arms"]}


def split_flag(
    admin: httpx.Client, checkout: httpx.Client, **fields: Any
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """A flag of its own region, and three customers of each arm."""
    city = f"city-{uuid4().hex}"
    flag = created(admin, rollout={"percentage": 50, "regions": [f"TR/{city}"]}, **fields)
    arms: dict[str, list[str]] = {"off": [], "on": []}
    while min(map(len, arms.values())) < 3:
        customer = str(uuid4())
        reported = eventually_asked(checkout, flag["key"], customer_id=customer, region=f"TR/{city}")
        arms["on" if reported["value"] else "off"].append(customer)
    return {**flag, "city": city}, {arm: customers[:3] for arm, customers in arms.items()}


def quoted(checkout: httpx.Client, customer: str, city: str, **fields: Any) -> dict[str, Any]:
    address = {"country": "TR", "city": city}
    answer = checkout.post(QUOTE, json=a_basket(customer_id=customer, delivery_address=address, **fields))
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def test_quotes_accepts_and_reports_are_reported_by_arm(
    service: Any, admin: httpx.Client, checkout: httpx.Client, key_with: Any
) -> None:
    flag, arms = split_flag(admin, checkout)
    key, city = flag["key"], flag["city"]
    assert report_of(admin, key)["arms"] == []
    for customer in (*arms["off"], *arms["on"]):
        for _ in range(2):
            quote = quoted(checkout, customer, city)
        assert quote["total_amount"] == 51.0
    until(lambda: exposures_of(admin, key) == [3, 3], "they are counted")
    accepted = checkout.post(f"/api/v1/quotes/{quote['quote_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    sent = [
        {"customer_id": arms["on"][0], "metric": "searches", "value": 2.5, "id": uuid4().hex},
        {"customer_id": arms["on"][0], "metric": "searches", "value": 1},
        {"customer_id": arms["off"][0], "metric": "error"},
        {"customer_id": str(uuid4()), "metric": "error"},  # of nobody who was shown anything
    ]
    headers = key_with("telemetry:write")
    reported = httpx.post(f"{service.url}{METRICS}", json={"metrics": sent}, headers=headers)
    assert (reported.status_code, reported.json()["data"]) == (202, {"accepted": 4, "repeated": 0})
    again = httpx.post(f"{service.url}{METRICS}", json={"metrics": [sent[0], sent[0]]}, headers=headers)
    assert again.json()["data"] == {"accepted": 0, "repeated": 2}

    def is_all_there() -> bool:
        body = {each["metric"] for each in report_of(admin, key)["metrics"]}
        return {"conversion", "revenue.TRY", "searches", "error", "price.TRY"} <= body

    until(is_all_there, "all is counted")
    report = report_of(admin, key)
    assert (report["version"], report["stage"], report["state"], report["rollback"]) == (1, 0, "ACTIVE", None)
    assert [(arm["arm"], arm["is_control"], arm["planned_share"], arm["exposures"]) for arm in report["arms"]] == [
        ("off", True, 0.5, 3),
        ("on", False, 0.5, 3),
    ]
    assert report["sample_ratio"] == {"p_value": 1.0, "mismatch": False}
    assert by_arm(report, "price.TRY", "mean", "value") == {"off": 51.0, "on": 51.0}
    assert by_arm(report, "latency_ms", "mean", "events") == {"off": 3, "on": 3}
    assert by_arm(report, "conversion", "rate", "events") == {"off": 0, "on": 1}
    assert by_arm(report, "revenue.TRY", "mean_per_exposure", "value") == {"off": 0.0, "on": 17.0}
    assert by_arm(report, "searches", "mean_per_exposure", "value") == {"off": 0.0, "on": pytest.approx(3.5 / 3)}
    assert by_arm(report, "error", "rate", "events") == {"off": 1, "on": 0}
    difference = by_arm(report, "searches", "rate", "difference")
    assert difference["off"] is None
    assert difference["on"]["low"] < 1 / 3 < difference["on"]["high"]
    assert report_of(admin, key, version=1)["arms"] == report["arms"]
    assert report_of(admin, key, version=9)["arms"] == []

    def searches() -> Any:
        body = admin.get(f"{FLAGS}/{key}/experiment/history", params={"metric": "searches", "interval": "hour"})
        assert body.status_code == 200, body.text
        return {each["measure"]: each["points"] for each in body.json()["data"]["measures"]}

    # What the process that counts does every minute.
    in_database(service.database_url, note_experiments)
    assert searches()["rate"][-1]["exposures"] == [3, 3]
    assert [arm["events"] for arm in searches()["mean_per_exposure"][-1]["arms"]] == [0, 1]
    for query in ({}, {"metric": "a b"}, {"metric": "error", "interval": "week"}):
        assert admin.get(f"{FLAGS}/{key}/experiment/history", params=query).status_code == 422


def test_a_purchase_in_a_flash_sale_is_a_conversion(admin: httpx.Client, checkout: httpx.Client) -> None:
    flag, arms = split_flag(admin, checkout)
    customer = arms["on"][0]
    quoted(checkout, customer, flag["city"])
    until(lambda: exposures_of(admin, flag["key"]) == [0, 1], "it is counted")
    sales = Sales(admin, checkout)
    bought = sales.bought(sales.on_sale(sale_price=19.9), wait=5, customer_id=customer, quantity=2)
    until(lambda: sales.purchase(bought["purchase_id"])["status"] == "confirmed", "it is confirmed")
    until(lambda: by_arm(report_of(admin, flag["key"]), "conversion", "rate", "events") != {}, "it is counted")
    report = report_of(admin, flag["key"])
    assert by_arm(report, "conversion", "rate", "events") == {"off": 0, "on": 1}
    assert by_arm(report, "revenue.TRY", "mean_per_exposure", "events") == {"off": 0, "on": 1}


def test_an_order_is_one_conversion(admin: httpx.Client, checkout: httpx.Client) -> None:
    flag, arms = split_flag(admin, checkout)
    customer = arms["off"][0]
    quote = quoted(checkout, customer, flag["city"])
    until(lambda: exposures_of(admin, flag["key"]) == [1, 0], "it is counted")
    ordered = checkout.post(
        "/api/v1/orders", json={"quote_id": quote["quote_id"]}, headers={"Idempotency-Key": uuid4().hex}
    )
    assert ordered.status_code == 201, ordered.text
    until(lambda: by_arm(report_of(admin, flag["key"]), "conversion", "rate", "events") != {}, "it is counted")
    # Once, and not again by its accepted quote. An arm of one customer has no mean yet.
    report = report_of(admin, flag["key"])
    assert by_arm(report, "conversion", "rate", "events") == {"off": 1, "on": 0}
    # Other tests' flags may be asked of everybody meanwhile.
    exported = admin.get(f"/api/v1/customers/{customer}/export").json()["data"]["experiments"]
    (export,) = (reported for reported in exported if reported["flag"] == flag["key"])
    assert export["outcomes"]["conversion"] == {"observations": 1, "total": 1}
    assert export["outcomes"]["revenue.TRY"] == {"observations": 1, "total": 51}


def test_a_batch_counts_as_its_quotes_do(admin: httpx.Client, checkout: httpx.Client) -> None:
    flag, arms = split_flag(admin, checkout)
    address = {"country": "TR", "city": flag["city"]}
    customers = [*arms["off"], *arms["on"]]
    baskets = [a_basket(customer_id=customer, delivery_address=address) for customer in customers]
    assert checkout.post("/api/v1/quotes/batch", json={"baskets": baskets}).status_code == 200
    until(lambda: exposures_of(admin, flag["key"]) == [3, 3], "they are counted")


@pytest.mark.parametrize(
    ("reported", "pointer", "detail"),
    [
        ({"customer_id": "somebody"}, "/metrics/0/customer_id", "UUID"),
        ({"metric": "revenue"}, "/metrics/0/metric", "needs a currency, such as revenue.USD"),
        ({"metric": "a b"}, "/metrics/0/metric", "matching"),
        ({"metric": "line\n"}, "/metrics/0/metric", "must not end a line"),
        ({"value": 0.0000001}, "/metrics/0/value", "must have at most 6 decimals"),
        ({"value": -1e12 - 1}, "/metrics/0/value", "must be from"),
        ({"value": "many"}, "/metrics/0/value", "must be a"),
        ({"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "/metrics/0/at", "must not be in the future"),
        ({"id": ""}, "/metrics/0/id", "length"),
        ({"flag": "mine"}, "/metrics/0/flag", "is not a known field"),
    ],
    ids=["customer", "currency", "name", "line-end", "decimals", "size", "number", "future", "id", "unknown"],
)
def test_what_cannot_be_counted_is_refused(
    checkout: httpx.Client, reported: dict[str, Any], pointer: str, detail: str
) -> None:
    sent = [{"customer_id": str(uuid4()), "metric": "error", **reported}]
    found = faults(checkout.post(METRICS, json={"metrics": sent}))
    assert list(found) == [pointer]
    assert detail in found[pointer]


def test_a_report_has_a_thousand_outcomes_at_most(checkout: httpx.Client) -> None:
    one = {"customer_id": str(uuid4()), "metric": "error"}
    assert list(faults(checkout.post(METRICS, json={"metrics": []}))) == ["/metrics"]
    assert list(faults(checkout.post(METRICS, json={"metrics": [one] * 1001}))) == ["/metrics"]
    body = checkout.post(METRICS, json={"metrics": [one] * 1000}).json()["data"]
    assert body == {"accepted": 1000, "repeated": 0}


def test_who_may_report_and_read(service: Any, admin: httpx.Client, key_with: Any) -> None:
    key = created(admin)["key"]
    body = {"metrics": [{"customer_id": str(uuid4()), "metric": "error"}]}

    def statuses(scope: str) -> tuple[int, int]:
        with httpx.Client(base_url=service.url, headers=key_with(scope)) as client:
            return client.post(METRICS, json=body).status_code, client.get(f"{FLAGS}/{key}/experiment").status_code

    assert statuses("telemetry:write") == (202, 403)
    assert statuses("reports:read") == (403, 200)
    assert statuses("quote:write") == (403, 403)
    assert admin.get(f"{FLAGS}/none/experiment").status_code == 404
