"""When two requests are one quote, and when they are two.

Source: docs/spec/quotes.md#caching; docs/spec/quotes.md#signature.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from tests.fixtures.serve import QUOTE, SIGNING_SECRET, Served, a_basket, served

Change = dict[str, Any]


@pytest.fixture(scope="module")
def one(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url) as running:
        yield running


@pytest.fixture(scope="module")
def shop(one: Served) -> Iterator[httpx.Client]:
    with one.checkout() as client:
        yield client


def quoted(shop: httpx.Client, basket: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = shop.post(QUOTE, json=basket, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def rich_basket() -> dict[str, Any]:
    """A basket with every field, for somebody who has not asked before."""
    line = {
        "product_id": str(uuid4()),
        "variant_id": str(uuid4()),
        "quantity": 2,
        "unit_price": 25.5,
        "category_id": str(uuid4()),
        "tags": ["a", "b"],
        "weight": 0.5,
        "seller_id": str(uuid4()),
    }
    return {
        **a_basket(),
        "items": [line, {**line, "product_id": str(uuid4())}],
        "delivery_address": {
            "country": "TR",
            "city": "İstanbul",
            "district": "Kadıköy",
            "street": "1",
            "latitude": 41.0,
            "longitude": 29.0,
        },
        "pickup_address": {"country": "TR", "city": "Istanbul", "latitude": 41.1, "longitude": 29.1},
        "is_express_delivery": True,
        "coupon_codes": ["ONE", "two"],
        "context": {"user_agent": "x", "ip_address": "1.2.3.4", "session_id": "s", "ab_test_group": "g"},
        "logistics_provider": "swift",
        "customer_tier": "gold",
        "customer_segments": ["new"],
        "external_ref": "order 1",
    }


SAME: dict[str, Change] = {
    "user agent": {"/context/user_agent": "y"},
    "address of the caller": {"/context/ip_address": "4.3.2.1"},
    "session": {"/context/session_id": "t"},
    "reference": {"/external_ref": "order 2"},
    "street": {"/delivery_address/street": "2"},
    "a city that folds to the same": {"/delivery_address/city": "ISTANBUL"},
    "a price in other digits": {"/items/0/unit_price": "25.500"},
    "a weight in other digits": {"/items/0/weight": "0.50"},
    "an unknown field": {"/loyalty": 5},
}
OTHER: dict[str, Change] = {
    "customer": {"/customer_id": str(uuid4())},
    "seller": {"/seller_id": str(uuid4())},
    "currency": {"/currency": "EUR"},
    "product": {"/items/0/product_id": str(uuid4())},
    "variant": {"/items/0/variant_id": str(uuid4())},
    "quantity": {"/items/0/quantity": 3},
    "price": {"/items/0/unit_price": 25.51},
    "category": {"/items/0/category_id": str(uuid4())},
    "tags": {"/items/0/tags": ["a", "c"]},
    "weight": {"/items/0/weight": 0.6},
    "seller of a line": {"/items/0/seller_id": str(uuid4())},
    "country": {"/delivery_address/country": "DE"},
    "latitude": {"/delivery_address/latitude": 41.00001},
    "pickup": {"/pickup_address/longitude": 29.2},
    "express": {"/is_express_delivery": False},
    "coupons": {"/coupon_codes": ["ONE"]},
    "a code in other letters, which are echoed": {"/coupon_codes": ["one", "two"]},
    "order of coupons": {"/coupon_codes": ["two", "ONE"]},
    "group": {"/context/ab_test_group": "h"},
    "provider": {"/logistics_provider": "slow"},
    "tier": {"/customer_tier": "silver"},
    "segments": {"/customer_segments": ["old"]},
}


def changed(basket: dict[str, Any], change: Change) -> dict[str, Any]:
    bent = copy.deepcopy(basket)
    for pointer, value in change.items():
        *path, last = pointer.strip("/").split("/")
        holder: Any = bent
        for token in path:
            holder = holder[int(token)] if token.isdigit() else holder[token]
        holder[last] = value
    return bent


@pytest.mark.parametrize("what", SAME)
def test_what_makes_no_difference(shop: httpx.Client, what: str) -> None:
    basket = rich_basket()
    first, second = quoted(shop, basket), quoted(shop, changed(basket, SAME[what]))
    assert (first["cache"], second["cache"]) == ("miss", "local")
    assert second["quote_id"] == first["quote_id"]
    assert second["total_amount"] == first["total_amount"]


@pytest.mark.parametrize("what", OTHER)
def test_what_makes_a_difference(shop: httpx.Client, what: str) -> None:
    basket = rich_basket()
    first, second = quoted(shop, basket), quoted(shop, changed(basket, OTHER[what]))
    assert (first["cache"], second["cache"]) == ("miss", "miss")
    assert second["quote_id"] != first["quote_id"]


def test_the_order_of_lines_makes_another_quote_of_the_same_figures(shop: httpx.Client) -> None:
    basket = rich_basket()
    first, second = quoted(shop, basket), quoted(shop, {**basket, "items": basket["items"][::-1]})
    assert second["quote_id"] != first["quote_id"]
    assert second["total_amount"] == first["total_amount"]


def test_the_same_basket_is_the_same_quote(shop: httpx.Client) -> None:
    basket = a_basket()
    answers = [quoted(shop, basket) for _ in range(3)]
    assert [answer.pop("cache") for answer in answers] == ["miss", "local", "local"]
    assert answers[0] == answers[1] == answers[2]
    valid_from = datetime.fromisoformat(answers[0]["valid_from"])
    assert datetime.fromisoformat(answers[0]["valid_until"]) - valid_from == timedelta(minutes=15)
    assert abs(datetime.now(UTC) - valid_from) < timedelta(minutes=5)


@pytest.mark.parametrize("word", ["no-cache", "max-age=0, no-cache", "No-Cache"])
def test_no_cache_asks_for_a_new_quote_and_leaves_the_old_one(shop: httpx.Client, word: str) -> None:
    basket = a_basket()
    first = quoted(shop, basket)
    fresh = quoted(shop, basket, **{"Cache-Control": word})
    assert fresh["cache"] == "miss"
    assert fresh["quote_id"] != first["quote_id"]
    assert quoted(shop, basket)["quote_id"] == first["quote_id"]
    for issued in (first, fresh):
        found = shop.get(f"/api/v1/quotes/{issued['quote_id']}")
        assert found.json()["data"] == {**issued, "cache": "miss"}


@pytest.mark.parametrize("first", [None, "order 1", 'ünïcode "quoted" \\ ,"subtotal":1', ""])
@pytest.mark.parametrize("second", [None, "order 2", ',"external_ref":"x","subtotal":', "🧺" * 50])
def test_each_gets_his_own_reference_back(shop: httpx.Client, first: str | None, second: str | None) -> None:
    basket = a_basket()
    one, two, again = (quoted(shop, {**basket, "external_ref": ref}) for ref in (first, second, first))
    assert (one["external_ref"], two["external_ref"], again["external_ref"]) == (first, second, first)
    assert one["quote_id"] == two["quote_id"] == again["quote_id"]
    assert {**one, "external_ref": second, "signature": two["signature"], "cache": "local"} == two
    for issued in (one, two, again):
        assert is_verified(shop, issued)


def test_a_quote_is_signed_so_that_a_checkout_can_check_it_by_itself(shop: httpx.Client) -> None:
    answer = shop.post(QUOTE, json=a_basket())
    data = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])["data"]
    text = bytes(data)
    key_id, digest = msgspec.json.decode(text)["signature"].split(".")
    assert key_id == "k1"
    signed = text[: text.rindex(b',"signature":')] + b"}"
    expected = hmac.new(SIGNING_SECRET, signed, hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(f"{digest}=") == expected


def test_a_changed_quote_is_reported(shop: httpx.Client) -> None:
    issued = quoted(shop, a_basket())
    assert is_verified(shop, issued)
    assert not is_verified(shop, {**issued, "total_amount": issued["total_amount"] - 1})


def is_verified(shop: httpx.Client, issued: dict[str, Any]) -> bool:
    answer = shop.post("/api/v1/quotes/verify", json=issued)
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["data"]["valid"])
