"""One quote, whichever process is asked: read again, found again, and priced by what was changed through the other.

Source: docs/spec/quotes.md#caching.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.platform.system.identifiers import uuid7, uuid7_bits
from tests.fixtures.serve import QUOTE, Served, a_basket, served, until
from tests.flash_sales.sales import Sales
from tests.quotes.fast_path.wire import Connection, request

PATIENCE_SECONDS = 120.0
REDIS_TIMEOUT_MS = 60_000
OLD_QUOTE = "0190a000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def pair(server_folder: Path, database_url: str, redis_url: str) -> Iterator[tuple[Served, Served]]:
    """Two services on one database and one Redis, which they wait for however slow this machine is.

    A quote that Redis does not keep in time is its process's own: then each has one, as it should.
    """
    with (
        served(server_folder, database_url, redis_url, redis_timeout_ms=REDIS_TIMEOUT_MS) as one,
        served(server_folder, database_url, redis_url, redis_timeout_ms=REDIS_TIMEOUT_MS) as other,
    ):
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
    repeated = ask(one, basket, one.api_key, **{"Cache-Control": "no-cache"})
    assert repeated["cache"] == "miss"
    assert repeated["quote_id"] != first["quote_id"]
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
            time.sleep(0.02)  # nothing says when a process has heard of it
        assert ask(service, basket, one.api_key)["tax_amount"] > 0
        read = httpx.get(
            f"{service.url}/api/v1/quotes/{before['quote_id']}", headers={"X-API-Key": one.api_key}, timeout=30
        )
        assert read.json()["data"]["tax_amount"] == 0


def test_both_see_what_is_on_sale(pair: tuple[Served, Served]) -> None:
    """Begun, at another price, and over: each hears of it by itself, and both have one quote of it."""
    one, other = pair
    with one.admin() as admin, one.checkout() as checkout:
        sales = Sales(admin, checkout)
        on = sales.on_sale()
        basket, fresh = ({**a_basket(), "items": [line_of(on.product_id)]} for _ in range(2))

        def prices() -> list[tuple[float, str]]:
            lines = [ask(service, basket, one.api_key)["items"][0] for service in pair]
            return [(line["unit_price"], line["price_source"]) for line in lines]

        until(lambda: prices() == [(19.99, "flash_sale")] * 2, "both show the sale's price")
        quotes = [ask(service, fresh, one.api_key) for service in (one, other, other)]
        assert [quote["cache"] for quote in quotes] == ["miss", "redis", "local"]
        assert len({quote["signature"] for quote in quotes}) == 1
        sales.rewrite(on, sale_price=18)
        until(lambda: prices() == [(18, "flash_sale")] * 2, "both show the new price")
        again = [ask(service, fresh, one.api_key) for service in (one, other)]
        assert again[0]["quote_id"] == again[1]["quote_id"] != quotes[0]["quote_id"]
        assert sales.step(on.id, "end").status_code == 200
        until(lambda: prices() == [(25.5, "request")] * 2, "the sale is over in both")


def line_of(product_id: str) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": 2, "unit_price": 25.5}


def test_unknown_and_expired_quotes_are_distinguished(pair: tuple[Served, Served]) -> None:
    one, _ = pair
    key = {"X-API-Key": one.api_key}
    fresh = UUID(ask(one, a_basket(), one.api_key)["quote_id"])
    never = UUID(int=fresh.int ^ 1)
    for quote_id, code in ((never, "quote-unknown"), (OLD_QUOTE, "quote-expired"), (uuid4(), "quote-unknown")):
        read = httpx.get(f"{one.url}/api/v1/quotes/{quote_id}", headers=key, timeout=30)
        assert (read.status_code, read.json()["type"]) == (404, f"/problems/{code}")


def test_each_gets_his_own_reference_back_from_what_another_process_issued(pair: tuple[Served, Served]) -> None:
    one, other = pair
    basket = a_basket(external_ref="sipariş 🧺")
    first = ask(one, basket, one.api_key)
    found = ask(other, {**basket, "external_ref": "yours"}, one.api_key)
    assert (found["quote_id"], found["external_ref"], found["cache"]) == (first["quote_id"], "yours", "redis")
    assert {**ask(other, basket, one.api_key), "cache": "miss"} == first
    assert read(other, first["quote_id"], one.api_key).json()["data"] == first, "as it was issued"


def test_a_new_quote_on_demand_replaces_none_in_any_process(pair: tuple[Served, Served]) -> None:
    one, other = pair
    basket = a_basket()
    first = ask(one, basket, one.api_key)
    fresh = ask(other, basket, one.api_key, **{"Cache-Control": "no-cache"})
    assert fresh["quote_id"] != first["quote_id"]
    assert ask(other, basket, one.api_key)["quote_id"] == first["quote_id"]
    assert read(one, fresh["quote_id"], one.api_key).json()["data"] == fresh


def test_identical_requests_at_once_are_one_quote(pair: tuple[Served, Served]) -> None:
    """100 connections, half to each process, all sent before any is read."""
    body = json.dumps(a_basket()).encode()
    priced = [_priced(service) for service in pair]
    headers = {"X-API-Key": pair[0].api_key, "Content-Type": "application/json"}
    connections = [Connection(pair[number % 2].port) for number in range(100)]
    for connection in connections:
        connection.send(request(body, headers=headers))
    quotes = [json.loads(connection.answer().body)["data"] for connection in connections]
    for connection in connections:
        connection.socket.close()
    assert len({quote["quote_id"] for quote in quotes}) == 1
    assert len({quote["signature"] for quote in quotes}) == 1
    tiers = [quote["cache"] for quote in quotes]
    assert (tiers.count("miss"), tiers.count("redis")) == (1, 1), "who came second found the quote of the first"
    assert [_priced(service) for service in pair] == [before + 1 for before in priced], "each priced it once"


def test_an_id_with_another_time_is_not_the_quotes(pair: tuple[Served, Served]) -> None:
    one, other = pair
    issued = UUID(ask(one, a_basket(), one.api_key)["quote_id"])
    for service in (one, other):
        assert read(service, str(uuid7((issued.int >> 80) - 1, uuid7_bits(issued))), one.api_key).status_code == 404
        assert read(service, str(issued).upper(), one.api_key).status_code == 200
        assert read(service, "nonsense", one.api_key).status_code == 404


def test_a_quote_ends(server_folder: Path, database_url: str, redis_url: str) -> None:
    """With a life of 2 s: then it is gone for readers, and its basket gets a new one."""
    with served(server_folder, database_url, redis_url, ttl_seconds=2) as short:
        basket = a_basket()
        first = ask(short, basket, short.api_key)
        assert read(short, first["quote_id"], short.api_key).status_code == 200
        until(lambda: read(short, first["quote_id"], short.api_key).status_code == 404, "it has ended")
        assert read(short, first["quote_id"], short.api_key).json()["type"] == "/problems/quote-expired"
        again = ask(short, basket, short.api_key)
        assert again["quote_id"] != first["quote_id"]
        assert again["cache"] == "miss"


def read(service: Served, quote_id: str, key: str) -> httpx.Response:
    return httpx.get(f"{service.url}/api/v1/quotes/{quote_id}", headers={"X-API-Key": key}, timeout=30)


def _priced(service: Served) -> float:
    found = re.search(
        r"^quote_priced_total (\S+)$", httpx.get(f"{service.figures_url}/metrics", timeout=5).text, re.MULTILINE
    )
    assert found is not None
    return float(found.group(1))
