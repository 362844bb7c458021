"""Whatever a competitor's server sends, the fetch ends in a typed outcome and the source is fetched again; on loopback.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#what-is-read.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
from decimal import Decimal
from typing import Any

import pytest

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob
from quote_service.intelligence.competitors.model.reading.robots import RobotsJob
from quote_service.intelligence.competitors.operations.fetching.decode_body import Undecodable, decode_body
from quote_service.intelligence.competitors.operations.read_uploads import read_upload
from quote_service.intelligence.competitors.operations.reading.messages import Answer, Job
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.write_source import receive_upload
from quote_service.platform.postgres.pool import Database
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.watching import Watch, watching
from tests.webhooks.receiver import Receiver, answer

PAGE = html(json_ld(product(offer("12.50"), name="Thing"))).encode()
GZIP = {"Content_Encoding": "gzip"}


@pytest.mark.parametrize(
    ("name", "title"),
    [("a\0b", "ab"), ("a\ud800b", "a?b"), ("Saffron 0.001 mg", "Saffron 0.001 mg"), ("\U0001f3ff" * 1000, None)],
)
async def test_what_postgresql_cannot_keep_spoils_no_page(
    watch: Watch, shop: Receiver, name: str, title: str | None
) -> None:
    body = html(json_ld(product(offer("9999999999"), name=name)).replace("\ud800", "\\ud800")).encode()
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, body)
    source = await watch.source("page", {"url": shop.url("/p"), "gtin": "4006381333931"})
    assert await watch.turn(source) == "ok"
    (listing,) = await watch.listings(source)
    assert listing.gtin == "04006381333931"
    assert title is None or listing.title == title


async def test_a_row_that_cannot_be_kept_spoils_no_feed_and_no_upload(watch: Watch, shop: Receiver) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "nul\0", "title": "a\0b", "price": "5 EUR"},
        {"id": "\0", "sku": "S", "price": "6 EUR"},
        {"id": "half", "title": "\ud800", "price": "7 EUR"},
        {"id": "line", "title": "a\u2028b", "price": "8 EUR"},
        {"id": {"of": "what"}, "price": "9 EUR"},
    ]
    feed = "\n".join(json.dumps(row, ensure_ascii="\ud800" in row.get("title", "")) for row in rows).encode()
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, feed)
    source = await watch.source("feed", {"format": "ndjson", "url": shop.url("/feed")})
    assert await watch.turn(source) == "ok"
    assert {each.external_id for each in await watch.listings(source)} == {"nul", "S", "half", "line"}
    async with watch.database.transaction() as connection:
        await receive_upload(connection, source, "application/x-ndjson", feed)
    assert await read_upload(watch.database, watch.reader)
    assert not await read_upload(watch.database, watch.reader)
    assert (await watch.fetches(source))[0].offers == 4


class Careless(PageReader):
    """Lets through what cannot be kept, as the next mistake in reading would."""

    async def read(self, job: Job) -> Answer:
        if isinstance(job, RobotsJob):
            return await super().read(job)
        return Answer(offers=[FoundOffer(external_id="1", currency="EUR", price=Decimal(5), title="a\0b")])


async def test_what_is_refused_when_it_is_written_ends_as_a_parse_error(database: Database, shop: Receiver) -> None:
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, PAGE)
    async with watching(database, reader=Careless()) as watch:
        page = await watch.source("page", {"url": shop.url("/refused")})
        assert await watch.turn(page) == "parse_error"
        feed = await watch.source("feed", {"format": "ndjson"})
        async with database.transaction() as connection:
            await receive_upload(connection, feed, "application/x-ndjson", b"{}")
        assert await read_upload(database, watch.reader)
        assert not await read_upload(database, watch.reader)
        for source in (page, feed):
            (fetch,) = await watch.fetches(source)
            assert (fetch.outcome, fetch.offers) == ("parse_error", 0)
            assert fetch.detail.startswith("it cannot be kept")


async def test_packed_answers_are_read_whole_or_not_at_all(watch: Watch, shop: Receiver) -> None:
    feed = gzip.compress(b"id,price\n1,5 EUR\n") + gzip.compress(b"2,6 EUR\n")
    answers = {
        "/robots.txt": answer(404),
        "/parts": answer(200, gzip.compress(PAGE[:100]) + gzip.compress(PAGE[100:]) + bytes(8), **GZIP),
        "/broken-off": answer(200, gzip.compress(PAGE)[:-9], **GZIP),
        "/no-gzip": answer(200, PAGE, **GZIP),
        "/feed.csv.gz": answer(200, feed),
        "/broken.csv.gz": answer(200, feed[:20]),
    }
    shop.answers = lambda request: answers[request.path]
    found = {}
    for path in answers.keys() - {"/robots.txt"}:
        is_feed = ".csv" in path
        source = await watch.source(
            "feed" if is_feed else "page", {"url": shop.url(path), **({"format": "csv"} if is_feed else {})}
        )
        found[path] = (await watch.turn(source), (await watch.read(source)).last_detail)
    assert found == {
        "/parts": ("ok", ""),
        "/broken-off": ("parse_error", "it breaks off"),
        "/no-gzip": ("parse_error", "it is no gzip"),
        "/feed.csv.gz": ("ok", ""),
        "/broken.csv.gz": ("parse_error", "it breaks off"),
    }


def test_an_answer_of_very_many_parts_is_not_unpacked() -> None:
    with pytest.raises(Undecodable, match="more than 20 parts"):
        decode_body({"content-encoding": "gzip"}, gzip.compress(b"") * 1000, 1000)
    with pytest.raises(Undecodable, match="longer than 1000 bytes"):
        decode_body({"content-encoding": "gzip"}, gzip.compress(bytes(600)) * 2, 1000)
    assert decode_body({"content-encoding": "gzip"}, gzip.compress(bytes(500)) * 2, 1000) == bytes(1000)


async def test_redirects_may_name_a_place_in_the_page_or_letters_that_no_url_has(watch: Watch, shop: Receiver) -> None:
    answers = {
        "/robots.txt": answer(404),
        "/moved": answer(301, Location="/p#reviews"),
        "/blank": answer(301, Location="/p%20q r"),
        "/umlaut": answer(301, Location="/ü"),
        "/p": answer(200, PAGE),
        "/p%20q%20r": answer(200, PAGE),
        "/%C3%BC": answer(200, PAGE),
    }
    shop.answers = lambda request: answers[request.path]
    for path in ("/moved", "/blank", "/umlaut"):
        assert await watch.turn(await watch.source("page", {"url": shop.url(path)})) == "ok", path


@pytest.mark.parametrize(
    "place", ["http://[::1", "http://[a]b]/", "//[", "http://a:99999999/", "javascript:x", "http://shop@evil/"]
)
async def test_redirects_to_what_is_no_url_are_gone(watch: Watch, shop: Receiver, place: str) -> None:
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(302, Location=place)
    source = await watch.source("page", {"url": shop.url("/p")})
    assert await watch.turn(source) == "gone"
    shop.answers = lambda _: answer(302, Location=place)
    async with watch.database.transaction() as connection:
        await connection.execute("DELETE FROM competitor_robots")
    assert await watch.turn(source) == "robots_denied"


@pytest.mark.parametrize(
    "rules",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /",
        b"User-agent: *\r\nDisallow: /\r\n" + b"# why\n" * 200_000,
    ],
)
async def test_rules_are_read_behind_a_byte_order_mark_and_before_a_long_rest(
    watch: Watch, shop: Receiver, rules: bytes
) -> None:
    shop.answers = lambda request: answer(200, rules if request.path == "/robots.txt" else PAGE)
    source = await watch.source("page", {"url": shop.url("/p")})
    assert await watch.turn(source) == "robots_denied"
    assert (await watch.read(source)).last_detail == "robots.txt does not allow it"
    assert shop.requests[0].headers["accept-encoding"] == "identity"


async def test_no_page_waits_for_a_feed_that_takes_long_to_read(database: Database, shop: Receiver) -> None:
    answers = {"/robots.txt": answer(404), "/feed": answer(200, b"id,price\n1,5 EUR\n"), "/page": answer(200, PAGE)}
    shop.answers = lambda request: answers[request.path]
    feeds = PageReader()
    async with watching(database, feeds=feeds) as watch:
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM competitor_robots")
        feed = await watch.source("feed", {"format": "csv", "url": shop.url("/feed")})
        page = await watch.source("page", {"url": shop.url("/page")})
        assert await watch.turn(feed) == "ok"
        assert feeds.pid is not None
        os.kill(feeds.pid, signal.SIGSTOP)
        try:
            reading = asyncio.create_task(feeds.read(FeedJob(body=b"id,price\n", content_type="", format="csv")))
            assert await watch.turn(page) == "ok"
            assert not reading.done()
        finally:
            os.kill(feeds.pid, signal.SIGCONT)
        assert (await reading).outcome == "no_price"
