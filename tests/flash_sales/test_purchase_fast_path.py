"""Plain purchases are answered in front of the framework: as the framework's route answers them, for whatever is sent.

Source: docs/spec/flash-sales.md#purchase.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import read_document
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft
from quote_service.selling.flash_sales.routes.simple_purchases import read_simple_purchase
from quote_service.selling.flash_sales.tables import library
from tests.fixtures.service import Service
from tests.flash_sales.sales import SALES, OnSale, Sales, code_of
from tests.flash_sales.test_purchases import shopper

# The same type, written so that the fast path leaves the request to the route.
BY_THE_ROUTE = "application/json; charset=utf-8"
PLAIN = "application/json"
_NEVER_THE_SAME = ("x-request-id", "date", "location")
_OF_ITS_OWN = ("purchase_id", "reserved_at", "customer_id")


def send(sales: Sales, path: str, body: bytes, headers: dict[str, str], content_type: str) -> httpx.Response:
    return sales.checkout.post(path, content=body, headers={"Content-Type": content_type, **headers})


def shown(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What must be the same both ways."""
    headers = {name: value for name, value in answer.headers.items() if name not in _NEVER_THE_SAME}
    document = answer.json()
    for name in _OF_ITS_OWN:
        if isinstance(document.get("data"), dict):
            document["data"].pop(name)
    return answer.status_code, headers, document


def with_order(**fields: Any) -> Callable[[OnSale], bytes]:
    return lambda on: json.dumps(on.order(**fields)).encode()


def without_customer(on: OnSale) -> bytes:
    return json.dumps({name: value for name, value in on.order().items() if name != "customer_id"}).encode()


def with_name_twice(on: OnSale) -> bytes:
    return with_order()(on)[:-1] + b', "quantity": 2}'


BODIES: dict[str, Callable[[OnSale], bytes]] = {
    "good": with_order(),
    "two units": with_order(quantity=2),
    "over the limit": with_order(quantity=3),
    "another price": with_order(expected_price=19.5),
    "a price too fine": with_order(expected_price=19.999),
    "a price in words": with_order(expected_price="19.99"),
    "a price past all bounds": with_order(expected_price=10**13),
    "another product": with_order(product_id=str(uuid4())),
    "no units": with_order(quantity=0),
    "half a unit": with_order(quantity=1.5),
    "a unit with a point": with_order(quantity=1.0),
    "a field too much": with_order(colour="red"),
    "no customer": without_customer,
    "an id that is none": with_order(customer_id="x"),
    "a name twice": with_name_twice,
    "an escaped name": lambda on: with_order()(on).replace(b'"quantity"', b'"\\u0071uantity"'),
    "no object": lambda on: b"[]",
    "no JSON": lambda on: b"{",
    "nothing": lambda on: b"",
}


@pytest.fixture(scope="module")
def on(sales: Sales) -> OnSale:
    return sales.on_sale(allocated_stock=100_000, per_customer_limit=2)


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_answered_alike(sales: Sales, on: OnSale, name: str) -> None:
    path = f"{SALES}/{on.id}/purchases"
    plain, routed = (
        shown(send(sales, path, BODIES[name](on), {"Idempotency-Key": uuid4().hex}, content_type))
        for content_type in (PLAIN, BY_THE_ROUTE)
    )
    assert plain == routed


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Idempotency-Key": ""},
        {"Idempotency-Key": '"quoted"'},
        {"Idempotency-Key": "x" * 256},
        {"Idempotency-Key": "two words"},
        {"Idempotency-Key": "compressed", "Content-Encoding": "gzip"},
        {"Idempotency-Key": "nobody", "X-API-Key": "qk_live_no_key"},
        {"Idempotency-Key": "two", "Authorization": "Bearer x"},
        {"Idempotency-Key": "patient", "Prefer": "respond-async, wait=10"},
    ],
    ids=str,
)
def test_headers_are_answered_alike(sales: Sales, on: OnSale, headers: dict[str, str]) -> None:
    path = f"{SALES}/{on.id}/purchases"
    plain, routed = (
        shown(send(sales, path, with_order()(on), headers, content_type)) for content_type in (PLAIN, BY_THE_ROUTE)
    )
    assert plain == routed


@pytest.mark.parametrize("for_whom", ["nobody", "own", "other"])
def test_whom_a_shopper_buys_for_is_answered_alike(sales: Sales, service: Service, on: OnSale, for_whom: str) -> None:
    with shopper(sales, service) as buyer:
        own = buyer.get("/api/v1/auth/me").json()["data"]["id"]
        order = on.order(customer_id={"nobody": None, "own": own, "other": str(uuid4())}[for_whom])
        plain, routed = (
            buyer.post(
                f"{SALES}/{on.id}/purchases",
                content=json.dumps(order).encode(),
                headers={"Idempotency-Key": uuid4().hex, "Content-Type": content_type},
            )
            for content_type in (PLAIN, BY_THE_ROUTE)
        )
    assert shown(plain) == shown(routed)
    assert plain.status_code == (403 if for_whom == "other" else 202)


def test_a_sale_that_there_is_not_is_answered_alike(sales: Sales, on: OnSale) -> None:
    path = f"{SALES}/{uuid4()}/purchases"
    plain, routed = (
        shown(send(sales, path, with_order()(on), {"Idempotency-Key": "x"}, content_type))
        for content_type in (PLAIN, BY_THE_ROUTE)
    )
    assert plain == routed
    assert plain[0] == 404


@pytest.mark.parametrize("ways", [(PLAIN, BY_THE_ROUTE), (BY_THE_ROUTE, PLAIN), (PLAIN, PLAIN)], ids=str)
def test_a_repeat_by_the_other_way_is_the_same_purchase(sales: Sales, on: OnSale, ways: tuple[str, str]) -> None:
    path, body, headers = f"{SALES}/{on.id}/purchases", with_order()(on), {"Idempotency-Key": uuid4().hex}
    first, second = (send(sales, path, body, headers, content_type) for content_type in ways)
    assert first.json()["data"]["purchase_id"] == second.json()["data"]["purchase_id"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Location"] == second.headers["Location"]
    other = send(sales, path, body.replace(b'"quantity": 1', b'"quantity": 2'), headers, ways[0])
    assert code_of(other) == "idempotency-key-reused"


def test_the_last_units_are_sold_once_and_then_refused(sales: Sales) -> None:
    few = sales.on_sale(allocated_stock=1)
    path = f"{SALES}/{few.id}/purchases"
    answers = [send(sales, path, with_order()(few), {"Idempotency-Key": uuid4().hex}, PLAIN) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 409]
    assert code_of(answers[1]) == "sold-out"


def test_the_limit_of_a_key_is_spent_once_for_each(sales: Sales, on: OnSale) -> None:
    made = {"name": "shop", "scopes": ["flash:purchase"], "rate_limit": {"requests_per_second": 1, "burst": 20}}
    key = sales.admin.post("/api/v1/api-keys", json=made).json()["data"]["key"]
    path = f"{SALES}/{on.id}/purchases"

    def buy() -> httpx.Response:
        return send(sales, path, with_order()(on), {"Idempotency-Key": uuid4().hex, "X-API-Key": key}, PLAIN)

    deadline = time.monotonic() + 120
    while (first := buy()).status_code == 401:  # the key is known within a second
        assert time.monotonic() < deadline
    assert first.status_code == 202
    assert {buy().status_code for _ in range(19)} == {202}
    while (refused := buy()).status_code == 202:  # a slow machine may be given one more now and then
        assert time.monotonic() < deadline
    assert code_of(refused) == "rate-limited"
    assert refused.headers["RateLimit"].startswith('"requests";r=0')


def test_a_body_that_comes_in_pieces_is_read_whole(sales: Sales, on: OnSale) -> None:
    address = urlsplit(str(sales.checkout.base_url))
    body = with_order()(on)
    head = (
        f"POST {SALES}/{on.id}/purchases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"X-API-Key: {sales.checkout.headers['X-API-Key']}\r\nIdempotency-Key: {uuid4().hex}\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (head.encode(), body[:40], body[40:]):
            client.sendall(piece)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert UUID(json.loads(answer.partition(b"\r\n\r\n")[2])["data"]["purchase_id"])


_NAMES = st.sampled_from(["product_id", "quantity", "expected_price", "customer_id", "colour", "quantity "])
_VALUES = st.one_of(
    st.uuids().map(lambda one: f'"{one}"'),
    st.uuids().map(lambda one: f'"{one.hex}"'),
    st.integers(-2, 10**7).map(str),
    st.decimals(min_value=-10, max_value=10**14, places=3).map(str),
    st.sampled_from(
        ["1.0", "1e2", "-0", "01", "null", "true", '"19.99"', "[]", "{}", "0.10", "19.990000", "1.2345678"]
    ),
)
_GOOD = {
    "product_id": st.uuids().map(lambda one: f'"{one}"'),
    "quantity": st.integers(1, 1_000_001).map(str),
    "expected_price": st.decimals(min_value=0, max_value=10**13, places=2).map(str),
    "customer_id": st.one_of(st.just("null"), st.uuids().map(lambda one: f'"{one}"')),
}


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Orders that are right, but for what chance puts in the place of some of it."""
    names = draw(st.permutations(list(_GOOD)))
    members = [(name, draw(_GOOD[name])) for name in names]
    if draw(st.booleans()):
        members[draw(st.integers(0, 3))] = (draw(_NAMES), draw(_VALUES))
    if draw(st.booleans()):
        members.insert(draw(st.integers(0, len(members))), (draw(_NAMES), draw(_VALUES)))
    blank = draw(st.sampled_from(["", " ", "\n\t"]))
    text = f"{blank},".join(f'{blank}"{name}":{blank}{value}' for name, value in members)
    return f"{blank}{{{text}}}{blank}".encode() + draw(st.sampled_from([b"", b"x", b"\xff"]))


@given(bodies())
def test_what_reads_at_a_glance_reads_the_same_with_patience(body: bytes) -> None:
    glanced = read_simple_purchase(body)
    if glanced is not None:
        assert glanced == read_document(body, PurchaseDraft)
        assert str(glanced.expected_price) == str(read_document(body, PurchaseDraft).expected_price)


@given(st.uuids(), st.uuids(), st.integers(1, 999_999), st.decimals(min_value=0, max_value=10**12, places=2))
def test_an_order_as_shops_write_it_reads_at_a_glance(product: UUID, customer: UUID, units: int, price: Any) -> None:
    body = (
        f'{{"product_id":"{product}","customer_id":"{customer}","quantity":{units},"expected_price":{price}}}'.encode()
    )
    assert read_simple_purchase(body) == read_document(body, PurchaseDraft)
    assert read_simple_purchase(body[:-1]) is None
    with pytest.raises(QuoteServiceError):
        read_document(body[:-1], PurchaseDraft)


@pytest.mark.parametrize("content_type", [PLAIN, BY_THE_ROUTE])
def test_a_verdict_that_nobody_knows_is_an_error_that_is_seen(
    sales: Sales, service: Service, content_type: str
) -> None:
    on = sales.on_sale(allocated_stock=0)
    path = f"{SALES}/{on.id}/purchases"
    sent = (path, with_order()(on), {"Idempotency-Key": uuid4().hex}, content_type)
    with redis.Redis.from_url(service.redis_url) as client:
        load = partial(client.function_load, replace=True)
        load(library._AS_LIBRARY.replace("{ 'SOLD_OUT' }", "{ 'SOLD_AWAY' }"))
        try:
            answer = send(sales, *sent)
        finally:
            load(library._AS_LIBRARY)
    assert (answer.status_code, code_of(answer)) == (500, "internal-error")
    assert code_of(send(sales, *sent)) == "sold-out"
