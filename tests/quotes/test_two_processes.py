"""One quote, whichever process is asked: read again, found again, and priced by what was changed through the other.

Source: spec 2, Rules for the clock and the caches; After the quote.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.fixtures.serve import QUOTE, Served, a_basket, served

PATIENCE_SECONDS = 15.0
OLD_QUOTE = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def pair(server_folder: Path, database_url: str, redis_url: str) -> Iterator[tuple[Served, Served]]:
    """Two services on one database and one Redis."""
    with served(server_folder, database_url, redis_url) as one, served(server_folder, database_url, redis_url) as other:
        yield one, other


def ask(service: Served, basket: dict[str, Any], key: str, **headers: str) -> dict[str, Any]:
    answer = httpx.post(f"{service.url}{QUOTE}", json=basket, headers={"X-API-Key": key, **headers}, timeout=30)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_a_quote_is_read_from_another_process_as_it_was_issued(pair: tuple[Served, Served]) -> None:
    one, _ = pair
    key = {"X-API-Key": one.api_key}
    issued = httpx.post(f"{one.url}{QUOTE}", json=a_basket(), headers=key, timeout=30).content
    data = issued[issued.index(b'"data":') + 7 : issued.rindex(b',"processing_time_ms"')]
    quote_id = data[13:49].decode()
    for service in pair:
        read = httpx.get(f"{service.url}/api/v1/quotes/{quote_id}", headers=key, timeout=30)
        assert read.status_code == 200, read.text
        assert data in read.content


def test_the_same_basket_is_the_same_quote_in_both(pair: tuple[Served, Served]) -> None:
    one, other = pair
    basket = a_basket()
    first, again, elsewhere = (ask(service, basket, one.api_key) for service in (one, one, other))
    assert [quote["cache"] for quote in (first, again, elsewhere)] == ["miss", "local", "redis"]
    assert first["quote_id"] == again["quote_id"] == elsewhere["quote_id"]
    assert first["valid_until"] == again["valid_until"] == elsewhere["valid_until"]
    assert first["signature"] == again["signature"] == elsewhere["signature"]


def test_no_cache_asks_for_a_new_quote(pair: tuple[Served, Served]) -> None:
    one, _ = pair
    basket = a_basket()
    first = ask(one, basket, one.api_key)
    anew = ask(one, basket, one.api_key, **{"Cache-Control": "no-cache"})
    assert anew["cache"] == "miss"
    assert anew["quote_id"] != first["quote_id"]
    assert ask(one, basket, one.api_key)["quote_id"] == first["quote_id"]


def test_who_asked_changes_nothing_but_what_is_echoed(pair: tuple[Served, Served]) -> None:
    one, _ = pair
    basket = a_basket()
    first = ask(one, {**basket, "external_ref": "order-1"}, one.api_key)
    other = ask(one, {**basket, "external_ref": "order-2", "context": {"user_agent": "x"}}, one.api_key)
    assert other["quote_id"] == first["quote_id"]
    assert (first["external_ref"], other["external_ref"]) == ("order-1", "order-2")
    assert ask(one, {**basket, "customer_tier": "gold"}, one.api_key)["quote_id"] != first["quote_id"]


def test_a_change_is_seen_in_both_and_issued_quotes_stay(pair: tuple[Served, Served]) -> None:
    one, other = pair
    basket = {**a_basket(), "currency": "NOK"}
    before = ask(one, basket, one.api_key)
    rule = {"name": f"nok {uuid4()}", "type": "TAX", "configuration": {"rate": 10}, "currency": "NOK"}
    with one.admin() as admin:
        assert admin.post("/api/v1/pricing-rules", json=rule).status_code == 201
    deadline = time.monotonic() + PATIENCE_SECONDS
    for service in (one, other):
        while ask(service, basket, one.api_key)["tax_amount"] == 0 and time.monotonic() < deadline:
            time.sleep(0.02)  # nothing tells when a process has heard of it
        assert ask(service, basket, one.api_key)["tax_amount"] > 0
        read = httpx.get(
            f"{service.url}/api/v1/quotes/{before['quote_id']}", headers={"X-API-Key": one.api_key}, timeout=30
        )
        assert read.json()["data"]["tax_amount"] == 0


def test_unknown_and_expired_quotes_are_told_apart(pair: tuple[Served, Served]) -> None:
    one, _ = pair
    key = {"X-API-Key": one.api_key}
    fresh = UUID(ask(one, a_basket(), one.api_key)["quote_id"])
    never = UUID(int=fresh.int ^ 1)
    for quote_id, code in ((never, "quote-unknown"), (OLD_QUOTE, "quote-expired"), (uuid4(), "quote-unknown")):
        read = httpx.get(f"{one.url}/api/v1/quotes/{quote_id}", headers=key, timeout=30)
        assert (read.status_code, read.json()["type"]) == (404, f"/problems/{code}")
