"""Feeds are fetched or uploaded, and marketplaces asked by their APIs; all against a shop on loopback.

Source: docs/spec/competitors.md#feeds; docs/spec/competitors.md#apis.
"""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quote_service.intelligence.competitors.operations.read_uploads import read_upload
from quote_service.intelligence.competitors.operations.write_source import receive_upload
from tests.competitors.watching import Watch
from tests.webhooks.receiver import Receiver, answer


async def test_a_feed_is_fetched_and_another_uploaded(watch: Watch, shop: Receiver) -> None:
    feed = b"id,title,price,availability\nA,Thing,12.50 EUR,in stock\nB,Other,3.00 EUR,7\nC,Wrong,,\n"
    shop.answers = lambda request: answer(404) if request.path == "/robots.txt" else answer(200, feed)
    source = await watch.source("feed", {"format": "csv", "url": shop.url("/feed.csv")})
    assert await watch.turn(source) == "ok"
    assert {each.external_id for each in await watch.listings(source)} == {"A", "B"}
    (fetch,) = await watch.fetches(source)
    assert (fetch.offers, fetch.detail) == (2, "1 row refused: row 4: there is no price")
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
