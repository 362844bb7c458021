"""Erasing a customer: what goes, what stays, what is refused afterwards, and what happens meanwhile.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import jwt
import pytest

from quote_service.documents.exact_json import parse_json
from quote_service.quotes.answer.restore_quote import restore_quote
from tests.access.running import until
from tests.catalog.shop import problem
from tests.conftest import eventually
from tests.customers.people import CUSTOMERS, People, a_customer, draft_of, place_of
from tests.fixtures.service import Service
from tests.flash_sales.sales import Sales
from tests.quotes.lifecycle.shop import QUOTES, Shop

ADDRESS = {
    "city": "Şile",
    "country": "TR",
    "district": "Ağva",
    "street": "Deniz Sk. 7",
    "latitude": 41.1371,
    "longitude": 29.8553,
}
#: Sums by city and tier, of nobody.
FIGURES = {
    "analytics_quote_minutes",
    "analytics_quotes",
    "analytics_orders",
    "analytics_order_ranks",
    "analytics_quote_ranks",
}
#: Where the id stays, as the name of nobody: docs/decisions/erasure.md.
PSEUDONYM = {
    "customers",
    "audit_log",
    "coupon_usage",
    "flash_sale_customers",
    "flash_sale_purchases",
    # Of the order that a confirmed purchase is.
    "orders",
    "ledger_accounts",
    "ledger_transactions",
}
REFERENCE = 'order of "Ayşe\\Kaya",\n"external_ref":"x'


@pytest.fixture
def shop(checkout: httpx.Client, admin: httpx.Client) -> Shop:
    return Shop(checkout, admin)


@pytest.fixture
def sales(checkout: httpx.Client, admin: httpx.Client) -> Sales:
    return Sales(admin, checkout)


def tables_with(people: People, *needles: str) -> set[str]:
    """The tables in whose rows one of the texts stands; bytes are shown as hex."""
    spelled = [f"%{one}%" for text in needles for one in (text, text.encode().hex())]
    names = people.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {
        each["tablename"]
        for each in names
        if people.sql(f"SELECT 1 FROM {each['tablename']} AS t WHERE t::text ILIKE ANY ($1) LIMIT 1", spelled)
    }


def accepted_row(people: People, quote_id: str) -> dict[str, Any]:
    (row,) = people.sql("SELECT * FROM accepted_quotes WHERE quote_id = $1", quote_id)
    return row


def accepted_quote(shop: Shop, customer: str, **fields: Any) -> dict[str, Any]:
    quote = shop.quote(customer_id=customer, **fields)
    answer = shop.accept(quote["quote_id"], headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def erased(people: People, customer_id: str) -> None:
    answer = people.http.delete(f"{CUSTOMERS}/{customer_id}")
    assert (answer.status_code, answer.content) == (204, b"")


def test_nothing_that_tells_of_a_person_is_left_anywhere(people: People, shop: Shop, sales: Sales) -> None:
    segment = f"segment-{uuid4().hex}"
    draft = a_customer(segments=[segment], tier=f"tier-{uuid4().hex}")
    made = people.post(CUSTOMERS, draft, **{"Idempotency-Key": uuid4().hex}).json()["data"]
    moved = people.put(place_of(made), draft_of(made, email=f"new-{made['email']}")).json()["data"]
    city, reference = f"city-{uuid4().hex}", f"ref-{uuid4().hex}"
    coupon = shop.add_coupon(usage_limit_per_customer=5)
    accepted_quote(
        shop,
        made["id"],
        delivery_address={**ADDRESS, "city": city},
        external_ref=reference,
        coupon_codes=[coupon],
        customer_segments=[segment],
    )
    reserved = [shop.quote(customer_id=made["id"], coupon_codes=[coupon])["quote_id"] for _ in range(2)]
    for quote_id in reserved:
        assert shop.checkout.post(f"{QUOTES}/{quote_id}/reserve").status_code == 200
    assert shop.accept(reserved[0]).status_code == 200
    assert "reservations" in tables_with(people, made["id"])
    bought = sales.buy(sales.on_sale(), wait=5, customer_id=made["id"]).json()["data"]
    naming = (draft["email"], moved["email"], draft["external_ref"], reference)
    personal = (*naming, city)
    assert tables_with(people, *personal) - FIGURES == {"customers", "accepted_quotes", "idempotency_keys"}
    assert not tables_with(people, *naming, made["id"]) & FIGURES
    assert tables_with(people, made["id"]) > PSEUDONYM
    erased(people, made["id"])
    assert tables_with(people, *personal) <= FIGURES
    # The log says of tiers and segments what they were: they are no one's alone.
    assert tables_with(people, segment, draft["tier"]) - FIGURES == {"audit_log"}
    assert not tables_with(people, *naming, made["id"]) & FIGURES
    assert tables_with(people, made["id"]) == PSEUDONYM
    assert sales.purchase(bought["purchase_id"]) == bought
    (row,) = people.sql("SELECT * FROM customers WHERE id = $1", made["id"])
    assert (row["segments"], row["is_active"], row["version"]) == ([], False, 3)


def test_lines_amounts_and_proofs_stay(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    named = accepted_quote(shop, customer, delivery_address=ADDRESS, external_ref=REFERENCE)
    nameless = accepted_quote(shop, customer, delivery_address=ADDRESS)
    before = {data["quote_id"]: accepted_row(people, data["quote_id"]) for data in (named, nameless)}
    lines = "SELECT * FROM accepted_quote_lines WHERE quote_id = ANY ($1) ORDER BY quote_id"
    sold = people.sql(lines, list(before))
    erased(people, customer)
    assert people.sql(lines, list(before)) == sold
    keys = shop.checkout.get("/.well-known/jwks.json").json()["keys"]
    for data in (named, nameless):
        was, row = before[data["quote_id"]], accepted_row(people, data["quote_id"])
        gone = {"customer_id": None, "external_ref": None, "request": None}
        assert {**row, "data": was["data"]} == {**was, **gone}
        assert json.loads(row["data"]) == {**json.loads(was["data"]), "external_ref": None}
        key = jwt.PyJWK(next(each for each in keys if each["kid"] == jwt.get_unverified_header(row["receipt"])["kid"]))
        claims = jwt.decode(row["receipt"], key, algorithms=["EdDSA"], issuer="quote-service")
        assert claims["quote_id"] == data["quote_id"]
        if data is nameless:
            signed = restore_quote(parse_json(row["data"])).signed
            assert claims["data_sha256"] == hashlib.sha256(signed).hexdigest()
        # To the byte but for the reference; where there was none, the receipt's hash is still that of what is kept.
        reference = json.dumps(REFERENCE, ensure_ascii=False) if data is named else "null"
        assert (
            row["data"].decode().replace('"external_ref":null', f'"external_ref":{reference}', 1).encode()
            == was["data"]
        )
        again = shop.accept(data["quote_id"]).json()["data"]
        assert (again["receipt"], again["total_amount"]) == (data["receipt"], data["total_amount"])
        assert again["external_ref"] is None
    verified = shop.checkout.post(
        f"{QUOTES}/verify", json=json.loads(accepted_row(people, nameless["quote_id"])["data"])
    )
    assert verified.json()["data"]["valid"]


def test_the_id_is_gone_for_good(people: People, shop: Shop) -> None:
    customer = people.customer()
    place = place_of(customer)
    for _ in range(2):
        erased(people, customer["id"])
        assert problem(people.http.get(place)) == (404, "customer-erased")
        assert problem(people.put(place, a_customer())) == (404, "customer-erased")
        assert problem(people.http.get(f"{place}/export")) == (404, "customer-erased")
        assert problem(people.post(CUSTOMERS, a_customer(id=customer["id"]))) == (409, "customer-erased")
    assert people.listed(CUSTOMERS, email=customer["email"]) == []
    assert people.listed(CUSTOMERS, is_active="false", updated_after=customer["updated_at"]) == []
    actions = [row["action"] for row in people.audited(customer["id"])]
    assert actions == ["customer.create", "customer.erase"]
    with pytest.raises(asyncpg.PostgresError, match="never changes"):
        people.sql("UPDATE customers SET email = 'a@example.com' WHERE id = $1", customer["id"])
    # Address and reference are free for others, and whoever quotes with the id is a stranger.
    other = people.customer(email=customer["email"], external_ref=customer["external_ref"])
    assert people.listed(CUSTOMERS, email=customer["email"]) == [other]
    assert shop.quote(customer_id=customer["id"])["total_amount"] == 51


def test_a_late_repeat_creates_nobody_again(people: People) -> None:
    draft, key = a_customer(), {"Idempotency-Key": uuid4().hex}
    made = people.post(CUSTOMERS, draft, **key).json()["data"]
    erased(people, made["id"])
    assert problem(people.post(CUSTOMERS, draft, **key)) == (422, "idempotency-key-reused")
    assert people.listed(CUSTOMERS, email=draft["email"]) == []


def test_whoever_has_no_record_is_erased_too(people: People, shop: Shop) -> None:
    stranger, nobody = str(uuid4()), str(uuid4())
    quote_id = accepted_quote(shop, stranger, delivery_address=ADDRESS, external_ref=REFERENCE)["quote_id"]
    assert problem(people.http.delete(f"{CUSTOMERS}/{nobody}")) == (404, "not-found")
    erased(people, stranger)
    row = accepted_row(people, quote_id)
    assert (row["customer_id"], row["external_ref"], row["request"]) == (None, None, None)
    assert problem(people.post(CUSTOMERS, a_customer(id=stranger))) == (409, "customer-erased")
    assert people.customer(id=nobody)["id"] == nobody


def test_a_version_that_is_past_erases_nobody(people: People, shop: Shop) -> None:
    customer = people.customer()
    quote_id = accepted_quote(shop, customer["id"])["quote_id"]
    people.put(place_of(customer), draft_of(customer, tier="silver"))
    stale = people.http.delete(place_of(customer), headers={"If-Match": f'"{customer["id"]}.1"'})
    assert stale.status_code == 412
    assert people.shown(place_of(customer))["tier"] == "silver"
    assert str(accepted_row(people, quote_id)["customer_id"]) == customer["id"]
    current = people.http.delete(place_of(customer), headers={"If-Match": f'"{customer["id"]}.2"'})
    assert current.status_code == 204


def test_what_is_accepted_afterwards_is_accepted_for_nobody(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    coupon = shop.add_coupon(usage_limit_per_customer=5)
    issued = shop.quote(customer_id=customer, delivery_address=ADDRESS, external_ref=REFERENCE, coupon_codes=[coupon])
    erased(people, customer)
    assert shop.accept(issued["quote_id"]).status_code == 200
    row = accepted_row(people, issued["quote_id"])
    assert (row["customer_id"], row["external_ref"], row["request"]) == (None, None, None)
    assert json.loads(row["data"])["external_ref"] is None
    assert people.sql("SELECT customer_id FROM coupon_uses WHERE quote_id = $1", issued["quote_id"]) == [
        {"customer_id": None}
    ]


def test_of_quotes_accepted_at_that_moment_none_keeps_the_customer(people: People, shop: Shop) -> None:
    for _ in range(3):
        customer = people.customer()["id"]
        issued = [
            shop.quote(customer_id=customer, delivery_address=ADDRESS, external_ref=f"cart {place}")
            for place in range(16)
        ]
        with ThreadPoolExecutor(9) as pool:
            accepting = [pool.submit(shop.accept, quote["quote_id"]) for quote in issued[:8]]
            erasing = pool.submit(people.http.delete, f"{CUSTOMERS}/{customer}")
            accepting += [pool.submit(shop.accept, quote["quote_id"]) for quote in issued[8:]]
            quoting = [pool.submit(shop.quote, customer_id=customer) for _ in range(8)]
        assert erasing.result().status_code == 204
        assert {answer.result().status_code for answer in accepting} == {200}
        assert {answer.result()["total_amount"] for answer in quoting} == {51}
        ids = [quote["quote_id"] for quote in issued]
        kept = people.sql(
            "SELECT quote_id FROM accepted_quotes WHERE quote_id = ANY ($1) AND num_nonnulls(customer_id, external_ref, request) > 0",
            ids,
        )
        assert kept == []
        assert tables_with(people, customer) <= PSEUDONYM


def test_of_two_who_erase_at_once_both_have(people: People, shop: Shop) -> None:
    customer = people.customer()
    accepted_quote(shop, customer["id"])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(people.http.delete, [place_of(customer)] * 4))
    assert {answer.status_code for answer in answers} == {204}
    assert [row["action"] for row in people.audited(customer["id"])] == ["customer.create", "customer.erase"]


def test_accepted_quotes_change_in_no_other_way(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    first, second = (accepted_quote(shop, customer, external_ref="cart 7")["quote_id"] for _ in range(2))
    changes = (
        "customer_id = NULL",
        "customer_id = NULL, total_minor = 0",
        "external_ref = NULL",
        "data = without_external_ref(data)",
        "request = NULL",
        "total_minor = 0",
        "customer_id = customer_id",
    )
    for change in changes:
        with pytest.raises(asyncpg.PostgresError, match="never changed"):
            people.sql(f"UPDATE accepted_quotes SET {change} WHERE quote_id = $1", first)
    erased(people, customer)
    for change in (*changes, "customer_id = gen_random_uuid()"):
        with pytest.raises(asyncpg.PostgresError, match="never changed"):
            people.sql(f"UPDATE accepted_quotes SET {change} WHERE quote_id = $1", second)


@pytest.fixture
def shopper(people: People, service: Service) -> Iterator[tuple[str, httpx.Client, dict[str, str]]]:
    """The id, a client and the credentials of a shopper who is logged in."""
    draft = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery", "role": "user"}
    user = people.post("/api/v1/users", draft, **{"Idempotency-Key": uuid4().hex}).json()["data"]
    given = {"email": draft["email"], "password": draft["password"]}
    with service.anonymous() as client:
        token = client.post("/api/v1/auth/login", json=given).json()["data"]["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield user["id"], client, given


def test_a_shoppers_login_goes_too(
    people: People, shop: Shop, shopper: tuple[str, httpx.Client, dict[str, str]]
) -> None:
    shopper_id, client, given = shopper
    people.customer(id=shopper_id)
    issued = shop.quote(customer_id=shopper_id)
    assert client.post(f"{QUOTES}/{issued['quote_id']}/accept").status_code == 200
    assert accepted_row(people, issued["quote_id"])["accepted_by"] == shopper_id
    erased(people, shopper_id)
    until(lambda: client.get("/api/v1/auth/me").status_code == 401, "the token has ended")
    assert client.post("/api/v1/auth/login", json=given, headers={"Authorization": ""}).status_code in (400, 401)
    assert tables_with(people, given["email"]) == set()
    assert accepted_row(people, issued["quote_id"])["accepted_by"] == "erased"
    assert tables_with(people, shopper_id) == {"customers", "users", "refresh_families", "audit_log"}
    user = people.shown(f"/api/v1/users/{shopper_id}")
    assert (user["is_active"], user["last_login_at"]) == (False, None)
    actions = [row["action"] for row in people.audited(shopper_id)]
    assert sorted(actions) == ["customer.create", "customer.erase", "session.start", "user.create", "user.erase"]


def test_a_login_without_a_record_is_enough_to_be_erased(
    people: People, shopper: tuple[str, httpx.Client, dict[str, str]]
) -> None:
    shopper_id, _, given = shopper
    erased(people, shopper_id)
    erased(people, shopper_id)
    assert tables_with(people, given["email"]) == set()


def test_who_works_for_the_shop_keeps_the_login(people: People) -> None:
    draft = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery", "role": "analyst"}
    user = people.made("/api/v1/users", draft)
    assert problem(people.http.delete(f"{CUSTOMERS}/{user['id']}")) == (404, "not-found")
    people.customer(id=user["id"])
    erased(people, user["id"])
    assert people.shown(f"/api/v1/users/{user['id']}") == user


def test_hundreds_of_quotes_are_forgotten_at_once(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    quote_id = accepted_quote(shop, customer, external_ref="cart 7")["quote_id"]
    people.sql(
        """
        INSERT INTO accepted_quotes
        SELECT (jsonb_populate_record(quote, jsonb_build_object('quote_id', gen_random_uuid()))).*
        FROM accepted_quotes AS quote, generate_series(1, 1200) WHERE quote_id = $1
        """,
        quote_id,
    )
    assert len(people.sql("SELECT 1 FROM accepted_quotes WHERE customer_id = $1", customer)) == 1201
    erased(people, customer)
    assert people.sql("SELECT 1 FROM accepted_quotes WHERE customer_id = $1", customer) == []


def test_an_erasure_waits_for_a_quote_that_is_being_accepted(people: People, shop: Shop) -> None:
    customer = people.customer()["id"]
    quote_id = accepted_quote(shop, customer, external_ref="cart 7")["quote_id"]
    copied = """
        INSERT INTO accepted_quotes
        SELECT (jsonb_populate_record(quote, jsonb_build_object('quote_id', gen_random_uuid()))).*
        FROM accepted_quotes AS quote WHERE quote_id = $1 RETURNING quote_id::text
    """
    waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async def accept_and_erase() -> tuple[str, int]:
        accepting = await asyncpg.connect(people.database_url)
        watching = await asyncpg.connect(people.database_url)
        try:
            async with accepting.transaction():
                accepted = await accepting.fetchval(copied, quote_id)
                erasing = asyncio.create_task(asyncio.to_thread(people.http.delete, f"{CUSTOMERS}/{customer}"))

                async def has_come_to_it() -> bool:
                    return erasing.done() or bool(await watching.fetch(waiting))

                await eventually(has_come_to_it, "the erasure waits")
                assert not erasing.done(), "it did not wait"
            return accepted, (await erasing).status_code
        finally:
            await accepting.close()
            await watching.close()

    accepted, status = asyncio.run(accept_and_erase())
    assert status == 204
    row = accepted_row(people, accepted)
    assert (row["customer_id"], row["external_ref"], row["request"]) == (None, None, None)
