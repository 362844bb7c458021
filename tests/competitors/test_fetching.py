"""Sources are fetched politely, and every fetch ends in a typed outcome; all against a shop on loopback.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#politeness.
"""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import formatdate
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quote_service.competitors.loops.watching import run_watcher
from quote_service.competitors.operations.compare_prices import doubt_observation, prices_of_competitors, prices_of_past
from quote_service.competitors.operations.credentials_seal import CredentialsLost, CredentialsSeal
from quote_service.competitors.operations.propose_matches import propose_matches
from quote_service.competitors.operations.read_uploads import read_upload
from quote_service.competitors.operations.sweep_competitors import seal_anew, sweep_competitors
from quote_service.competitors.operations.write_source import receive_upload
from quote_service.postgres.pool import Database
from quote_service.settings import Key, Settings
from quote_service.system.new_ids import new_id
from quote_service.telemetry.registry import Registry
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.watching import KEYS, Watch, watching
from tests.conftest import eventually
from tests.webhooks.receiver import Received, Receiver, answer, receiving

PAGE = html(json_ld(product(offer("12.50"), name="Thing"))).encode()
CHALLENGE = b"<html><head><title>Just a moment...</title></head><body>cf-chl-</body></html>"


@pytest.fixture
async def shop() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def watch(database: Database) -> AsyncIterator[Watch]:
    async with watching(database) as opened:
        # The sites of other tests had the same ports, perhaps.
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM competitor_robots")
        yield opened


async def a_product(database: Database, name: str = "Thing", **attributes: Any) -> UUID:
    product_id = UUID(new_id())
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO products (id, sku, name, attributes, created_by, created_at, changed_by, updated_at) "
            "VALUES ($1, $2, $3, $4, 'test', now(), 'test', now())",
            product_id,
            f"SKU-{uuid4().hex}",
            name,
            msgspec.json.encode(attributes).decode(),
        )
    return product_id


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
    for told in ("7000", until):
        async with watch.database.transaction() as connection:
            await connection.execute("DELETE FROM competitor_robots")
        shop.answers = lambda _, told=told: answer(status, Retry_After=told)  # type: ignore[misc]
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


async def test_a_feed_is_fetched_and_another_uploaded(watch: Watch, shop: Receiver) -> None:
    feed = b"id,title,price,availability\nA,Thing,12.50 EUR,in stock\nB,Other,3.00 EUR,7\nC,Wrong,,\n"
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, feed)
    source = await watch.source("feed", {"format": "csv", "url": shop.url("/feed.csv")})
    assert await watch.turn(source) == "ok"
    assert {each.external_id for each in await watch.listings(source)} == {"A", "B"}
    (fetch,) = await watch.fetches(source)
    assert (fetch.offers, fetch.detail) == (2, "1 rows refused: row 4: there is no price")
    uploaded = b'{"id": "A", "price": "11", "currency": "EUR"}\n{"id": "D", "price": "9", "currency": "EUR"}\n'
    other = await watch.source("feed", {"format": "ndjson"})
    async with watch.database.transaction() as connection:
        await receive_upload(connection, other, "application/x-ndjson", uploaded)
    assert await read_upload(watch.database, watch.reader)
    assert not await read_upload(watch.database, watch.reader)
    prices = {each.external_id: str(each.offer.price) for each in await watch.listings(other) if each.offer}
    assert prices == {"A": "11.00", "D": "9.00"}


async def test_apis_are_asked_in_batches_with_their_own_credentials(watch: Watch, shop: Receiver) -> None:
    amazon_offer = {
        "sellerId": "S1",
        "condition": "New",
        "listingPrice": {"amount": 12.5, "currencyCode": "EUR"},
        "shippingOptions": [{"price": {"amount": 0, "currencyCode": "EUR"}}],
    }
    body = {"asin": "B01", "featuredBuyingOptions": [{"segmentedFeaturedOffers": [amazon_offer]}]}
    ebay = {
        "itemId": "v1|1|0",
        "title": "Thing",
        "gtin": "4006381333931",
        "price": {"value": "12.50", "currency": "EUR"},
        "marketingPrice": {"originalPrice": {"value": "15.00", "currency": "EUR"}},
        "condition": "New",
        "estimatedAvailabilities": [{"estimatedAvailabilityStatus": "LIMITED_STOCK"}],
    }
    walmart = {"itemId": 7, "name": "Thing", "salePrice": 12.5, "msrp": 15, "stock": "Available", "upc": "036000291452"}
    answers = {
        "/auth/o2/token": {"access_token": "lwa", "expires_in": 3600},
        "/identity/v1/oauth2/token": {"access_token": "app", "expires_in": 7200},
        "/batches/products/pricing/2022-05-01/items/competitiveSummary": {"responses": [{"body": body}]},
        "/buy/browse/v1/item/get_items": {"items": [ebay]},
        "/api-proxy/service/affil/product/v2/items": {"items": [walmart]},
        "/stock.json": {"data": [{"sku": "J1", "pricing": {"now": "12.50"}}]},
    }
    shop.answers = lambda request: answer(200, msgspec.json.encode(answers[request.path.partition("?")[0]]))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    base = shop.url("").rstrip("/")
    settings: dict[str, dict[str, Any]] = {
        "amazon": {"items": ["B01"], "marketplace": "A1PA6795UKMFR9"},
        "ebay": {"items": ["v1|1|0"], "marketplace": "EBAY_DE"},
        "walmart": {"items": ["7"]},
    }
    credentials = {
        "amazon": {"client_id": "c", "client_secret": "s", "refresh_token": "r"},
        "ebay": {"client_id": "c", "client_secret": "s"},
        "walmart": {"consumer_id": "c", "private_key": pem, "key_version": "1"},
    }
    for name, of_one in settings.items():
        source = await watch.source("api", {"connector": name, "url": base, **of_one}, credentials=credentials[name])
        assert await watch.turn(source) == "ok", await watch.fetches(source)
        assert await watch.turn(source) == "ok"
        (listing,) = await watch.listings(source)
        assert listing.offer is not None
        assert float(listing.offer.price or 0) == 12.5
        assert listing.external_id == {"walmart": "7"}.get(name, of_one["items"][0])
    paths = [each.path.partition("?")[0] for each in shop.requests]
    assert paths.count("/auth/o2/token") == paths.count("/identity/v1/oauth2/token") == 1
    tokens = {each.headers.get("x-amz-access-token") or each.headers.get("authorization") for each in shop.requests}
    assert {"lwa", "Bearer app"} <= tokens
    fields = {"id": "sku", "price": "pricing.now"}
    generic = {
        "connector": "json",
        "url": f"{base}/stock.json",
        "items_path": "data",
        "fields": fields,
        "header": "X-Key",
    }
    source = await watch.source("api", generic, currency="EUR", credentials={"value": "secret"})
    assert await watch.turn(source) == "ok"
    assert shop.requests[-1].headers["x-key"] == "secret"
    assert "/robots.txt" not in paths
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_sources SET credentials_key_id = 'lost' WHERE id = $1", source)
    assert await watch.turn(source) == "blocked"


async def test_what_nothing_matches_is_proposed_to_a_person(watch: Watch, shop: Receiver) -> None:
    word = f"quux{uuid4().hex[:8]}"
    right = await a_product(watch.database, f"{word} Olive Oil 500 ml")
    await a_product(watch.database, f"{word} Vinegar 750 ml")
    by_number = await a_product(watch.database, "Something else", ean="96385074")
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET is_match_due = false")
    rows = f"id,title,price,gtin\nA,{word} olive oil 2 x 500 ml,9 EUR,\nB,Nothing like it,9 EUR,\n".encode()
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, rows)
    source = await watch.source("feed", {"format": "csv", "url": shop.url("/f")})
    assert await watch.turn(source) == "ok"
    assert await propose_matches(watch.database, watch.reader) == 2
    assert await propose_matches(watch.database, watch.reader) == 0
    listings = {each.external_id: each for each in await watch.listings(source)}
    assert {name: each.match_state for name, each in listings.items()} == {"A": "proposed", "B": "unmatched"}
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_listings SET looked_at = now() - interval '2 days'")
    await sweep_competitors(watch.database, observation_days=30, fetch_days=30)
    assert await propose_matches(watch.database, watch.reader) > 0  # a day later, for products that are new
    assert {each.external_id: each for each in await watch.listings(source)} == listings
    best = listings["A"].proposals[0]
    assert (best.product_id, str(best.units)) == (right, "2")
    assert listings["A"].product_id is None
    # What was looked for in vain is looked for again when it is called otherwise, and then has a number.
    rows = b"id,title,price,gtin\nB,Nothing like it,9 EUR,96385074\n"
    assert await watch.turn(source) == "ok"
    assert {each.external_id: each.product_id for each in await watch.listings(source)} == {"A": None, "B": by_number}


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


async def test_the_sweep_keeps_what_counts_and_seals_anew(watch: Watch, shop: Receiver) -> None:
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, PAGE)
    source = await watch.source("page", {"url": shop.url("/p")})
    assert await watch.turn(source) == "ok"
    shop.answers = lambda _: answer(200, html(json_ld(product(offer(9)))).encode())
    assert await watch.turn(source) == "ok"
    async with watch.database.transaction() as connection:
        await connection.execute("UPDATE competitor_observations SET received_at = now() - interval '40 days'")
        await connection.execute("UPDATE competitor_fetches SET at = now() - interval '40 days'")
    await sweep_competitors(watch.database, observation_days=30, fetch_days=30)
    assert await watch.fetches(source) == []
    (listing,) = await watch.listings(source)
    async with watch.database.read() as connection:
        kept = await connection.fetch(
            "SELECT price::text FROM competitor_observations WHERE listing_id = $1", listing.id
        )
    assert [row["price"] for row in kept] == ["9.000000"]
    secret = {"value": "secret"}
    sealed = await watch.source(
        "api", {"connector": "json", "url": shop.url("/a"), "header": "X-Key"}, credentials=secret
    )
    newer = CredentialsSeal((Key("b", bytes(32)), *KEYS))
    await seal_anew(watch.database, newer)
    async with watch.database.read() as connection:
        row = await connection.fetchrow("SELECT * FROM competitor_sources WHERE id = $1", sealed)
    assert row is not None
    assert row["credentials_key_id"] == "b"
    assert newer.open(sealed, row["credentials"], "b") == secret
    with pytest.raises(CredentialsLost):  # what is another source's cannot be opened as one's own
        newer.open(source, row["credentials"], "b")
