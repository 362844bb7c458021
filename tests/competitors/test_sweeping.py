"""What is old is swept away but for what counts, and credentials are sealed again.

Source: docs/spec/competitors.md#observations; docs/spec/competitors.md#credentials.
"""

from __future__ import annotations

import pytest

from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsLost, CredentialsSeal
from quote_service.intelligence.competitors.operations.sweep_competitors import reseal, sweep_competitors
from quote_service.platform.settings import Key
from tests.competitors.pages import html, json_ld, offer, product
from tests.competitors.watching import KEYS, Watch
from tests.webhooks.receiver import Receiver, answer

PAGE = html(json_ld(product(offer("12.50"), name="Thing"))).encode()


async def test_the_sweep_keeps_what_counts_and_seals_again(watch: Watch, shop: Receiver) -> None:
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
    await reseal(watch.database, newer)
    async with watch.database.read() as connection:
        row = await connection.fetchrow("SELECT * FROM competitor_sources WHERE id = $1", sealed)
    assert row is not None
    assert row["credentials_key_id"] == "b"
    assert newer.open(sealed, row["credentials"], "b") == secret
    with pytest.raises(CredentialsLost):  # what is another source's cannot be opened as one's own
        newer.open(source, row["credentials"], "b")
