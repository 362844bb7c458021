"""What is kept of a request is the basket, however much a sender puts around it.

Source: docs/spec/quotes.md#caching; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
import redis

from quote_service.platform.redis_store.keys import quote_key
from quote_service.platform.system.identifiers import uuid7_bits
from quote_service.quotes.model.kept_bytes import unpack_quote
from quote_service.quotes.model.kept_quote import KeptQuote
from tests.fixtures.serve import QUOTE, a_basket
from tests.fixtures.service import Service

MEBIBYTE = 1024 * 1024
MANY = "x" * (MEBIBYTE - 4000)


def kept(service: Service, quote_id: str) -> tuple[KeptQuote, int]:
    """The quote as Redis holds it, and how many bytes that are."""
    with redis.Redis.from_url(service.redis_url) as client:
        packed = client.get(quote_key(uuid7_bits(UUID(quote_id))))
    assert isinstance(packed, bytes)
    return unpack_quote(packed), len(packed)


def quoted(checkout: httpx.Client, basket: dict[str, Any]) -> dict[str, Any]:
    answer = checkout.post(QUOTE, json=basket, headers={"Cache-Control": "no-cache"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


@pytest.mark.parametrize(
    "padding",
    [
        {"/": {"notes": MANY}},
        {"/": {"notes": list(range(90_000))}},
        {"/items/0": {"picture": MANY}},
        {"/delivery_address": {"directions": MANY}},
        {"/context": {"session_id": MANY}},
        {"/context": {"user_agent": MANY, "ip_address": "192.0.2.1"}},
    ],
    ids=["basket", "a list", "line", "address", "session", "browser"],
)
def test_padding_is_not_kept(service: Service, checkout: httpx.Client, padding: dict[str, dict[str, Any]]) -> None:
    basket = a_basket(coupon_codes=["one"], customer_segments=["new"], context={"ab_test_group": "g"})
    padded = copy.deepcopy(basket)
    for pointer, fields in padding.items():
        holder: Any = padded
        for name in pointer.strip("/").split("/") if pointer != "/" else []:
            holder = holder[int(name) if name.isdigit() else name]
        holder.update(fields)
    (plain, _), (wide, size) = (kept(service, quoted(checkout, each)["quote_id"]) for each in (basket, padded))
    assert wide.request == plain.request
    assert size < 4000
    assert msgspec.json.decode(wide.request) == basket


def test_of_a_person_no_more_is_kept_than_the_price_asks_for(service: Service, checkout: httpx.Client) -> None:
    place = {"country": "TR", "city": "Istanbul", "district": "Kadıköy", "latitude": 41.0, "longitude": 29.0}
    basket = a_basket(
        delivery_address={**place, "street": "Moda Caddesi 1"},
        pickup_address={**place, "street": "Depo 7"},
        context={"user_agent": "browser", "ip_address": "192.0.2.1", "session_id": "s"},
        external_ref="cart 7",
    )
    quote, _ = kept(service, quoted(checkout, basket)["quote_id"])
    document = msgspec.json.decode(quote.request)
    assert document["delivery_address"] == document["pickup_address"] == place
    assert document.keys() == basket.keys() - {"context", "external_ref"}


def test_what_is_kept_explains_every_field_that_counts(service: Service, checkout: httpx.Client) -> None:
    line = {"variant_id": str(UUID(int=1)), "category_id": str(UUID(int=2)), "tags": ["a"], "weight": "0.50"}
    basket = a_basket(is_express_delivery=True, logistics_provider="swift", customer_tier="gold")
    basket["items"][0] |= line
    quote_id = quoted(checkout, basket)["quote_id"]
    assert msgspec.json.decode(kept(service, quote_id)[0].request) == basket
    explained = checkout.get(f"/api/v1/quotes/{quote_id}/explain").json()["data"]
    assert (explained["is_recomputed"], explained["agrees"]) == (True, True)


def test_lists_that_count_are_bounded(checkout: httpx.Client) -> None:
    basket = a_basket(customer_segments=["s"] * 1001)
    basket["items"][0]["tags"] = ["t"] * 101
    answer = checkout.post(QUOTE, json=basket)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/items/0/tags", "/customer_segments"}
