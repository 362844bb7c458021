"""Erasing a customer: what goes, what stays, and what is refused afterwards.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

import asyncpg
import jwt
import pytest

from quote_service.platform.documents.exact_json import parse_json
from quote_service.quotes.answer.restore_quote import restore_quote
from tests.catalog.shop import problem
from tests.customers.erasing import (
    ADDRESS,
    FIGURES,
    PSEUDONYM,
    REFERENCE,
    accepted_quote,
    accepted_row,
    erased,
    tables_with,
)
from tests.customers.people import CUSTOMERS, People, a_customer, draft_of, place_of
from tests.flash_sales.sales import Sales
from tests.quotes.lifecycle.shop import QUOTES, Shop


@pytest.mark.long("every table, key and stream is searched for a person")
def test_nothing_that_shows_of_a_person_is_left_anywhere(people: People, shop: Shop, sales: Sales) -> None:
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
