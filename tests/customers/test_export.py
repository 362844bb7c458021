"""All that is held about one customer, as one document.

Source: docs/spec/customers.md#export.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx

from quote_service.platform.postgres.pool import Database
from quote_service.selling.personal_data.model.customer_export import CustomerExport
from quote_service.selling.personal_data.operations.export_customer import find_person, write_export
from tests.catalog.shop import problem
from tests.customers.erasing import ADDRESS, accepted_quote, accepted_row
from tests.customers.people import CUSTOMERS, People
from tests.fixtures.service import Service
from tests.flash_sales.sales import Sales
from tests.quotes.lifecycle.shop import Shop


def exported(people: People, customer_id: str) -> dict[str, Any]:
    answer = people.http.get(f"{CUSTOMERS}/{customer_id}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    assert (found["success"], set(found)) == (True, {"success", "message", "data"})
    assert list(found["data"]) == list(CustomerExport.__struct_fields__)
    return dict(found["data"])


def test_it_holds_all_there_is(people: People, shop: Shop, checkout: httpx.Client, admin: httpx.Client) -> None:
    draft = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery", "role": "user"}
    user = people.made("/api/v1/users", draft)
    customer = people.customer(id=user["id"])
    coupon = shop.add_coupon(usage_limit_per_customer=5)
    quote = accepted_quote(shop, user["id"], delivery_address=ADDRESS, external_ref="cart 7", coupon_codes=[coupon])
    sales = Sales(admin, checkout)
    bought = sales.buy(sales.on_sale(), wait=5, customer_id=user["id"]).json()["data"]
    accepted_quote(shop, people.customer()["id"])
    found = exported(people, user["id"])
    assert found["customer"] == customer
    assert found["user"] == people.shown(f"/api/v1/users/{user['id']}")
    assert found["purchases"] == [bought]
    (held,) = found["accepted_quotes"]
    row = accepted_row(people, quote["quote_id"])
    assert held["data"] == json.loads(row["data"])
    assert held["request"] == json.loads(row["request"])
    assert held["request"]["delivery_address"]["latitude"] == ADDRESS["latitude"]
    assert (held["external_ref"], held["receipt"]) == ("cart 7", quote["receipt"])
    assert [use["code"] for use in held["coupon_uses"]] == [coupon]
    assert [row["action"] for row in found["audit"]] == ["customer.create", "user.create"]
    assert found["audit"] == people.audited(user["id"])[::-1]


def test_who_has_no_record_is_notified_of_too(people: People, shop: Shop) -> None:
    stranger = str(uuid4())
    assert problem(people.http.get(f"{CUSTOMERS}/{stranger}/export")) == (404, "not-found")
    quote = accepted_quote(shop, stranger)
    found = exported(people, stranger)
    assert (found["customer"], found["user"], found["audit"]) == (None, None, [])
    assert [held["quote_id"] for held in found["accepted_quotes"]] == [quote["quote_id"]]


def test_a_page_is_held_at_a_time(service: Service, people: People, shop: Shop) -> None:
    customer = people.customer()
    quotes = [accepted_quote(shop, customer["id"], external_ref=f"cart {place}")["quote_id"] for place in range(25)]

    async def pieces_of(customer_id: UUID) -> list[bytes]:
        database = await Database.open(service.database_url)
        try:
            person = await find_person(database, customer_id)
            return [piece async for piece in write_export(database, customer_id, person)]
        finally:
            await database.close()

    pieces = asyncio.run(pieces_of(UUID(customer["id"])))
    document = json.loads(b"".join(pieces))
    assert [held["quote_id"] for held in document["accepted_quotes"]] == quotes
    assert document["customer"] == customer
    largest = max(len(accepted_row(people, quote_id)["data"]) for quote_id in quotes)
    assert max(len(piece) for piece in pieces) < 3 * largest
