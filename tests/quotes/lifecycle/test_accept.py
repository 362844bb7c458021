"""A checkout commits to a quote. Source: docs/spec/quotes.md#accept-a-quote."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import jwt

from quote_service.platform.documents.exact_json import parse_json
from quote_service.quotes.answer.restore_quote import restore_quote
from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, code_of, pointers, until


def rows(service: Service, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(service.database_url)
        try:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(read())


def test_the_answer_is_the_quote_as_issued_with_a_receipt(shop: Shop) -> None:
    answer = shop.checkout.post(QUOTE, json=shop.basket(external_ref="cart 7"))
    issued = answer.content[answer.content.index(b'"data":') + 7 : answer.content.rindex(b',"processing_time_ms"')]
    accepted = shop.accept(answer.json()["data"]["quote_id"], headers={"Idempotency-Key": uuid4().hex})
    assert accepted.status_code == 200, accepted.text
    assert issued[:-1] in accepted.content
    data = accepted.json()["data"]
    assert {**json.loads(issued), "accepted_at": data["accepted_at"], "receipt": data["receipt"]} == data


def test_it_is_in_the_database_with_all_that_a_ledger_needs(shop: Shop, service: Service) -> None:
    shop.add_rate(10)
    until(lambda: shop.quote()["commission_breakdown"]["total_commission"] == 5.1, "the rate counts")
    quote = shop.quote(external_ref="é")
    data = shop.accept(quote["quote_id"]).json()["data"]
    (row,) = rows(service, "SELECT * FROM accepted_quotes WHERE quote_id = $1", quote["quote_id"])
    assert (row["external_ref"], row["currency"]) == ("é", "TRY")
    assert (row["subtotal_minor"], row["total_minor"], row["seller_commission_minor"]) == (5100, 5100, 510)
    assert json.loads(row["payouts"]) == [
        {
            "seller_id": shop.seller,
            "item_total_minor": 5100,
            "seller_discount_minor": 0,
            "commission_minor": 510,
            "payout_minor": 4590,
        }
    ]
    assert json.loads(row["data"])["signature"] == quote["signature"]
    assert json.loads(row["request"])["seller_id"] == shop.seller
    assert row["rulebook_version"] > 0
    assert row["receipt"] == data["receipt"]


def test_a_second_accept_is_the_same_answer(shop: Shop) -> None:
    quote_id, key = shop.quote()["quote_id"], uuid4().hex
    first = shop.accept(quote_id, headers={"Idempotency-Key": key})
    again = shop.accept(quote_id, headers={"Idempotency-Key": key})
    assert again.headers["idempotent-replayed"] == "true"
    others = [shop.accept(quote_id), shop.accept(quote_id, headers={"Idempotency-Key": uuid4().hex})]
    assert {first.content} == {answer.content for answer in (again, *others)}
    other_quote = shop.quote()["quote_id"]
    assert shop.accept(other_quote, headers={"Idempotency-Key": key}).status_code == 422


def test_concurrent_accepts_of_one_quote_are_one(shop: Shop, service: Service) -> None:
    quote_id = shop.quote(coupon_codes=[shop.add_coupon(usage_limit=1)])["quote_id"]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: shop.accept(quote_id), range(60)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(rows(service, "SELECT 1 FROM coupon_uses WHERE quote_id = $1", quote_id)) == 1


def test_a_quote_that_never_was_is_unknown(shop: Shop) -> None:
    for quote_id in (str(uuid4()), shop.quote()["quote_id"][:-4] + "ffff"):
        answer = shop.accept(quote_id)
        assert (answer.status_code, code_of(answer)) == (404, "quote-unknown")
    long_ago = shop.accept("01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b11")
    assert (long_ago.status_code, code_of(long_ago)) == (409, "quote-expired")


def test_the_data_may_come_along(shop: Shop) -> None:
    quote = shop.quote(external_ref="a")
    for body in ({"data": quote}, quote, {}, {"data": quote, "customer_id": None}):
        assert shop.accept(quote["quote_id"], json=body).status_code == 200
    fresh = shop.quote()
    assert shop.accept(fresh["quote_id"], json={"data": fresh}).status_code == 200


def test_data_that_does_not_hold_is_refused(shop: Shop) -> None:
    quote, other = shop.quote(), shop.quote()
    path = quote["quote_id"]
    assert pointers(shop.accept(path, json={"data": {**quote, "total_amount": 1}})) == ["/data/signature"]
    assert pointers(shop.accept(path, json={**quote, "total_amount": 1})) == ["/signature"]
    assert pointers(shop.accept(path, json={"data": other})) == ["/data/quote_id"]
    assert pointers(shop.accept(path, json={"data": {"quote_id": path}})) == ["/data/signature"]
    assert pointers(shop.accept(path, json={"date": quote})) == ["/date"]
    assert pointers(shop.accept(path, json=[])) == [""]
    assert pointers(shop.accept(path, json={"customer_id": "x"})) == ["/customer_id"]
    assert pointers(shop.accept(path, json={"customer_id": str(uuid4())})) == ["/customer_id"]
    assert shop.accept(path, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_the_receipt_holds_with_the_published_keys(shop: Shop, service: Service, anonymous: httpx.Client) -> None:
    code = shop.add_coupon()
    quote = shop.quote(coupon_codes=[code])
    data = shop.accept(quote["quote_id"]).json()["data"]
    published = anonymous.get("/.well-known/jwks.json")
    assert published.headers["cache-control"] == "public, max-age=300"
    keys = jwt.PyJWKSet.from_dict(published.json())
    header = jwt.get_unverified_header(data["receipt"])
    assert (header["alg"], header["typ"]) == ("EdDSA", "quote-receipt+jwt")
    claims = jwt.decode(data["receipt"], keys[header["kid"]], algorithms=["EdDSA"], issuer="quote-service")
    signed = restore_quote(parse_json(json.dumps(quote).encode())).signed
    shown = re.sub(rb',"commission_breakdown":.*(?=,"pricing_breakdown":)|,"platform_funded":[0-9.]+', b"", signed)
    assert claims == {
        "iss": "quote-service",
        "iat": claims["iat"],
        "quote_id": quote["quote_id"],
        "total_amount": quote["total_amount"],
        "currency": "TRY",
        "coupons": [code],
        "accepted_at": data["accepted_at"],
        "data_sha256": hashlib.sha256(signed).hexdigest(),
        "shopper_data_sha256": hashlib.sha256(shown).hexdigest(),
    }
    assert all(set(key) == {"kid", "x", "kty", "crv", "alg", "use"} for key in published.json()["keys"])


def test_another_shoppers_quote_does_not_exist(shop: Shop, service: Service, admin: httpx.Client) -> None:
    email, password = f"{uuid4()}@example.com", "correct horse battery staple"
    made = admin.post("/api/v1/users", json={"email": email, "password": password, "role": "user"})
    assert made.status_code == 201, made.text
    session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": password})
    shopper = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    theirs = shop.quote()
    own = shop.quote(customer_id=made.json()["data"]["id"])
    with httpx.Client(base_url=service.url, headers=shopper, timeout=30) as http:
        for body in (None, {"data": theirs}):
            refused = http.post(f"{QUOTES}/{theirs['quote_id']}/accept", json=body)
            assert (refused.status_code, code_of(refused)) == (404, "quote-unknown")
        assert http.get(f"{QUOTES}/{theirs['quote_id']}/explain").status_code == 404
        assert shop.accept(theirs["quote_id"]).status_code == 200
        assert http.post(f"{QUOTES}/{theirs['quote_id']}/accept").status_code == 404
        assert http.post(f"{QUOTES}/{own['quote_id']}/accept").status_code == 200
        assert http.get(f"{QUOTES}/{own['quote_id']}/explain").status_code == 200
