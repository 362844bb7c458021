"""Customers over HTTP: created, found, replaced; what is refused; what the audit log keeps.

Source: docs/spec/customers.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.pricing.basket import SEGMENTS_MAX
from tests.catalog.shop import pointers, problem
from tests.customers.people import CUSTOMERS, People, a_customer, draft_of, place_of
from tests.fixtures.service import Service


def test_a_customer_is_made_found_and_replaced(people: People) -> None:
    draft, key = a_customer(), {"Idempotency-Key": uuid4().hex}
    made = people.post(CUSTOMERS, draft, **key)
    again = people.post(CUSTOMERS, draft, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    customer, place = made.json()["data"], made.headers["location"]
    assert {name: customer[name] for name in draft} == draft
    assert (customer["is_active"], customer["version"], customer["id"][14]) == (True, 1, "7")
    assert people.shown(place) == customer
    changed = people.put(place, draft_of(customer, tier=None), **{"If-Match": made.headers["etag"]})
    assert (changed.json()["data"]["tier"], changed.json()["data"]["version"]) == (None, 2)
    assert people.put(place, draft, **{"If-Match": made.headers["etag"]}).status_code == 412
    # The same again is no new version, however it is written.
    spelled = draft_of(changed.json()["data"], email=f"  {draft['email'].upper()} ", segments=["vip", "vip"])
    assert people.put(place, spelled).headers["etag"] == changed.headers["etag"]
    assert [row["action"] for row in people.audited(customer["id"])] == ["customer.create", "customer.replace"]


def test_the_id_may_be_given_once(people: People) -> None:
    given = str(uuid4())
    assert people.customer(id=given)["id"] == given
    assert problem(people.post(CUSTOMERS, a_customer(id=given))) == (409, "conflict")
    assert pointers(people.post(CUSTOMERS, a_customer(id="7"))) == ["/id"]
    assert people.put(f"{CUSTOMERS}/{given}", a_customer(id=given)).status_code == 200
    assert pointers(people.put(f"{CUSTOMERS}/{given}", a_customer(id=str(uuid4())))) == ["/id"]


def test_addresses_and_references_are_unique_where_they_are_given(people: People) -> None:
    customer = people.customer()
    for fields in ({"external_ref": customer["external_ref"]}, {"email": customer["email"].upper()}):
        refused = people.post(CUSTOMERS, a_customer(**fields))
        assert problem(refused) == (409, "name-taken")
        assert customer["email"] not in refused.text
        other = people.customer()
        assert problem(people.put(place_of(other), draft_of(other, **fields))) == (409, "name-taken")
        assert people.shown(place_of(other)) == other
    for _ in range(2):
        nobody = people.made(CUSTOMERS, {})
        assert (nobody["email"], nobody["external_ref"], nobody["tier"], nobody["segments"]) == (None, None, None, [])


def test_an_address_written_by_another_program_is_unique_in_any_case_too(people: People) -> None:
    address = f"{uuid4().hex}@example.com"
    written = f"INSERT INTO customers (id, email, created_by, created_at, changed_by, updated_at) VALUES ($1, '{address.upper()}', 'erp', now(), 'erp', now())"
    people.sql(written, uuid4())
    assert problem(people.post(CUSTOMERS, a_customer(email=address))) == (409, "name-taken")
    assert [row["email"] for row in people.listed(CUSTOMERS, email=address)] == [address.upper()]


def test_of_two_who_come_with_one_address_at_once_one_gets_it(people: People) -> None:
    for _ in range(5):
        address = f"{uuid4().hex}@example.com"

        def create(spelled: str) -> httpx.Response:
            return people.post(CUSTOMERS, a_customer(email=spelled))

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(create, [address, address.upper()]))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert len(people.listed(CUSTOMERS, email=address)) == 1


def test_of_two_who_have_seen_one_version_one_writes(people: People) -> None:
    customer = people.customer()
    for version in range(1, 6):
        tag = f'"{customer["id"]}.{version}"'

        def write(side: str, version: int = version, tag: str = tag) -> httpx.Response:
            draft = draft_of(customer, tier=f"{side} {version}")
            return people.put(place_of(customer), draft, **{"If-Match": tag})

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(write, ["left", "right"]))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        assert people.shown(place_of(customer))["version"] == version + 1


def test_lists_are_filtered_and_paged(people: People) -> None:
    tier, segment = f"tier {uuid4().hex}", f"segment {uuid4().hex}"
    made = [people.customer(tier=tier, segments=[segment] if place % 2 else []) for place in range(5)]
    by_id = sorted(made, key=lambda row: row["id"])
    assert people.listed(CUSTOMERS, tier=tier, limit=2) == by_id
    assert people.listed(CUSTOMERS, segment=segment) == [row for row in by_id if row["segments"]]
    assert people.listed(CUSTOMERS, tier=tier, is_active="false") == []
    first = made[0]
    assert people.listed(CUSTOMERS, external_ref=first["external_ref"]) == [first]
    assert people.listed(CUSTOMERS, email=first["email"].upper()) == [first]
    changed = people.put(place_of(first), draft_of(first, is_active=False)).json()["data"]
    since = made[-1]["updated_at"]
    assert people.listed(CUSTOMERS, updated_after=since, tier=tier, limit=1) == [changed]
    assert people.listed(CUSTOMERS, tier=tier, is_active="false") == [changed]
    by_update = [*made[1:], changed]
    assert people.listed(CUSTOMERS, updated_after=first["created_at"], tier=tier, limit=2) == by_update
    cursor = people.http.get(CUSTOMERS, params={"tier": tier, "limit": 1}).json()["next_cursor"]
    mixed = people.http.get(CUSTOMERS, params={"cursor": cursor, "updated_after": since})
    assert pointers(mixed) == ["/query/cursor"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a b@example.com"}, "/email"),
        ({"email": f"{'a' * 65}@example.com"}, "/email"),
        ({"email": f"a@{'b' * 260}"}, "/email"),
        ({"email": "a\x00@example.com"}, "/email"),
        ({"external_ref": ""}, "/external_ref"),
        ({"external_ref": "x" * 201}, "/external_ref"),
        ({"external_ref": "x\x00"}, "/external_ref"),
        ({"tier": ""}, "/tier"),
        ({"tier": " "}, "/tier"),
        ({"tier": "x" * 201}, "/tier"),
        ({"tier": "\ud800"}, "/tier"),
        ({"segments": ["x" * 201]}, "/segments/0"),
        ({"segments": ["a", "\x00"]}, "/segments/1"),
        ({"segments": [str(each) for each in range(SEGMENTS_MAX + 1)]}, "/segments"),
        ({"segments": None}, "/segments"),
        ({"is_active": "yes"}, "/is_active"),
        ({"name": "Ayşe"}, "/name"),
    ],
    ids=str,
)
def test_what_cannot_be_a_customer_is_refused(people: People, fields: dict[str, Any], pointer: str) -> None:
    body = json.dumps(a_customer(**fields)).encode()
    answer = people.http.post(CUSTOMERS, content=body, headers={"Content-Type": "application/json"})
    assert pointers(answer) == [pointer]


def test_as_much_as_a_quote_takes_is_a_customer(people: People) -> None:
    segments = [f"{each:04}{'ş' * 196}" for each in range(SEGMENTS_MAX)]
    customer = people.customer(tier="ş" * 200, segments=segments[::-1], external_ref=uuid4().hex + "ş" * 168)
    assert customer["segments"] == segments


def test_the_audit_log_keeps_who_changed_what_but_not_who_it_is(people: People) -> None:
    customer = people.customer()
    moved = people.put(place_of(customer), draft_of(customer, email=f"{uuid4().hex}@example.com", tier="silver"))
    people.put(place_of(customer), draft_of(moved.json()["data"], external_ref=None))
    rows = people.audited(customer["id"])
    shown = [tuple((row[side] or {}).get("email") for side in ("before", "after")) for row in rows]
    assert shown == [(None, "given"), ("given", "changed"), ("given", "given")]
    shown = [tuple((row[side] or {}).get("external_ref") for side in ("before", "after")) for row in rows]
    assert shown == [(None, "given"), ("given", "given"), ("given", None)]
    assert (rows[1]["before"]["tier"], rows[1]["after"]["tier"]) == ("gold", "silver")
    reported = json.dumps(rows)
    for personal in (customer["email"], moved.json()["data"]["email"], customer["external_ref"]):
        assert personal not in reported


def test_checkouts_keep_customers_and_others_do_not(
    people: People, service: Service, key_with: Callable[..., dict[str, str]]
) -> None:
    quoting = key_with("quote:write")
    with httpx.Client(base_url=service.url, headers=quoting, timeout=60) as checkout:
        made = checkout.post(CUSTOMERS, json=a_customer())
        assert made.status_code == 201, made.text
        customer = made.json()["data"]
        assert checkout.put(place_of(customer), json=draft_of(customer, tier="silver")).status_code == 200
        assert checkout.get(CUSTOMERS, params={"email": customer["email"]}).json()["data"][0]["tier"] == "silver"
    (row, *_) = people.audited(customer["id"])
    assert row["actor_kind"] == "key"


def test_a_shopper_sees_the_shoppers_own_record_alone(people: People, service: Service) -> None:
    draft = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery", "role": "user"}
    user = people.made("/api/v1/users", draft)
    with service.anonymous() as shopper:
        token = shopper.post("/api/v1/auth/login", json={"email": draft["email"], "password": draft["password"]})
        shopper.headers["Authorization"] = f"Bearer {token.json()['data']['access_token']}"
        own = f"{CUSTOMERS}/{user['id']}"
        assert problem(shopper.get(own)) == (404, "not-found")
        made = people.customer(id=user["id"])
        assert shopper.get(own).json()["data"] == made
        assert problem(shopper.get(place_of(people.customer()))) == (404, "not-found")
        assert shopper.get(CUSTOMERS).status_code == 403
        assert shopper.put(own, json=draft_of(made, tier="platinum")).status_code == 403
        assert people.shown(own) == made


def test_a_row_that_comes_from_elsewhere_is_new_here(people: People) -> None:
    written = "INSERT INTO customers (id, changed_in, created_by, created_at, changed_by, updated_at) VALUES ($1, '3', 'erp', now(), 'erp', now()) RETURNING changed_in::text"
    (row,) = people.sql(written, uuid4())
    assert int(row["changed_in"]) > 3


def test_no_row_goes(people: People) -> None:
    customer = people.customer()
    with pytest.raises(Exception, match="never removed"):
        people.sql("DELETE FROM customers WHERE id = $1", customer["id"])
    with pytest.raises(Exception, match="never changes"):
        people.sql("UPDATE customers SET id = gen_random_uuid() WHERE id = $1", customer["id"])
