"""Whoever buys finds what is on sale, what is left of it, and what was bought; and nobody else's.

Source: docs/spec/access.md#shoppers.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import until
from tests.fixtures.service import Service
from tests.flash_sales.event_stream import EventStream
from tests.flash_sales.sales import PURCHASES, SALES, OnSale, Sales, a_sale, code_of, instant
from tests.flash_sales.test_purchases import shopper

OPEN = "/api/v1/open-flash-sales"
# What is the shop's own business.
HIDDEN = {"created_by", "updated_by", "changed_by", "version", "sold"}


def sale_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def pages(client: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Everything of a list, two at a time."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {**query, "limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        assert len(answer.json()["data"]) <= 2
        cursor = answer.json()["next_cursor"]
    return found


def test_a_shopper_finds_what_is_on_sale_and_what_is_left(sales: Sales, service: Service) -> None:
    on = sales.on_sale(allocated_stock=10, per_customer_limit=3, list_price=29.99)
    with shopper(sales, service) as buyer:
        sale = sale_of(buyer.get(f"{OPEN}/{on.id}"))
        assert sale["items"] == [
            {
                "product_id": on.product_id,
                "currency": "TRY",
                "sale_price": 19.99,
                "list_price": 29.99,
                "per_customer_limit": 3,
                "allocated_stock": 10,
                "remaining_stock": 10,
                "left_to_buy": 3,
            }
        ]
        assert not HIDDEN & (sale.keys() | sale["items"][0].keys())
        order = {name: value for name, value in on.order(quantity=2).items() if name != "customer_id"}
        headers = {"Idempotency-Key": "mine"}
        assert buyer.post(f"{SALES}/{on.id}/purchases", json=order, headers=headers).status_code == 202
        sales.bought(on)
        # To the unit, recorded or not.
        [item] = sale_of(buyer.get(f"{OPEN}/{on.id}"))["items"]
        assert (item["remaining_stock"], item["left_to_buy"]) == (7, 1)

        def is_listed() -> bool:
            [listed] = [one for one in pages(buyer, OPEN, product_id=on.product_id) if one["id"] == on.id]
            return bool(listed["items"] == [item])

        until(is_listed, "the list says so too")


def test_a_key_asks_for_its_customer(sales: Sales) -> None:
    on = sales.on_sale(per_customer_limit=3)
    customer = str(uuid4())
    sales.bought(on, customer_id=customer, quantity=2)
    for named, left in (({}, None), ({"customer_id": customer}, 1), ({"customer_id": str(uuid4())}, 3)):
        [item] = sale_of(sales.checkout.get(f"{OPEN}/{on.id}", params=named))["items"]
        assert item["left_to_buy"] == left


def test_what_has_not_begun_or_is_over_is_not_shown_to_shoppers(sales: Sales, service: Service) -> None:
    scheduled, ended, active = sales.create(a_sale()), sales.on_sale(), sales.on_sale()
    cancelled = sales.create(a_sale())
    sales.step(ended.id, "end")
    sales.step(cancelled["id"], "cancel")
    with shopper(sales, service) as buyer:
        for client, may in ((buyer, False), (sales.checkout, True), (sales.admin, True)):
            reported = client.get(f"{OPEN}/{scheduled['id']}")
            assert reported.status_code == (200 if may else 404)
            listed = client.get(OPEN, params={"state": "scheduled", "product_id": scheduled["items"][0]["product_id"]})
            assert listed.status_code == (200 if may else 403)
            assert not may or [sale["id"] for sale in listed.json()["data"]] == [scheduled["id"]]
            assert [client.get(f"{OPEN}/{one}").status_code for one in (ended.id, cancelled["id"], uuid4())] == [
                404
            ] * 3
            shown = {sale["id"] for sale in pages(client, OPEN)}
            assert active.id in shown
            assert not shown & {scheduled["id"], ended.id, cancelled["id"]}


def test_a_stream_shows_of_a_sale_that_begins_of_what_is_left_and_of_its_end(sales: Sales, service: Service) -> None:
    with shopper(sales, service) as buyer, EventStream(buyer, f"{OPEN}/stream") as stream:
        assert {"at", "sales"} == stream.next("sales").keys()
        on = sales.on_sale(allocated_stock=10)

        def left(reported: dict[str, Any]) -> list[int]:
            return [sale["items"][0]["remaining_stock"] for sale in reported["sales"] if sale["id"] == on.id]

        stream.until("sales", lambda reported: left(reported) == [10])
        sales.bought(on, quantity=2)
        reported = stream.until("sales", lambda reported: left(reported) == [8])
        assert next(sale for sale in reported["sales"] if sale["id"] == on.id)["items"][0]["left_to_buy"] is None
        sales.step(on.id, "end")
        stream.until("sales", lambda reported: left(reported) == [])


def test_a_sale_whose_time_is_over_is_not_open_though_nobody_has_ended_it(sales: Sales) -> None:
    """The maintenance of this service ends it within half a second; until then it must not be told as open."""
    on = sales.on_sale()
    sales.rewrite(on, ends_at=instant(0.5))
    until(lambda: sales.checkout.get(f"{OPEN}/{on.id}").status_code == 404, "it is no longer shown")
    assert on.id not in {sale["id"] for sale in pages(sales.checkout, OPEN)}


def test_a_shopper_is_notified_of_nobody_else(sales: Sales, service: Service) -> None:
    on, other = sales.on_sale(), str(uuid4())
    sales.bought(on, customer_id=other)
    with shopper(sales, service) as buyer:
        for path in (OPEN, f"{OPEN}/{on.id}", PURCHASES):
            assert buyer.get(path, params={"customer_id": other}).status_code == 404
        assert pages(buyer, PURCHASES) == []


def test_a_shopper_lists_own_purchases_from_the_newest(sales: Sales, service: Service) -> None:
    shops = [sales.on_sale(), sales.on_sale(hold_seconds=600)]
    bought: list[str] = []
    with shopper(sales, service) as buyer:
        for place in range(5):
            on = shops[place % 2]
            order = {name: value for name, value in on.order().items() if name != "customer_id"}
            headers = {"Idempotency-Key": f"k{place}", "Prefer": "wait=5"}
            answer = buyer.post(f"{SALES}/{on.id}/purchases", json=order, headers=headers)
            if answer.status_code == 202:
                bought.append(answer.json()["data"]["purchase_id"])
        assert len(bought) == 4  # two of each

        def ids(**query: Any) -> list[str]:
            return [one["purchase_id"] for one in pages(buyer, PURCHASES, **query)]

        until(lambda: len(ids()) == 4, "all are recorded")
        assert ids() == bought[::-1]
        assert ids(flash_sale_id=shops[1].id, status="reserved") == [bought[3], bought[1]]
        assert ids(status="rejected") == []
        assert buyer.get(f"{PURCHASES}/{bought[0]}").json()["data"] in pages(buyer, PURCHASES)


def test_keys_and_staff_name_the_customer(sales: Sales) -> None:
    on: OnSale = sales.on_sale()
    customer = str(uuid4())
    bought = sales.bought(on, customer_id=customer)
    for client in (sales.checkout, sales.admin):
        until(lambda client=client: len(pages(client, PURCHASES, customer_id=customer)) == 1, "it is listed")  # type: ignore[misc]
        [listed] = pages(client, PURCHASES, customer_id=customer)
        assert listed["purchase_id"] == bought["purchase_id"]
        unnamed = client.get(PURCHASES)
        assert (unnamed.status_code, code_of(unnamed)) == (422, "validation-error")
        assert unnamed.json()["errors"] == [{"pointer": "/query/customer_id", "detail": "is required"}]


@pytest.mark.parametrize("path", [OPEN, PURCHASES])
@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"cursor": "x"}, {"colour": "red"}, {"status": "x", "state": "x"}]
)
def test_queries_that_cannot_be_are_422(sales: Sales, path: str, query: dict[str, str]) -> None:
    assert sales.checkout.get(path, params={"customer_id": str(uuid4()), **query}).status_code == 422
