"""Behaviour over HTTP, through the bus and back; source: docs/spec/behaviour.md."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import a_product
from tests.fixtures.service import PATIENCE_SECONDS

EVENTS = "/api/v1/telemetry/events"
NOTHING = {"views": 0, "searches": 0, "carts": 0, "cart_units": 0, "purchases": 0, "purchase_units": 0}


@pytest.fixture
def product(admin: httpx.Client) -> str:
    made = admin.post("/api/v1/products", json=a_product())
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["id"])


def report(client: httpx.Client, events: list[Any], **headers: str) -> dict[str, Any]:
    answer = client.post(EVENTS, json={"events": events}, headers=headers)
    assert answer.status_code == 202, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def totals_of(admin: httpx.Client, product: str, until: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    """A product's sums, as soon as they are as they should be."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        shown = admin.get(f"/api/v1/behaviour/products/{product}")
        assert shown.status_code == 200, shown.text
        totals: dict[str, int] = shown.json()["data"]["totals"]
        if until(totals) or time.monotonic() > deadline:
            return totals
        time.sleep(0.05)


def test_what_is_reported_is_summed_up_by_product_and_hour(admin: httpx.Client, product: str) -> None:
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    before = hour - timedelta(hours=2)
    events: list[dict[str, Any]] = [
        {"type": "view", "product_id": product},
        {"type": "view", "product_id": product, "at": now.isoformat()},
        {"type": "view", "product_id": product, "at": before.isoformat()},
        {"type": "search", "product_id": product, "at": (before + timedelta(minutes=59)).isoformat()},
        {"type": "cart", "product_id": product, "quantity": 3},
        {"type": "purchase", "product_id": product, "quantity": 2},
        {"type": "purchase", "product_id": product},
    ]
    assert report(admin, events) == {"accepted": 7, "refused": []}
    wanted = {"views": 3, "searches": 1, "carts": 1, "cart_units": 3, "purchases": 2, "purchase_units": 3}
    assert totals_of(admin, product, lambda totals: totals == wanted) == wanted
    points = admin.get(f"/api/v1/behaviour/products/{product}").json()["data"]["points"]
    assert {k: v for k, v in points[0].items() if v} == {"at": _text(before), "views": 1, "searches": 1}
    # The hour may have ended between the events and their arrival.
    assert sum(point["views"] for point in points[1:]) == 2
    days = admin.get(f"/api/v1/behaviour/products/{product}", params={"granularity": "day"}).json()["data"]
    assert days["totals"] == wanted
    ranked = admin.get("/api/v1/behaviour/products", params={"by": "searches", "limit": 200}).json()["data"]
    assert {"product_id": product, **wanted} in ranked


def test_each_event_is_refused_by_itself_with_every_fault(admin: httpx.Client, product: str) -> None:
    old = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    answer = report(
        admin,
        [
            {"type": "view", "product_id": product},
            {"type": "look", "product_id": product},
            {"type": "view", "product_id": str(uuid4()), "quantity": 2, "at": old},
            {"type": "view", "product_id": product, "session_id": "s-1", "customer_id": str(uuid4())},
            {"type": "cart", "product_id": product, "quantity": 0},
            7,
            {"type": "cart", "product_id": product, "at": "2026-03-01T10:00:00"},
        ],
    )
    assert answer["accepted"] == 1
    refused = {row["position"]: {error["pointer"] for error in row["errors"]} for row in answer["refused"]}
    assert refused == {
        1: {"/events/1/type"},
        2: {"/events/2/product_id", "/events/2/quantity", "/events/2/at"},
        3: {"/events/3/session_id", "/events/3/customer_id"},
        4: {"/events/4/quantity"},
        5: {"/events/5"},
        6: {"/events/6/at"},
    }


def test_a_repeated_request_counts_once(admin: httpx.Client, product: str) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    for _ in range(3):
        assert report(admin, [{"type": "view", "product_id": product}], **headers)["accepted"] == 1
    # What comes behind it on the bus is counted behind it.
    report(admin, [{"type": "cart", "product_id": product}])
    totals = totals_of(admin, product, lambda totals: totals["carts"] > 0)
    assert totals == {**NOTHING, "views": 1, "carts": 1, "cart_units": 1}


def test_shoppers_report_a_little_and_no_purchases(
    anonymous: httpx.Client, admin: httpx.Client, shopper: dict[str, str], product: str
) -> None:
    events = [{"type": "view", "product_id": product}, {"type": "purchase", "product_id": product}]
    answer = report(anonymous, events, **shopper)
    assert answer["accepted"] == 1
    assert answer["refused"][0]["errors"][0]["pointer"] == "/events/1/type"
    many = anonymous.post(EVENTS, json={"events": events[:1] * 101}, headers=shopper)
    assert many.status_code == 422
    assert many.json()["errors"] == [{"pointer": "/events", "detail": "must have from 1 to 100 entries"}]
    assert anonymous.get(f"/api/v1/behaviour/products/{product}", headers=shopper).status_code == 403
    assert totals_of(admin, product, lambda totals: totals["views"] > 0)["views"] == 1


def test_a_key_reports_a_thousand_and_no_more(
    anonymous: httpx.Client, admin: httpx.Client, key_with: Callable[..., dict[str, str]], product: str
) -> None:
    key = key_with("telemetry:write")
    event = {"type": "purchase", "product_id": product, "quantity": 10_000}
    assert report(anonymous, [event] * 1000, **key)["accepted"] == 1000
    assert anonymous.post(EVENTS, json={"events": [event] * 1001}, headers=key).status_code == 422
    assert anonymous.post(EVENTS, json={"events": []}, headers=key).status_code == 422
    wanted = {**NOTHING, "purchases": 1000, "purchase_units": 10_000_000}
    assert totals_of(admin, product, lambda totals: totals == wanted) == wanted


def test_periods_that_are_none_are_refused(admin: httpx.Client, product: str) -> None:
    path = f"/api/v1/behaviour/products/{product}"
    for query, name in (
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}, "to"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-03-10T00:00:00Z"}, "from"),
        ({"granularity": "week"}, "granularity"),
    ):
        answer = admin.get(path, params=query)
        assert answer.status_code == 422, answer.text
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"/query/{name}"]
    assert admin.get(f"/api/v1/behaviour/products/{uuid4()}").status_code == 404


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def test_text_that_cannot_be_kept_spoils_no_other_event(admin: httpx.Client, product: str) -> None:
    events = [{"type": "view", "product_id": product}, {"type": "view", "product_id": "\0"}, "\0"]
    reported = report(admin, events)
    assert (reported["accepted"], [row["position"] for row in reported["refused"]]) == (1, [1, 2])


def test_a_report_of_which_nothing_is_taken_is_no_success(admin: httpx.Client, product: str) -> None:
    events = [
        {"type": "view", "product_id": "not a UUID"},
        {"type": "bought", "product_id": product},
        {"type": "view", "product_id": str(uuid4()), "quantity": 2},
    ]
    answer = admin.post("/api/v1/telemetry/events", json={"events": events})
    assert answer.status_code == 422, answer.text
    faults = {each["pointer"]: each["detail"] for each in answer.json()["errors"]}
    assert list(faults) == [
        "/events/0/product_id",
        "/events/1/type",
        "/events/2/product_id",
        "/events/2/quantity",
    ]
    assert faults["/events/0/product_id"] == "must be a UUID"
    assert report(admin, [*events, {"type": "view", "product_id": product}])["accepted"] == 1
