"""Sources are fetched politely, and every fetch ends in a typed outcome; all against a shop on loopback.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#politeness.
"""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from datetime import timedelta
from email.utils import formatdate

import pytest

from quote_service.intelligence.competitors.loops.watching import run_watcher
from quote_service.intelligence.competitors.operations.compare_prices import (
    doubt_observation,
    prices_of_competitors,
    prices_of_past,
)
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.telemetry.registry import Registry
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.watching import KEYS, Watch, a_product, watching
from tests.conftest import eventually
from tests.webhooks.receiver import Received, Receiver, answer, receiving

PAGE = html(json_ld(product(offer("12.50"), name="Thing"))).encode()
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>cf-chl-</body></html>"


async def test_a_page_is_fetched_matched_confirmed_and_compared(watch: Watch, shop: Receiver) -> None:
    product_id = await a_product(watch.database)
    bodies = {"/p/1": PAGE}
    tags = {"/p/1": '"one"'}

    def serve(request: Received) -> bytes:
        if request.path == "/robots.txt":
            return answer(200, b"User-agent: *\nDisallow: /cart\nCrawl-delay: 3000\n")
        if request.headers.get("if-none-match") == tags[request.path]:
            return answer(304)
        return answer(200, bodies[request.path], ETag=tags[request.path], Content_Type="text/html")

    shop.answers = serve
    source = await watch.source("page", {"url": shop.url("/p/1"), "product_id": str(product_id), "units": 2})
    assert await watch.turn(source) == "ok"
    assert await watch.paused() == {"127.0.0.1": pytest.approx(300, abs=200)}  # its Crawl-delay, as far as it is kept
    (listing,) = await watch.listings(source)
    assert listing.offer is not None
    assert (listing.match_method, listing.product_id, listing.external_id) == ("source", product_id, shop.url("/p/1"))
    assert str(listing.offer.price) == "12.50"
    assert await watch.turn(source) == "not_modified"
    (confirmed,) = await watch.listings(source)
    assert confirmed.offer is not None
    assert confirmed.offer.confirmed_at > listing.offer.confirmed_at
    assert confirmed.offer.observed_at == listing.offer.observed_at
    bodies["/p/1"], tags["/p/1"] = html(json_ld(product(offer("11")))).encode(), '"two"'
    assert await watch.turn(source) == "ok"
    async with watch.database.read() as connection:
        (price,) = await prices_of_competitors(connection, [product_id])
        past = await prices_of_past(
            connection, [product_id], listing.created_at - timedelta(days=1), listing.created_at + timedelta(days=1)
        )
    assert (str(price.price), str(price.comparable_price), price.not_comparable) == ("11.00", "5.50", [])
    assert [str(each.price) for each in past] == ["12.500000", "11.000000"]
    async with watch.database.transaction() as connection:
        assert await doubt_observation(connection, past[-1].observation_id, "price_anomaly")
        (price,) = await prices_of_competitors(connection, [product_id])
    assert (price.not_comparable, price.comparable_price) == (["doubted"], None)
    newest, unchanged, first = await watch.fetches(source)
    assert [each.outcome for each in (newest, unchanged, first)] == ["ok", "not_modified", "ok"]
    assert (first.status, first.bytes, first.offers, len(first.sha256 or "")) == (200, len(PAGE), 1, 64)
    agents = {each.headers["user-agent"] for each in shop.requests}
    assert agents == {"quote-service-prices/1 (+https://us.example)"}
    assert [each.path for each in shop.requests].count("/robots.txt") == 1
    assert shop.most_at_once == 1


async def test_every_fetch_ends_in_a_typed_outcome(watch: Watch, shop: Receiver) -> None:
    captcha = (
        b'<form><script src="https://www.google.com/recaptcha/api.js"></script><div class=g-recaptcha></div></form>'
    )
    odd_type = html(json_ld(product(offer("12.50"))).replace('"Product"', '"IndividualProduct"')).encode()
    unpacked = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(unpacked.compress(bytes(1 << 20)) for _ in range(16)) + unpacked.flush()
    several = html(json_ld(product([offer(1), offer(2)]))).encode()
    answers = {
        "/robots.txt": answer(200, b"User-agent: *\nDisallow: /private\n"),
        "/plain": answer(200, PAGE),
        "/gzip": answer(200, gzip.compress(PAGE), Content_Encoding="gzip"),
        "/bomb": answer(200, bomb, Content_Encoding="gzip"),
        "/brotli": answer(200, PAGE, Content_Encoding="br"),
        "/moved": answer(301, Location="/plain"),
        "/away": answer(302, Location="https://elsewhere.example/plain"),
        "/inside": answer(302, Location="http://169.254.169.254/latest"),
        "/circle": answer(302, Location="/circle"),
        "/to-private": answer(302, Location="/private/1"),
        "/private/1": answer(200, PAGE),
        "/several": answer(200, several),
        "/nothing": answer(200, html().encode()),
        "/empty": answer(200),
        "/forbidden": answer(403),
        "/busy": answer(429, Retry_After="7000"),
        "/gone": answer(410),
        "/missing": answer(404),
        "/broken": answer(503, Retry_After="120"),
        "/unasked": answer(304),
        "/challenge": answer(403, CHALLENGE),
        "/quiet": answer(200, CHALLENGE),
        "/contact-form": answer(200, PAGE + captcha),
        "/contact-form-of-another-type": answer(200, captcha + odd_type),
        "/captcha": answer(200, captcha),
        "/trouble-with-a-form": answer(500, captcha),
        "/reset": None,
    }
    shop.answers = lambda request: answers[request.path]
    wanted = {
        "/plain": "ok",
        "/gzip": "ok",
        "/bomb": "parse_error",
        "/brotli": "parse_error",
        "/moved": "ok",
        "/away": "gone",
        "/inside": "gone",
        "/circle": "gone",
        "/to-private": "robots_denied",
        "/private/1": "robots_denied",
        "/several": "several_prices",
        "/nothing": "no_price",
        "/empty": "parse_error",
        "/forbidden": "blocked",
        "/busy": "blocked",
        "/gone": "gone",
        "/missing": "gone",
        "/broken": "unreachable",
        "/unasked": "parse_error",
        "/challenge": "blocked",
        "/quiet": "blocked",
        "/contact-form": "ok",
        "/contact-form-of-another-type": "ok",
        "/captcha": "blocked",
        "/trouble-with-a-form": "unreachable",
        "/reset": "unreachable",
    }
    found, disabled, pauses = {}, {}, {}
    for path in wanted:
        source = await watch.source("page", {"url": shop.url(path)})
        found[path] = await watch.turn(source)
        record = await watch.read(source)
        assert record.last_outcome == found[path]
        assert (record.failures == 0) == (found[path] == "ok")
        assert (record.next_fetch_at is None) == (record.disabled_reason is not None)
        if record.disabled_reason is not None:
            disabled[path] = record.disabled_reason
        pauses[path] = (await watch.paused()).get("127.0.0.1", 0.0)
    assert found == wanted
    assert disabled == {"/gone": "gone", "/challenge": "challenge", "/quiet": "challenge", "/captcha": "challenge"}
    assert pauses["/busy"] > 6000  # what it asked for, which is more than our own pause
    assert 600 < pauses["/forbidden"] < 7200
    assert 0 < pauses["/broken"] <= 120
    assert pauses["/missing"] == 0
    assert "/private/1" not in [each.path for each in shop.requests]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(404, "ok"), (403, "ok"), (429, "robots_denied"), (500, "robots_denied"), (None, "robots_denied")],
)
async def test_what_robots_txt_cannot_say(watch: Watch, shop: Receiver, status: int | None, outcome: str) -> None:
    def serve(request: Received) -> bytes | None:
        if request.path == "/robots.txt":
            return None if status is None else answer(status)
        return answer(200, PAGE)

    shop.answers = serve
    assert await watch.turn(await watch.source("page", {"url": shop.url("/p")})) == outcome


@pytest.mark.parametrize("status", [429, 503])
async def test_a_site_that_asks_to_wait_for_its_rules_is_left_alone_for_so_long(
    watch: Watch, shop: Receiver, status: int
) -> None:
    until = formatdate(time.time() + 7000, usegmt=True)
    for body in ("7000", until):
        async with watch.database.transaction() as connection:
            await connection.execute("DELETE FROM competitor_robots")
        shop.answers = lambda _, body=body: answer(status, Retry_After=body)  # type: ignore[misc]
        assert await watch.turn(await watch.source("page", {"url": shop.url("/p")})) == "robots_denied"
        async with watch.database.read() as connection:
            seconds = await connection.fetchval(
                "SELECT extract(epoch FROM expires_at - now())::float8 FROM competitor_robots"
            )
        assert 6000 < seconds <= 7000
    assert {each.path for each in shop.requests} == {"/robots.txt"}


async def test_an_answer_that_never_comes_is_a_timeout(database: Database) -> None:
    async with receiving(hanging=True) as shop, watching(database, timeout_seconds=0.3) as watch:
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO competitor_robots VALUES ($1, 'allow', '', '', now(), now() + interval '1 day') "
                "ON CONFLICT (origin) DO UPDATE SET verdict = 'allow', expires_at = excluded.expires_at",
                f"http://127.0.0.1:{shop.port}",
            )
        source = await watch.source("page", {"url": shop.url("/slow")})
        assert await watch.turn(source) == "timeout"
        former = (await watch.read(source)).next_fetch_at
        assert await watch.turn(source) == "timeout"
        later = (await watch.read(source)).next_fetch_at
        assert former is not None
        assert later is not None
        assert later - former > timedelta(hours=5)  # twice as long as the time before


async def test_the_loop_fetches_what_is_due_and_one_of_a_host_at_a_time(database: Database) -> None:
    settings = Settings(outbound_networks=("127.0.0.0/8",), watch_per_minute=600, jwt_keys=KEYS)
    async with receiving() as shop, watching(database) as watch:
        shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, PAGE)
        async with database.transaction() as connection:
            await connection.execute("UPDATE competitor_sources SET due_at = NULL")
            await connection.execute("DELETE FROM competitor_lanes")
        sources = [await watch.source("page", {"url": shop.url(f"/p/{number}")}) for number in range(4)]
        loops = [asyncio.create_task(run_watcher(database, settings, Registry(), poll_seconds=0.02)) for _ in range(2)]
        try:

            async def are_done() -> bool:
                return all([(await watch.read(source)).last_outcome == "ok" for source in sources])

            await eventually(are_done, "all sources are fetched")
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
        assert shop.most_at_once == 1
        assert sorted(each.path for each in shop.requests if each.path != "/robots.txt") == [
            f"/p/{number}" for number in range(4)
        ]
