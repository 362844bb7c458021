"""Many baskets in one call. Source: docs/spec/quotes.md#batches; docs/spec/quotes.md#limits."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.service import Service
from tests.quotes.lifecycle.conftest import StartWorker, shop_at
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, code_of, pointers, until

BATCH = f"{QUOTES}/batch"
JSON = {"Content-Type": "application/json"}


def batch(client: httpx.Client, baskets: list[Any], **headers: str) -> list[dict[str, Any]]:
    answer = client.post(BATCH, json={"baskets": baskets}, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def test_each_basket_is_answered_or_refused_on_its_own(shop: Shop) -> None:
    wrong = shop.basket(currency="XXX")
    first, last = shop.basket(external_ref="first"), shop.basket(external_ref="last")
    entries = batch(shop.checkout, [first, wrong, {}, 7, last])
    assert [entry["status"] for entry in entries] == [200, 422, 422, 422, 200]
    assert [entries[place]["data"]["external_ref"] for place in (0, 4)] == ["first", "last"]
    problem = entries[1]["problem"]
    assert problem["type"] == "/problems/validation-error"
    assert [error["pointer"] for error in problem["errors"]] == ["/currency"]


def test_a_quote_of_a_batch_is_a_quote(shop: Shop) -> None:
    request = shop.basket(unheard_of="ignored, as by the single quote")
    (entry,) = batch(shop.checkout, [request])
    single = shop.checkout.post(QUOTE, json=request).json()["data"]
    assert single == {**entry["data"], "cache": "local"}
    assert shop.checkout.post(f"{QUOTES}/verify", json=entry["data"]).json()["data"]["valid"]
    assert shop.accept(entry["data"]["quote_id"]).status_code == 200
    (repeated,) = batch(shop.checkout, [request], **{"Cache-Control": "no-cache"})
    assert repeated["data"]["quote_id"] != single["quote_id"]


def test_the_same_basket_twice_is_one_quote(shop: Shop) -> None:
    request = shop.basket()
    entries = batch(shop.checkout, [request] * 20)
    assert len({entry["data"]["quote_id"] for entry in entries}) == 1


def test_one_to_a_hundred(shop: Shop) -> None:
    assert len(batch(shop.checkout, [shop.basket() for _ in range(100)])) == 100
    for body, pointer in (
        ({"baskets": []}, "/baskets"),
        ({"baskets": [shop.basket()] * 101}, "/baskets"),
        ({"baskets": {}}, "/baskets"),
        ({}, "/baskets"),
        ({"baskets": [shop.basket()], "more": 1}, "/more"),
        ([], ""),
    ):
        assert pointers(shop.checkout.post(BATCH, json=body)) == [pointer]
    twice = f'{{"baskets":[],"baskets":[{json.dumps(shop.basket())}]}}'
    assert pointers(shop.checkout.post(BATCH, content=twice, headers=JSON)) == ["/baskets"]
    for broken in (b"", b"{", b'{"baskets":[' + b"[" * 100_000, b'{"baskets":[\xff]}', b'{"baskets":[1,]}'):
        assert shop.checkout.post(BATCH, content=broken, headers=JSON).status_code == 400, broken[:40]


def test_the_whole_body_has_a_limit(shop: Shop) -> None:
    answer = shop.checkout.post(BATCH, json={"baskets": [shop.basket(note="x" * 2**20)]})
    assert (answer.status_code, code_of(answer)) == (413, "body-too-large")


def test_each_basket_counts_against_the_rate_limit(shop: Shop, service: Service) -> None:
    limit = {"requests_per_second": 1, "burst": 5}
    made = shop.admin.post("/api/v1/api-keys", json={"name": "b", "scopes": ["quote:write"], "rate_limit": limit})
    with httpx.Client(base_url=service.url, headers={"X-API-Key": made.json()["data"]["key"]}, timeout=30) as client:
        until(lambda: client.get(f"{QUOTES}/{uuid4()}").status_code == 404, "the key is known")
        statuses = [entry["status"] for entry in batch(client, [shop.basket() for _ in range(30)])]
        assert 4 <= statuses.count(200) <= 12
        assert set(statuses) == {200, 429}
        assert statuses == sorted(statuses)
        refused = client.post(BATCH, json={"baskets": [shop.basket()]})
        assert (refused.status_code, code_of(refused)) == (429, "rate-limited")
        assert int(refused.headers["retry-after"]) >= 1


def test_what_the_time_is_over_for_is_refused(start_worker: StartWorker) -> None:
    shop = shop_at(start_worker(timeout_ms=10))
    dear = shop.basket()
    dear["items"] = [{**dear["items"][0], "tags": [str(place)]} for place in range(100)]
    baskets = [{**dear, "external_ref": str(place), "customer_tier": str(place)} for place in range(40)]
    statuses: list[int] = []
    deadline = time.monotonic() + 120
    while 504 not in statuses and time.monotonic() < deadline:
        statuses = [entry["status"] for entry in batch(shop.checkout, baskets, **{"Cache-Control": "no-cache"})]
    assert set(statuses) <= {200, 504}
    assert 504 in statuses
    # Nothing of it is left behind: every permit is free again.
    worker_is_free = shop.checkout.post(QUOTE, json=shop.basket())
    assert worker_is_free.status_code == 200


@pytest.mark.parametrize("permits", [1, 2])
def test_a_batch_does_not_starve_single_quotes(start_worker: StartWorker, permits: int) -> None:
    """Single quotes that come while batches run are answered before those batches have ended."""
    shop = shop_at(start_worker(max_concurrency=permits))
    large = shop.basket()
    large["items"] = [{**large["items"][0], "tags": [str(place)]} for place in range(40)]
    baskets = [{**large, "customer_tier": str(place)} for place in range(100)]
    done = threading.Event()

    def run() -> None:
        with httpx.Client(base_url=shop.checkout.base_url, headers=shop.checkout.headers, timeout=30) as client:
            for _ in range(3):
                batch(client, baskets, **{"Cache-Control": "no-cache"})
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    during = 0
    while not done.is_set():
        assert shop.checkout.post(QUOTE, json=shop.basket()).status_code == 200
        during += not done.is_set()
    thread.join()
    assert during > 3
