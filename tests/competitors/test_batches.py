"""A marketplace is asked for its items in batches: each ends by itself, and a fetch that is stopped goes on where it was.

Source: docs/spec/competitors.md#apis.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.competitors.model import lanes
from quote_service.intelligence.competitors.model.batches import (
    FetchBatch,
    has_to_stop,
    joined,
    order_of_batches,
    sum_up,
)
from quote_service.intelligence.competitors.model.outcomes import OUTCOMES, Outcome
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from tests.competitors.watching import Watch, watching
from tests.conftest import eventually
from tests.webhooks.receiver import Received, Receiver, answer

TOKEN = answer(200, msgspec.json.encode({"access_token": "t", "expires_in": 7200}))
ITEMS = [f"v1|{number}|0" for number in range(50)]


def batch(number: int, outcome: Outcome = "ok", detail: str = "", offers: int = 20) -> FetchBatch:
    first = number * 20 + 1
    return FetchBatch(first_item=first, last_item=first + 19, outcome=outcome, detail=detail, offers=offers)


@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 40))
def test_every_batch_has_its_turn_wherever_a_fetch_begins(items: int, size: int, begin: int) -> None:
    order = order_of_batches(items, size, begin)
    assert sorted(order) == list(range(-(-items // size)))
    assert order[0] == (begin if begin in order else 0)


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=8), st.integers(0, 8))
def test_refused_again_and_again_each_batch_is_asked_for_in_the_end(outcomes: list[Outcome], begin: int) -> None:
    """Whatever the server answers, fetches that follow each other ask for every batch."""
    count, asked, start = len(outcomes), set[int](), begin
    for _ in range(count):
        order, ended = order_of_batches(count, 1, start), []
        for number in order:
            asked.add(number)
            ended.append(batch(number, outcomes[number]))
            if has_to_stop([each.outcome for each in ended], 0.0):
                break
        start = sum_up(ended, order).next_batch
    assert asked == set(range(count))


def test_trouble_in_one_batch_is_no_reason_to_stop_and_being_refused_is() -> None:
    assert not has_to_stop(["ok", "unreachable", "parse_error", "timeout", "unreachable"], 0.0)
    assert has_to_stop(["unreachable", "timeout", "unreachable"], 0.0)
    assert has_to_stop(["ok", "blocked"], 0.0)
    assert has_to_stop(["unreachable"], 3.0)


def test_what_ended_alike_is_reported_as_one() -> None:
    many = [batch(2), batch(3), batch(0), batch(1, "unreachable", "The server answered 500", 0)]
    assert [(each.first_item, each.last_item, each.offers) for each in joined(many)] == [
        (41, 80, 40),
        (1, 20, 20),
        (21, 40, 0),
    ]
    assert sum_up(many, [2, 3, 0, 1]).outcome == "unreachable"
    assert sum_up([batch(0), batch(1, "no_price", "", 0)], [0, 1])[:3:2] == ("ok", True)


class Marketplace:
    """eBay's API on loopback: `refuses` says what becomes of a batch, by its first item."""

    def __init__(self, shop: Receiver) -> None:
        self.asked: list[str] = []
        self.refuses: dict[str, bytes] = {}
        shop.answers = self.serve

    def serve(self, request: Received) -> bytes:
        if request.path.endswith("/token"):
            return TOKEN
        items = parse_qs(urlsplit(request.path).query)["item_ids"][0].split(",")
        self.asked.append(items[0])
        if items[0] in self.refuses:
            return self.refuses[items[0]]
        price = {"value": "5.00", "currency": "EUR"}
        return answer(200, msgspec.json.encode({"items": [{"itemId": item, "price": price} for item in items]}))


@pytest.fixture
async def watch(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    monkeypatch.setattr(lanes, "MARKETPLACE_PACES", {})
    async with watching(database) as opened:
        yield opened


async def a_source(watch: Watch, shop: Receiver, **settings: Any) -> UUID:
    api = {"connector": "ebay", "url": shop.url("").rstrip("/"), "items": ITEMS, "marketplace": "EBAY_DE", **settings}
    return await watch.source("api", api, credentials={"client_id": "c", "client_secret": "s"})


async def test_a_batch_that_fails_keeps_no_other_from_being_read(watch: Watch, shop: Receiver) -> None:
    market = Marketplace(shop)
    market.refuses = {ITEMS[0]: answer(500), ITEMS[20]: answer(200, b"no JSON")}
    source = await a_source(watch, shop)
    assert await watch.turn(source) == "unreachable"
    assert market.asked == [ITEMS[0], ITEMS[20], ITEMS[40]]
    assert {each.external_id for each in await watch.listings(source)} == set(ITEMS[40:])
    (fetch,) = await watch.fetches(source)
    assert [(each.first_item, each.last_item, each.outcome, each.offers) for each in fetch.batches] == [
        (1, 20, "unreachable", 0),
        (21, 40, "parse_error", 0),
        (41, 50, "ok", 10),
    ]
    assert fetch.offers == 10
    assert fetch.detail.startswith("items 1 to 20: The server answered 500; items 21 to 40: ")
    record = await watch.read(source)
    assert (record.failures, record.last_ok_at) == (0, record.last_fetch_at)
    market.refuses = {}
    assert await watch.turn(source) == "ok"
    assert len(await watch.listings(source)) == len(ITEMS)


async def test_a_fetch_that_is_refused_goes_on_where_it_stopped(watch: Watch, shop: Receiver) -> None:
    market = Marketplace(shop)
    market.refuses = {ITEMS[20]: answer(429, Retry_After="7000")}
    source = await a_source(watch, shop)
    assert await watch.turn(source) == "blocked"
    assert market.asked == [ITEMS[0], ITEMS[20]]
    assert max((await watch.paused()).values()) > 6000
    record = await watch.read(source)
    # The rest is due as soon as the marketplace may be asked again, and not an interval later.
    assert record.next_fetch_at is not None
    assert record.last_fetch_at is not None
    assert 6000 < (record.next_fetch_at - record.last_fetch_at).total_seconds() < 7200
    market.asked, market.refuses = [], {}
    assert await watch.turn(source) == "ok"
    assert market.asked == [ITEMS[20], ITEMS[40], ITEMS[0]]
    assert len(await watch.listings(source)) == len(ITEMS)


async def test_a_batch_that_is_always_refused_takes_no_turn_of_the_others(watch: Watch, shop: Receiver) -> None:
    market = Marketplace(shop)
    market.refuses = {ITEMS[20]: answer(403)}
    source = await a_source(watch, shop)
    for _ in range(3):
        assert await watch.turn(source) == "blocked"
    assert ITEMS[40] in market.asked
    assert {each.external_id for each in await watch.listings(source)} == {*ITEMS[:20], *ITEMS[40:]}


async def test_a_process_that_ends_in_the_middle_leaves_the_rest_to_the_next(watch: Watch, shop: Receiver) -> None:
    market = Marketplace(shop)
    source = await a_source(watch, shop)

    def serve(request: Received) -> bytes:
        given = market.serve(request)
        shop.hanging = bool(market.asked)  # from the second batch on
        return given

    shop.answers = serve
    first = asyncio.create_task(watch.turn(source))
    await eventually(lambda: shop.hanging and shop.under_way == 1, "the second batch is asked for")
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    shop.hanging, shop.answers = False, market.serve
    shop.released.set()
    assert await watch.turn(source) == "ok"
    assert market.asked[-3:] == [ITEMS[20], ITEMS[40], ITEMS[0]]


async def test_an_item_that_is_refused_within_a_batch_is_a_refusal(watch: Watch, shop: Receiver) -> None:
    offer = {
        "segmentedFeaturedOffers": [{"sellerId": "S", "listingPrice": {"amount": 12.5, "currencyCode": "EUR"}}],
    }

    def item(asin: str, status: int) -> dict[str, Any]:
        body = {"asin": asin, "featuredBuyingOptions": [offer]} if status == 200 else {"errors": [{"code": "Quota"}]}
        return {"status": {"statusCode": status}, "body": body}

    responses = [item("B1", 200), item("B2", 404), item("B3", 429)]
    shop.answers = lambda request: (
        TOKEN if request.path.endswith("/token") else answer(200, msgspec.json.encode({"responses": responses}))
    )
    api = {
        "connector": "amazon",
        "url": shop.url("").rstrip("/"),
        "items": ["B1", "B2", "B3"],
        "marketplace": "A1PA6795UKMFR9",
    }
    credentials = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    source = await watch.source("api", api, credentials=credentials)
    assert await watch.turn(source) == "blocked"
    assert [each.external_id for each in await watch.listings(source)] == ["B1"]
    (fetch,) = await watch.fetches(source)
    assert "item 3: the server answered 429 for it" in fetch.detail
    assert max((await watch.paused()).values()) > 600
    responses[2] = item("B3", 503)
    assert await watch.turn(source) == "unreachable"
    responses[2] = item("B3", 404)
    assert await watch.turn(source) == "ok"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("where", ["item", "answer"])
async def test_an_item_that_asks_to_wait_stops_the_fetch_and_is_left_alone_as_long(
    watch: Watch, shop: Receiver, status: int, where: str
) -> None:
    said = "7200" if status == 429 else formatdate(now_us() / 1_000_000 + 7200, usegmt=True)
    own = {"retry-after": said} if where == "item" else {}
    refused = {"status": {"statusCode": status}, "headers": own, "body": {}}
    body = msgspec.json.encode({"responses": [refused]})
    headers = {"Retry_After": said} if where == "answer" else {}
    shop.answers = lambda request: TOKEN if request.path.endswith("/token") else answer(200, body, **headers)
    api = {
        "connector": "amazon",
        "url": shop.url("").rstrip("/"),
        "items": [f"B{number}" for number in range(50)],
        "marketplace": "A1PA6795UKMFR9",
    }
    credentials = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    source = await watch.source("api", api, credentials=credentials)
    assert await watch.turn(source) == ("blocked" if status == 429 else "unreachable")
    assert sum(not request.path.endswith("/token") for request in shop.requests) == 1
    assert 7000 < max((await watch.paused()).values()) <= 7200


async def test_an_id_that_cannot_be_one_is_no_refusal_and_no_token_is_the_end(watch: Watch, shop: Receiver) -> None:
    market = Marketplace(shop)
    market.refuses = {ITEMS[0]: answer(400, b'{"errors": [{"message": "The item id is invalid"}]}')}
    source = await a_source(watch, shop)
    assert await watch.turn(source) == "parse_error"
    assert market.asked == [ITEMS[0], ITEMS[20], ITEMS[40]]
    assert {each.external_id for each in await watch.listings(source)} == set(ITEMS[20:])
    assert max((await watch.paused()).values(), default=0.0) < 60
    before = len(shop.requests)
    other = await a_source(watch, shop)
    shop.answers = lambda _: answer(400, b'{"error": "invalid_grant"}')
    assert await watch.turn(other) == "parse_error"
    assert len(shop.requests) == before + 1
    (fetch,) = await watch.fetches(other)
    assert fetch.detail == "items 1 to 20: No token: The server answered 400"


@pytest.mark.parametrize("token", ["t\u00f6k", "a\r\nX: y", " ", ""])
async def test_a_token_that_cannot_be_sent_is_none(watch: Watch, shop: Receiver, token: str) -> None:
    shop.answers = lambda _: answer(200, msgspec.json.encode({"access_token": token, "expires_in": 7200}))
    source = await a_source(watch, shop)
    assert await watch.turn(source) == "parse_error"
    (fetch,) = await watch.fetches(source)
    assert fetch.detail == "items 1 to 20: No token: the answer has none"


async def test_credentials_that_cannot_be_sent_as_headers_end_the_fetch(watch: Watch, shop: Receiver) -> None:
    key = rsa.generate_private_key(65537, 2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    api = {"connector": "walmart", "url": shop.url("").rstrip("/"), "items": ["1"]}
    source = await watch.source(
        "api", api, credentials={"consumer_id": "\u00fc", "private_key": text, "key_version": "1"}
    )
    assert await watch.turn(source) == "unreachable"
    (fetch,) = await watch.fetches(source)
    assert fetch.detail == "items 1 to 1: A header of the request is not ASCII, and cannot be sent"


async def test_where_nobody_answers_any_more_the_rest_waits_a_while(watch: Watch, shop: Receiver) -> None:
    items = [f"v1|{number}|0" for number in range(120)]
    market = Marketplace(shop)
    market.refuses = {items[number]: answer(503) for number in range(20, 120, 20)}
    source = await a_source(watch, shop, items=items)
    assert await watch.turn(source) == "unreachable"
    assert market.asked == items[:80:20]
    record = await watch.read(source)
    assert record.next_fetch_at is not None
    assert record.last_fetch_at is not None
    assert 800 < (record.next_fetch_at - record.last_fetch_at).total_seconds() < 1800
    market.asked = []
    assert await watch.turn(source) == "unreachable"
    assert market.asked[0] == items[60]
