"""What a checkout may send wrong: the right status, the right pointer, and the service still quotes.

Source: docs/spec/quotes.md#request; docs/spec/wire.md#errors.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

QUOTE = "/api/v1/quote"


def a_basket() -> dict[str, Any]:
    return {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": str(uuid4()), "quantity": 2, "unit_price": 25.50}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }


def body(**changed: Any) -> bytes:
    return json.dumps({**a_basket(), **changed}).encode()


def with_item(literal: str) -> bytes:
    """A basket whose only line is this JSON, with a product."""
    return body(items=["LINE"]).replace(b'"LINE"', f'{{"product_id":"{uuid4()}",{literal}}}'.encode())


def repeated(path: str) -> bytes:
    whole = body().decode()
    return {
        "currency": whole.replace('"currency":', '"currency":"EUR","currency":'),
        "items/0/quantity": whole.replace('"quantity":', '"quantity":1,"quantity":'),
        "delivery_address/city": whole.replace('"city":', '"city":"Ankara","city":'),
    }[path].encode()


MALFORMED = {
    "malformed JSON": b'{"customer_id": ',
    "nothing": b"",
    "NaN": with_item('"quantity":1,"unit_price":NaN'),
    "no UTF-8": b"\xff\xfe",
    "10 000 levels deep": b"[" * 10_000,
}
INVALID = {
    "no object": (b"[]", ""),
    "quantity as text": (with_item('"quantity":"2","unit_price":1'), "/items/0/quantity"),
    "items as an object": (body(items={}), "/items"),
    "a price of 1e400": (with_item('"quantity":1,"unit_price":1e400'), "/items/0/unit_price"),
    "a price of NaN as text": (with_item('"quantity":1,"unit_price":"NaN"'), "/items/0/unit_price"),
    "a price of Infinity as text": (with_item('"quantity":1,"unit_price":"Infinity"'), "/items/0/unit_price"),
    "a price with digits grouped": (with_item('"quantity":1,"unit_price":"1_0"'), "/items/0/unit_price"),
    "a price of 10^13": (with_item('"quantity":1,"unit_price":10000000000000'), "/items/0/unit_price"),
    "a line of 10^13": (with_item('"quantity":1000000,"unit_price":9999999999'), "/items/0"),
    "a price of seven decimals": (with_item('"quantity":1,"unit_price":0.1234567'), "/items/0/unit_price"),
    "a negative price": (with_item('"quantity":1,"unit_price":-0.01'), "/items/0/unit_price"),
    "a negative weight": (with_item('"quantity":1,"unit_price":1,"weight":-1'), "/items/0/weight"),
    "quantity 0": (with_item('"quantity":0,"unit_price":1'), "/items/0/quantity"),
    "quantity 1 000 001": (with_item('"quantity":1000001,"unit_price":1'), "/items/0/quantity"),
    "a missing unit price": (with_item('"quantity":1'), "/items/0/unit_price"),
    "no items": (body(items=[]), "/items"),
    "501 items": (body(items=a_basket()["items"] * 501), "/items"),
    "21 coupon codes": (body(coupon_codes=["A"] * 21), "/coupon_codes"),
    "an unknown currency": (body(currency="XQX"), "/currency"),
    "an unknown country": (body(delivery_address={"city": "X", "country": "QQ"}), "/delivery_address/country"),
    "half a coordinate": (
        body(delivery_address={"city": "X", "country": "TR", "latitude": 41.0}),
        "/delivery_address/longitude",
    ),
    "a latitude of 91": (
        body(pickup_address={"city": "X", "country": "TR", "latitude": 91, "longitude": 0}),
        "/pickup_address/latitude",
    ),
    "an identifier that is none": (body(customer_id="z" * 36), "/customer_id"),
    "the currency twice": (repeated("currency"), "/currency"),
    "a quantity twice": (repeated("items/0/quantity"), "/items/0/quantity"),
    "a city twice": (repeated("delivery_address/city"), "/delivery_address/city"),
}


@pytest.fixture(autouse=True)
def still_quotes(checkout: httpx.Client) -> Any:
    """After every case."""
    yield
    assert checkout.post(QUOTE, json=a_basket()).status_code == 200


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_json_is_400(checkout: httpx.Client, sent: bytes) -> None:
    answer = post(checkout, sent)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-json")


@pytest.mark.parametrize(("sent", "pointer"), INVALID.values(), ids=INVALID)
def test_what_cannot_be_accepted_is_422_at_its_place(checkout: httpx.Client, sent: bytes, pointer: str) -> None:
    answer = post(checkout, sent)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_every_fault_is_reported_at_once(checkout: httpx.Client) -> None:
    answer = post(checkout, body(currency="XQX", seller_id="no", items=[{"quantity": 0}]))
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert {"/seller_id", "/items/0/product_id", "/items/0/quantity"} <= pointers


def test_a_body_of_2_mib_is_413(checkout: httpx.Client) -> None:
    answer = post(checkout, body(external_ref="x" * (2 << 20)))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


def test_another_media_type_is_415(checkout: httpx.Client) -> None:
    answer = checkout.post(QUOTE, content=body(), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "qs_dev_wrong"}, {"Authorization": "Bearer no.no.no"}])
def test_nobody_without_credentials_gets_a_quote(anonymous: httpx.Client, headers: dict[str, str]) -> None:
    answer = anonymous.post(QUOTE, json=a_basket(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("kind", ["commission-rates", "pricing-rules"])
def test_a_time_without_its_offset_is_422(admin: httpx.Client, kind: str) -> None:
    drafts: dict[str, dict[str, Any]] = {
        "commission-rates": {"commission_type": "PERCENTAGE", "rate": 1},
        "pricing-rules": {"name": str(uuid4()), "type": "TAX", "configuration": {"rate": 1}},
    }
    answer = admin.post(f"/api/v1/{kind}", json={**drafts[kind], "effective_from": "2026-01-01T00:00:00"})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/effective_from"]


def post(checkout: httpx.Client, sent: bytes) -> httpx.Response:
    return checkout.post(QUOTE, content=sent, headers={"Content-Type": "application/json"})
