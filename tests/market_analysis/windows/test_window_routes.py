"""Windows over HTTP, of events as the service itself shows them. Source: docs/spec/market-analysis.md#in-the-api."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.catalog.shop import a_product
from tests.competitors.test_matching import a_competitor, a_push_source, made, pushed
from tests.conftest import PATIENCE_SECONDS

PATH = "/api/v1/market/windows"


def windows_of(client: httpx.Client, product: str, **filters: str) -> list[dict[str, Any]]:
    answer = client.get(PATH, params={"product_id": product, "limit": "200", **filters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def a_product_at(admin: httpx.Client, price: float) -> str:
    return str(made(admin, "/api/v1/products", a_product(prices=[{"currency": "EUR", "base_price": price}]))["id"])


def reported(admin: httpx.Client, product: str, *ages: timedelta) -> None:
    now = datetime.now(UTC)
    events = [{"type": "view", "product_id": product, "at": (now - age).isoformat()} for age in ages]
    answer = admin.post("/api/v1/telemetry/events", json={"events": events})
    assert (answer.status_code, answer.json()["data"]["accepted"]) == (202, len(ages)), answer.text


def total(windows: list[dict[str, Any]], part: str, name: str) -> int:
    return sum(window[part][name] for window in windows if window[part] is not None)


def test_what_happens_to_a_product_is_reported_within_seconds(admin: httpx.Client) -> None:
    product = a_product_at(admin, 20)
    source = a_push_source(admin, a_competitor(admin))
    seen = datetime.now(UTC) - timedelta(minutes=1)
    offer = {"external_id": "theirs", "price": "17.5", "observed_at": seen.isoformat(), "url": "https://m.example/1"}
    pushed(admin, source, offer)
    (listing,) = admin.get("/api/v1/listings", params={"source_id": source}).json()["data"]
    matched = admin.put(f"/api/v1/listings/{listing['id']}/match", json={"product_id": product, "units": 2})
    assert matched.status_code == 200, matched.text
    pushed(admin, source, {**offer, "price": "18", "observed_at": (seen + timedelta(seconds=30)).isoformat()})
    reported(admin, product, timedelta(), timedelta())

    def is_reported() -> bool:
        found = windows_of(admin, product)
        return (
            total(found, "prices", "moves") == 1
            and total(found, "competitors", "observations") == 1
            and total(found, "behaviour", "views") == 2
        )

    wait_until(is_reported, "windows of the product")
    found = windows_of(admin, product, currency="EUR")
    (moved,) = [window for window in found if window["prices"] is not None]
    assert moved["prices"] == {
        "moves": 1,
        "removed": 0,
        "first": 20,
        "last": 20,
        "low": 20,
        "high": 20,
        "is_open": True,
    }
    (rivals,) = [window["competitors"] for window in found if window["competitors"] is not None]
    assert rivals == {"observations": 1, "listings": 1, "low": 9, "high": 9, "doubted": 0, "is_open": True}
    for window in found:
        begin, end = (datetime.fromisoformat(window[name]) for name in ("from", "to"))
        assert end - begin == timedelta(minutes=5)
        assert begin.timestamp() % 300 == 0
        assert (window["currency"] is None) == (window["behaviour"] is not None)
    assert [window["from"] for window in found] == sorted((window["from"] for window in found), reverse=True)
    assert windows_of(admin, product, currency="TRY") == [w for w in found if w["currency"] is None]
    body = admin.get("/api/v1/market/stream").json()["data"]
    assert (body["engine"], body["window_seconds"], body["lateness_seconds"], body["spark"]) == (
        *("postgresql", 300, 900),
        None,
    )
    assert [subject["subject"] for subject in body["subjects"]] == ["prices", "competitors", "behaviour", "decisions"]


def test_what_comes_too_late_is_reported_as_such_and_in_no_window(admin: httpx.Client) -> None:
    product = a_product_at(admin, 5)
    reported(admin, product, timedelta())
    wait_until(lambda: total(windows_of(admin, product), "behaviour", "views") == 1, "the watermark is near now")
    late = progress(admin)["late"]
    reported(admin, product, timedelta(hours=2), timedelta(hours=3))
    wait_until(lambda: progress(admin)["late"] >= late + 2, "both are late")
    assert total(windows_of(admin, product), "behaviour", "views") == 1


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:.0f} s: {what}"
        time.sleep(0.05)


def progress(admin: httpx.Client) -> dict[str, Any]:
    subjects = admin.get("/api/v1/market/stream").json()["data"]["subjects"]
    (found,) = [subject for subject in subjects if subject["subject"] == "behaviour"]
    newest, watermark = (datetime.fromisoformat(found[name]) for name in ("newest_at", "watermark"))
    assert newest - watermark == timedelta(minutes=15)
    return dict(found)


def test_pages_follow_each_other(admin: httpx.Client) -> None:
    product = a_product_at(admin, 7)
    reported(admin, product, timedelta(), timedelta(minutes=5), timedelta(minutes=10))
    wait_until(lambda: len(windows_of(admin, product)) >= 4, "windows of three times, and of the price")
    whole, pages = windows_of(admin, product), []
    cursor: dict[str, str] = {}
    while True:
        answer = admin.get(PATH, params={"product_id": product, "limit": "1", **cursor}).json()
        pages += answer["data"]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert pages == whole
    first = whole[-1]["from"]
    assert windows_of(admin, product, to=first) == []
    assert windows_of(admin, product, **{"from": first}) == whole
    assert [w["from"] for w in windows_of(admin, product, **{"from": first, "to": whole[0]["from"]})] == [
        window["from"] for window in whole if window["from"] < whole[0]["from"]
    ]


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        ({"currency": "XXL"}, "/query/currency"),
        ({"product_id": "SHOE-42"}, "/query/product_id"),
        ({"from": "yesterday"}, "/query/from"),
        ({"from": "2026-01-02T00:00:00"}, "/query/from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, "/query/to"),
        ({"from": "9999-12-31T00:00:00Z"}, "/query/from"),
        ({"limit": "0"}, "/query/limit"),
        ({"cursor": "e30"}, "/query/cursor"),
        ({"width": "60"}, "/query/width"),
    ],
)
def test_what_is_refused(admin: httpx.Client, filters: dict[str, str], pointer: str) -> None:
    refused = admin.get(PATH, params=filters)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text


def test_instants_at_either_end_of_time_are_answered(admin: httpx.Client) -> None:
    for filters in (
        {"from": "0001-01-01T00:00:00Z"},
        {"to": "0001-01-02T00:00:00Z", "from": "0001-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59Z"},
        {"from": "0001-01-01T00:00:00+14:00", "to": "9999-12-31T23:59:59-12:00"},
        {"product_id": str(uuid4())},
        {"product_id": str(UUID(int=0))},
    ):
        answer = admin.get(PATH, params=filters)
        assert answer.status_code in (200, 422), answer.text


def test_who_may_report_does_not_see_it(anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]) -> None:
    reporter, reader = key_with("telemetry:write"), key_with("reports:read")
    for path in (PATH, "/api/v1/market/stream"):
        assert anonymous.get(path).status_code == 401
        assert anonymous.get(path, headers=reporter).status_code == 403
        assert anonymous.get(path, headers=reader).status_code == 200
