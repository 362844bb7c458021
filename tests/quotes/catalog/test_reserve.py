"""Quotes that keep their stock over HTTP. Source: docs/spec/reservations.md#reserving."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.catalog.shop import pointers, problem
from tests.fixtures.service import Service
from tests.quotes.catalog.store import QUOTES, Store, a_line


@pytest.fixture
def shopper(service: Service, store: Store) -> Iterator[tuple[httpx.Client, str]]:
    """A shopper's client, and id."""
    email, password = f"{uuid4()}@example.com", "correct horse battery staple"
    made = store.made("/api/v1/users", {"email": email, "password": password, "role": "user"})
    session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30) as http:
        yield http, made["id"]


def stocked(store: Store, quantity: int) -> str:
    """A product with so many units; its id."""
    product = str(store.known()["id"])
    put = store.http.put(f"/api/v1/inventory/{product}", json={"quantity": quantity})
    assert put.status_code == 200, put.text
    return product


def stock(store: Store, product: str) -> tuple[int, int]:
    shown = store.shown(f"/api/v1/inventory/{product}")
    return shown["quantity"], shown["reserved"]


def quoted(store: Store, product: str, units: int = 1, **fields: Any) -> str:
    return str(store.quote(store.basket(a_line(product, quantity=units), **fields))["quote_id"])


def reserved(http: httpx.Client, quote_id: str, **request: Any) -> httpx.Response:
    return http.post(f"{QUOTES}/{quote_id}/reserve", **request)


def status(http: httpx.Client, quote_id: str) -> str:
    return str(http.get(f"{QUOTES}/{quote_id}/reserve").json()["data"]["status"])


def test_a_reserved_quote_is_accepted_though_nothing_is_left(store: Store) -> None:
    product = stocked(store, 3)
    mine, other = quoted(store, product, 3), quoted(store, product, 1)
    made = reserved(store.checkout, mine, json={"hold_seconds": 600})
    assert made.status_code == 200, made.text
    data = made.json()["data"]
    assert (data["quote_id"], data["status"], data["ended_at"]) == (mine, "held", None)
    assert stock(store, product) == (3, 3)
    refused = store.checkout.post(f"{QUOTES}/{other}/accept")
    assert problem(refused) == (409, "out-of-stock")
    (error,) = refused.json()["errors"]
    assert error == {
        "pointer": "/items/0",
        "detail": "1 requested, 0 available",
        "product_id": product,
        "variant_id": None,
        "requested": 1,
        "available": 0,
    }
    assert problem(reserved(store.checkout, other)) == (409, "out-of-stock")
    assert store.checkout.post(f"{QUOTES}/{mine}/accept").status_code == 200
    assert stock(store, product) == (0, 0)
    assert status(store.checkout, mine) == "taken"
    for answer in (reserved(store.checkout, mine), store.checkout.delete(f"{QUOTES}/{mine}/reserve")):
        assert problem(answer) == (409, "quote-accepted")


def test_a_release_gives_back_once(store: Store) -> None:
    product = stocked(store, 2)
    quote_id = quoted(store, product, 2)
    assert store.checkout.delete(f"{QUOTES}/{quote_id}/reserve").status_code == 404
    assert store.checkout.get(f"{QUOTES}/{quote_id}/reserve").status_code == 404
    reserved(store.checkout, quote_id)
    for _ in range(2):
        assert store.checkout.delete(f"{QUOTES}/{quote_id}/reserve").status_code == 204
        assert stock(store, product) == (2, 0)
        assert status(store.checkout, quote_id) == "released"
    assert reserved(store.checkout, quote_id).json()["data"]["status"] == "held"
    assert stock(store, product) == (2, 2)


def test_a_hold_that_is_over_is_given_back_by_the_background(store: Store) -> None:
    product = stocked(store, 2)
    quote_id = quoted(store, product, 2)
    reserved(store.checkout, quote_id, json={"hold_seconds": 1})
    until(lambda: stock(store, product) == (2, 0), "the hold is given back")
    assert status(store.checkout, quote_id) == "expired"
    assert store.checkout.post(f"{QUOTES}/{quote_id}/accept").status_code == 200


def test_reserving_twice_and_with_a_key(store: Store) -> None:
    product = stocked(store, 5)
    quote_id, key = quoted(store, product, 2), {"Idempotency-Key": uuid4().hex}
    first = reserved(store.checkout, quote_id, json={"hold_seconds": 60}, headers=key)
    again = reserved(store.checkout, quote_id, json={"hold_seconds": 60}, headers=key)
    assert (again.headers["idempotent-replayed"], again.content) == ("true", first.content)
    longer = reserved(store.checkout, quote_id, json={"hold_seconds": 600}).json()["data"]
    shorter = reserved(store.checkout, quote_id, json={"hold_seconds": 1}).json()["data"]
    assert longer == shorter
    assert longer["held_until"] > first.json()["data"]["held_until"]
    assert longer["reserved_at"] == first.json()["data"]["reserved_at"]
    assert stock(store, product) == (5, 2)


def test_what_is_sent_is_looked_at(store: Store) -> None:
    product = stocked(store, 5)
    quote = store.quote(store.basket(a_line(product, quantity=1)))
    quote_id = quote["quote_id"]
    for seconds in (0, 86_401, 1.5, "60", True):
        assert pointers(reserved(store.checkout, quote_id, json={"hold_seconds": seconds})) == ["/hold_seconds"]
    assert pointers(reserved(store.checkout, quote_id, json={"seconds": 1})) == ["/seconds"]
    assert pointers(reserved(store.checkout, quote_id, json={"customer_id": str(uuid4())})) == ["/customer_id"]
    assert problem(reserved(store.checkout, str(uuid4()))) == (404, "quote-unknown")
    data = store.checkout.get(f"{QUOTES}/{quote_id}").json()["data"]
    answer = reserved(store.checkout, quote_id, json={"data": data, "hold_seconds": 86_400})
    assert answer.status_code == 200, answer.text
    # No longer than the quote lasts.
    assert answer.json()["data"]["held_until"] <= quote["valid_until"]


def test_shoppers_reserve_their_own_and_only_so_much(store: Store, shopper: tuple[httpx.Client, str]) -> None:
    http, customer_id = shopper
    product = stocked(store, 100)
    theirs, own = quoted(store, product), quoted(store, product, 20, customer_id=customer_id)
    assert problem(reserved(http, theirs)) == (404, "quote-unknown")
    assert reserved(store.checkout, theirs).status_code == 200
    for answer in (http.get(f"{QUOTES}/{theirs}/reserve"), http.delete(f"{QUOTES}/{theirs}/reserve")):
        assert answer.status_code == 404
    assert stock(store, product) == (100, 1)
    assert reserved(http, own).status_code == 200
    assert status(http, own) == "held"
    more = reserved(http, quoted(store, product, 1, customer_id=customer_id))
    assert (problem(more), more.json()["limit"]) == ((409, "reservation-limit"), 20)
    assert http.delete(f"{QUOTES}/{own}/reserve").status_code == 204
    others = [quoted(store, stocked(store, 1), customer_id=customer_id) for _ in range(6)]
    answers = [reserved(http, quote_id) for quote_id in others]
    assert [answer.status_code for answer in answers] == [200] * 5 + [409]
    assert answers[-1].json()["limit"] == 5


def test_an_accepted_quote_of_somebody_else_does_not_exist(store: Store, shopper: tuple[httpx.Client, str]) -> None:
    quote_id = quoted(store, stocked(store, 1))
    assert store.checkout.post(f"{QUOTES}/{quote_id}/accept").status_code == 200
    assert problem(reserved(shopper[0], quote_id)) == (404, "quote-unknown")


def test_accept_and_release_at_once_leave_one_of_two_ends(store: Store) -> None:
    product = stocked(store, 40)
    quotes = [quoted(store, product, 2) for _ in range(10)]
    for quote_id in quotes:
        assert reserved(store.checkout, quote_id).status_code == 200

    def end(quote_id: str) -> tuple[int, int]:
        with ThreadPoolExecutor(2) as both:
            release = both.submit(store.checkout.delete, f"{QUOTES}/{quote_id}/reserve")
            accept = both.submit(store.checkout.post, f"{QUOTES}/{quote_id}/accept")
            return accept.result().status_code, release.result().status_code

    with ThreadPoolExecutor(5) as threads:
        ends = list(threads.map(end, quotes))
    # There is enough for all: a quote that was released first is accepted all the same.
    assert {accepted for accepted, _ in ends} == {200}
    assert {released for _, released in ends} <= {204, 409}
    assert stock(store, product) == (20, 0)


def test_the_last_units_go_to_as_many_as_they_are_enough_for(store: Store) -> None:
    product = stocked(store, 7)
    quotes = [quoted(store, product, 2) for _ in range(12)]

    def ask(place: int) -> int:
        path = "reserve" if place % 2 else "accept"
        return store.checkout.post(f"{QUOTES}/{quotes[place]}/{path}").status_code

    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(ask, range(12)))
    assert sorted(statuses) == [200] * 3 + [409] * 9
    held = sum(status == 200 for place, status in enumerate(statuses) if place % 2)
    assert stock(store, product) == (7 - 2 * (3 - held), 2 * held)


def test_a_seller_keeps_what_is_reserved(store: Store) -> None:
    product = stocked(store, 3)
    assert reserved(store.checkout, quoted(store, product, 2)).status_code == 200
    fewer = store.http.put(f"/api/v1/inventory/{product}", json={"quantity": 1})
    assert problem(fewer) == (409, "not-enough-stock")
    assert (fewer.json()["quantity"], fewer.json()["reserved"]) == (3, 2)
    assert store.http.put(f"/api/v1/inventory/{product}", json={"quantity": 2}).status_code == 200
    assert stock(store, product) == (2, 2)
