"""Erasing a customer who logs in, or works here.

Source: docs/spec/customers.md#erasure; docs/decisions/erasure.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.catalog.shop import problem
from tests.customers.erasing import accepted_row, erased, tables_with
from tests.customers.people import CUSTOMERS, People
from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTES, Shop


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


@pytest.mark.long("searches every table for a person, three times")
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
