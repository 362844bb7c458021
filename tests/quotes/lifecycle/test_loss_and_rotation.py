"""Prices are honoured through lost caches, ended quotes and rotated keys.

Source: docs/spec/quotes.md#accept-a-quote; docs/spec/quotes.md#signature.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.settings import Key
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.quotes.lifecycle.conftest import StartWorker, shop_at
from tests.quotes.lifecycle.shop import QUOTES, Shop, code_of, pointers, until

ONE, TWO = Key("one", b"1" * 32), Key("two", b"2" * 32)


@pytest.fixture
def own_valkey(server_folder: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(server_folder / "valkey-of-losses", append_only=False) as server:
        yield server


def forget_everything(server: ValkeyServer) -> None:
    with redis.Redis.from_url(server.url) as client:
        client.flushall()


def test_a_signature_is_enough_where_redis_has_lost_the_quote(
    start_worker: StartWorker, own_valkey: ValkeyServer
) -> None:
    issuer = shop_at(start_worker(redis_url=own_valkey.url))
    other = shop_at(start_worker(redis_url=own_valkey.url))
    quote, second = issuer.quote(), issuer.quote()
    forget_everything(own_valkey)
    lost = other.accept(quote["quote_id"])
    assert (lost.status_code, code_of(lost)) == (404, "quote-unknown")
    assert pointers(other.accept(quote["quote_id"], json={"data": {**quote, "subtotal": 1}})) == ["/data/signature"]
    accepted = other.accept(quote["quote_id"], json={"data": quote})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["data"]["total_amount"] == quote["total_amount"]
    assert issuer.accept(quote["quote_id"]).content == accepted.content

    own_valkey.stop()
    away = other.accept(second["quote_id"])
    assert (away.status_code, code_of(away)) == (503, "dependency-unavailable")
    assert other.accept(second["quote_id"], json=second).status_code == 200
    assert other.accept(second["quote_id"]).status_code == 200


def test_an_accepted_quote_can_be_explained_after_the_loss(start_worker: StartWorker, own_valkey: ValkeyServer) -> None:
    issuer = shop_at(start_worker(redis_url=own_valkey.url))
    other = shop_at(start_worker(redis_url=own_valkey.url))
    issuer.applied(issuer.add_rule("TAX", {"rate": 18}))
    kept, brought = issuer.quote(), issuer.quote()
    assert issuer.accept(kept["quote_id"]).status_code == 200
    forget_everything(own_valkey)
    assert other.accept(brought["quote_id"], json=brought).status_code == 200
    explained = other.explain(kept["quote_id"])
    assert (explained["is_recomputed"], explained["agrees"], explained["differences"]) == (True, True, [])
    assert [rule["reason"] for rule in explained["rules"]] == ["applied"]
    bare = other.explain(brought["quote_id"])
    assert (bare["is_recomputed"], bare["agrees"]) == (False, None)
    assert "accepted by its signature alone" in bare["detail"]
    assert bare["calculations"] == brought["pricing_breakdown"]["calculations"]


def test_a_lost_quote_with_a_coupon_needs_its_customer(start_worker: StartWorker, own_valkey: ValkeyServer) -> None:
    issuer = shop_at(start_worker(redis_url=own_valkey.url))
    other = shop_at(start_worker(redis_url=own_valkey.url))
    code = issuer.add_coupon(usage_limit_per_customer=1)
    customer = issuer.basket()["customer_id"]
    quotes = [issuer.quote(customer_id=customer, coupon_codes=[code]) for _ in range(2)]
    forget_everything(own_valkey)
    path, body = quotes[0]["quote_id"], {"data": quotes[0]}
    assert pointers(other.accept(path, json=body)) == ["/customer_id"]
    assert other.accept(path, json={**body, "customer_id": customer.upper()}).status_code == 200
    again = other.accept(quotes[1]["quote_id"], json={"data": quotes[1], "customer_id": customer})
    assert (again.status_code, code_of(again)) == (409, "coupon-exhausted")


def test_an_ended_quote_is_a_conflict_unless_it_was_accepted(start_worker: StartWorker) -> None:
    shop = shop_at(start_worker(quote_ttl_seconds=2))
    accepted, ended = shop.quote(), shop.quote()
    first = shop.accept(accepted["quote_id"])
    assert first.status_code == 200
    until(lambda: shop.checkout.get(f"{QUOTES}/{ended['quote_id']}").status_code == 404, "the quote has ended")
    for body in (None, {"data": ended}):
        refused = shop.accept(ended["quote_id"], json=body)
        assert (refused.status_code, code_of(refused)) == (409, "quote-expired")
    assert shop.accept(accepted["quote_id"]).content == first.content
    verified = shop.checkout.post(f"{QUOTES}/verify", json={"data": ended})
    assert verified.json()["data"]["valid"] is True


def test_keys_rotate_without_breaking_what_was_issued(start_worker: StartWorker) -> None:
    before = shop_at(start_worker())
    quote = before.quote()
    receipt = before.accept(quote["quote_id"]).json()["data"]["receipt"]
    rotated = shop_at(start_worker(signing_keys=(TWO, ONE), receipt_keys=(TWO, ONE)))
    fresh = rotated.quote()
    assert (quote["signature"][:4], fresh["signature"][:4]) == ("one.", "two.")

    def valid(shop: Shop, data: object) -> bool:
        return bool(shop.checkout.post(f"{QUOTES}/verify", json={"data": data}).json()["data"]["valid"])

    assert valid(rotated, quote)
    assert valid(rotated, fresh)
    assert not valid(before, fresh)
    dropped = shop_at(start_worker(signing_keys=(TWO,), receipt_keys=(TWO,)))
    assert not valid(dropped, quote)
    assert valid(dropped, fresh)
    # A receipt is for good: who accepts again gets the one that the old key signed.
    assert dropped.accept(quote["quote_id"]).json()["data"]["receipt"] == receipt
    keys = rotated.checkout.get("/.well-known/jwks.json").json()["keys"]
    assert [key["kid"] for key in keys] == ["two", "one"]


def test_without_postgresql_nothing_is_accepted(start_worker: StartWorker, server_folder: Path) -> None:
    """What is answered is durable, so there is no answer while it cannot be; then the very same quote is accepted."""
    server = postgres_server_in(server_folder / "postgres-of-losses")
    server.start()
    try:
        asyncio.run(migrate(server.url))
        shop = shop_at(start_worker(database_url=server.url))
        quote = shop.quote()
        server.stop()
        away = shop.accept(quote["quote_id"])
        assert (away.status_code, code_of(away)) == (503, "dependency-unavailable")
        assert int(away.headers["retry-after"]) >= 1
        assert shop.checkout.get(f"{QUOTES}/{quote['quote_id']}/explain").status_code == 503
        assert shop.checkout.post(f"{QUOTES}/verify", json=quote).json()["data"]["valid"] is True
        server.start()
        until(lambda: shop.accept(quote["quote_id"]).status_code == 200, "it is accepted")
    finally:
        server.discard()
