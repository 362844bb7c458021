"""Buying, and what becomes of it.

Source: docs/spec/flash-sales.md#purchase.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import pytest

from tests.access.running import until
from tests.fixtures.service import Service
from tests.flash_sales.sales import PURCHASES, SALES, OnSale, Sales, a_sale, an_item, code_of


def test_a_purchase_is_reserved_and_then_confirmed(sales: Sales) -> None:
    on = sales.on_sale()
    answer = sales.buy(on, quantity=2)
    bought = answer.json()["data"]
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{PURCHASES}/{bought['purchase_id']}"
    assert (bought["status"], bought["unit_price"], bought["total"]) == ("reserved", 19.99, 39.98)
    assert bought["expires_at"] is None
    until(lambda: sales.purchase(bought["purchase_id"])["status"] == "confirmed", "the purchase is recorded")


def test_an_answer_may_wait_for_the_outcome(sales: Sales) -> None:
    answer = sales.buy(sales.on_sale(), wait=5)
    assert answer.status_code == 202
    assert answer.json()["data"]["status"] == "confirmed"
    assert answer.headers["preference-applied"] == "wait=5"


def test_a_key_is_required(sales: Sales) -> None:
    on = sales.on_sale()
    answer = sales.checkout.post(f"{SALES}/{on.id}/purchases", json=on.order())
    assert (answer.status_code, code_of(answer)) == (400, "idempotency-key-missing")


def test_the_same_key_buys_once(sales: Sales) -> None:
    on = sales.on_sale(allocated_stock=5, per_customer_limit=5)
    key, customer = f"k|{uuid4()}", str(uuid4())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: sales.buy(on, key=key, customer_id=customer, quantity=2), range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["data"]["purchase_id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 15
    assert sales.figures(on)["stock"] == 3
    other = sales.buy(on, key=key, customer_id=customer, quantity=1)
    assert (other.status_code, code_of(other)) == (422, "idempotency-key-reused")
    assert sales.buy(on, key=key).status_code == 202  # another customer's key is another key
    sales.step(on.id, "end")
    late = sales.buy(on, key=key, customer_id=customer, quantity=2)
    assert late.json()["data"]["purchase_id"] == answers[0].json()["data"]["purchase_id"]


def test_a_purchase_is_found_by_its_key(sales: Sales) -> None:
    on = sales.on_sale()
    key, customer = uuid4().hex, str(uuid4())
    bought = sales.buy(on, key=key, customer_id=customer).json()["data"]
    found = sales.checkout.get(f"{PURCHASES}/by-key/{key}", params={"customer_id": customer})
    assert found.json()["data"]["purchase_id"] == bought["purchase_id"]
    assert sales.checkout.get(f"{PURCHASES}/by-key/{key}", params={"customer_id": str(uuid4())}).status_code == 404
    assert sales.checkout.get(f"{PURCHASES}/by-key/{key}").status_code == 422


@pytest.mark.parametrize("key", ["a/b", "//a//", "a%2Fb", "x?y#z", "a|b", "..a", "a+b"])
def test_a_key_is_found_however_it_is_spelled(sales: Sales, key: str) -> None:
    on, customer = sales.on_sale(), str(uuid4())
    bought = sales.buy(on, key=key, customer_id=customer).json()["data"]["purchase_id"]
    assert sales.buy(on, key=f'"{key}"', customer_id=customer).json()["data"]["purchase_id"] == bought
    for spelled in (key, f'"{key}"'):
        path = f"{PURCHASES}/by-key/{quote(spelled, safe='')}"
        found = sales.checkout.get(path, params={"customer_id": customer})
        assert (found.status_code, found.json().get("data", {}).get("purchase_id")) == (200, bought), found.text


def test_a_key_of_several_sales_names_the_latest_purchase(sales: Sales) -> None:
    key, customer = uuid4().hex, str(uuid4())
    path, wanted = f"{PURCHASES}/by-key/{key}", {"customer_id": customer}
    for on in (sales.on_sale(), sales.on_sale()):
        bought = sales.bought(on, customer_id=customer, key=key)["purchase_id"]
        for filters in (wanted, {**wanted, "flash_sale_id": on.id}):
            assert sales.checkout.get(path, params=filters).json()["data"]["purchase_id"] == bought


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=2", "wait=2"),
        ('respond-async, Wait = "2"; x', "wait=2"),
        ("wait=99999999", "wait=10"),
        ("wait=0", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait", None),
        ("waits=2", None),
    ],
)
def test_how_long_to_wait_is_said_in_prefer(sales: Sales, prefer: str, applied: str | None) -> None:
    on = sales.on_sale()
    headers = {"Idempotency-Key": uuid4().hex, "Prefer": prefer}
    answer = sales.checkout.post(f"{SALES}/{on.id}/purchases", json=on.order(), headers=headers)
    assert (answer.status_code, answer.headers.get("preference-applied")) == (202, applied)
    assert applied is None or answer.json()["data"]["status"] == "confirmed"


@pytest.mark.parametrize("price", [b"19.990", b"1999e-2", b'"19.99"'])
def test_a_price_is_the_same_however_it_is_written(sales: Sales, price: bytes) -> None:
    on, headers = sales.on_sale(), {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    body = msgspec.json.encode(on.order())
    first, again = (
        sales.checkout.post(f"{SALES}/{on.id}/purchases", content=written, headers=headers)
        for written in (body.replace(b"19.99", price), body)
    )
    assert (first.status_code, again.status_code) == (202, 202), first.text
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"quantity": 0}, 422, "validation-error"),
        ({"quantity": -1000}, 422, "validation-error"),
        ({"quantity": 1.5}, 422, "validation-error"),
        ({"quantity": 1.0}, 422, "validation-error"),
        ({"quantity": "1"}, 422, "validation-error"),
        ({"quantity": True}, 422, "validation-error"),
        ({"quantity": 2**70}, 422, "validation-error"),
        ({"quantity": 1_000_000}, 409, "limit-reached"),
        ({"quantity": 3}, 409, "limit-reached"),
        ({"expected_price": 19.98}, 409, "price-changed"),
        ({"expected_price": 19.999}, 422, "validation-error"),
        ({"expected_price": -1}, 422, "validation-error"),
        ({"customer_id": None}, 422, "validation-error"),
        ({"product_id": str(uuid4())}, 404, "not-found"),
        ({"price": 1}, 422, "validation-error"),
    ],
)
def test_what_is_refused(sales: Sales, order: dict[str, Any], status: int, code: str) -> None:
    answer = sales.buy(sales.on_sale(), **order)
    assert (answer.status_code, code_of(answer)) == (status, code), answer.text


def test_a_sale_that_is_not_on_sells_nothing(sales: Sales) -> None:
    scheduled = OnSale(sales.create(a_sale()))
    assert code_of(sales.buy(scheduled)) == "sale-not-active"
    on = sales.on_sale()
    sales.step(on.id, "end")
    assert code_of(sales.buy(on)) == "sale-not-active"


def test_two_products_of_a_sale_need_two_keys(sales: Sales) -> None:
    sale = sales.create(a_sale(an_item(), an_item()))
    on, key, customer = OnSale(sales.step(sale["id"], "activate").json()["data"]), uuid4().hex, str(uuid4())
    products = [item["product_id"] for item in sale["items"]]
    first, second, again = (
        sales.buy(on, key=key, customer_id=customer, product_id=product, wait=5).json()["data"]
        for product in (*products, products[1])
    )
    assert (first["status"], second["status"], second["reason"]) == ("confirmed", "rejected", "key_of_another_purchase")
    assert again == second

    def left() -> list[tuple[int, int]]:
        items = sales.admin.get(f"{SALES}/{on.id}/figures").json()["data"]["items"]
        return [(item["stock"], item["confirmed"]) for item in items]

    until(lambda: left() == [(9, 1), (10, 0)], "the unit that was not bought is back")


def test_stock_and_limits_hold(sales: Sales) -> None:
    on = sales.on_sale(allocated_stock=3, per_customer_limit=2)
    customer = str(uuid4())
    sales.bought(on, customer_id=customer, quantity=2)
    assert code_of(sales.buy(on, customer_id=customer)) == "limit-reached"
    assert code_of(sales.buy(on, quantity=2)) == "sold-out"
    sales.bought(on)
    assert code_of(sales.buy(on)) == "sold-out"
    until(lambda: sales.figures(on)["refused"] == {"limit-reached": 1, "sold-out": 2}, "refusals are counted")
    until(lambda: sales.figures(on)["confirmed"] == 3, "all is recorded")
    figures = sales.figures(on)
    assert (figures["stock"], figures["reserved"]) == (0, 0)


def test_a_held_purchase_is_confirmed_once(sales: Sales) -> None:
    on = sales.on_sale(hold_seconds=600)
    held = sales.bought(on)
    assert held["expires_at"] is not None
    path = f"{PURCHASES}/{held['purchase_id']}"
    for _ in range(2):
        answer = sales.checkout.post(f"{path}/confirm")
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, "confirmed")
    refused = sales.checkout.delete(path)
    assert (refused.status_code, code_of(refused)) == (409, "purchase-decided")
    assert sales.figures(on)["stock"] == 9


def test_what_is_given_up_can_be_bought_again_once(sales: Sales) -> None:
    on = sales.on_sale(hold_seconds=600, allocated_stock=1, per_customer_limit=1)
    customer, key = str(uuid4()), uuid4().hex
    held = sales.buy(on, key=key, customer_id=customer).json()["data"]
    path = f"{PURCHASES}/{held['purchase_id']}"
    assert code_of(sales.buy(on)) == "sold-out"
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: sales.checkout.delete(path), range(4)))
    assert {answer.json()["data"]["status"] for answer in answers} == {"cancelled"}
    assert code_of(sales.checkout.post(f"{path}/confirm")) == "purchase-decided"
    until(lambda: sales.figures(on)["stock"] == 1, "the unit is back")
    assert sales.buy(on, customer_id=customer).status_code == 202
    assert code_of(sales.buy(on)) == "sold-out"
    repeated = sales.buy(on, key=key, customer_id=customer)
    assert repeated.json()["data"] == {**held, "status": "cancelled"}


def test_a_key_that_was_refused_never_buys(sales: Sales) -> None:
    on = sales.on_sale(hold_seconds=600, allocated_stock=1)
    held = sales.bought(on)
    late, key = str(uuid4()), uuid4().hex
    first = sales.buy(on, key=key, customer_id=late)
    assert (first.status_code, code_of(first)) == (409, "sold-out")
    assert "idempotent-replayed" not in first.headers
    assert sales.checkout.delete(f"{PURCHASES}/{held['purchase_id']}").status_code == 200
    until(lambda: sales.figures(on)["stock"] == 1, "the unit is back")
    # A body that is no plain one goes the other way, to the same answer.
    written = json.dumps(on.order(customer_id=late), indent=1)
    headers = {"Idempotency-Key": key, "Content-Type": "application/json; charset=utf-8"}
    slow = sales.checkout.post(f"{SALES}/{on.id}/purchases", content=written, headers=headers)
    for again in (sales.buy(on, key=key, customer_id=late), slow):
        assert (again.status_code, again.content) == (409, first.content)
        assert again.headers["idempotent-replayed"] == "true"
    assert code_of(sales.buy(on, key=key, customer_id=late, quantity=2)) == "idempotency-key-reused"
    assert sales.buy(on, key=uuid4().hex, customer_id=late).status_code == 202
    # Once the sale is over too.
    assert sales.step(on.id, "end").status_code == 200
    assert sales.buy(on, key=key, customer_id=late).content == first.content


def test_a_hold_expires_and_its_unit_returns_once(sales: Sales) -> None:
    on = sales.on_sale(hold_seconds=1, allocated_stock=1)
    held = sales.bought(on)
    path = f"{PURCHASES}/{held['purchase_id']}"
    until(lambda: sales.purchase(held["purchase_id"])["status"] == "expired", "the hold is over")
    assert code_of(sales.checkout.post(f"{path}/confirm")) == "purchase-decided"
    until(lambda: sales.figures(on)["stock"] == 1, "the unit is back")
    assert sales.bought(on)["status"] == "reserved"


def test_a_customer_sees_what_is_bought_spent_and_left(sales: Sales) -> None:
    on = sales.on_sale(per_customer_limit=5, hold_seconds=600)
    customer = str(uuid4())
    first = sales.bought(on, customer_id=customer, quantity=2)
    sales.bought(on, customer_id=customer)
    sales.checkout.post(f"{PURCHASES}/{first['purchase_id']}/confirm")
    path = f"{SALES}/{on.id}/customers/{customer}/summary"
    wanted = {
        "product_id": on.product_id,
        "currency": "TRY",
        "bought": 2,
        "reserved": 1,
        "spent": 39.98,
        "left_to_buy": 2,
    }
    assert sales.checkout.get(path).json()["data"]["items"] == [wanted]  # recorded yet or not


def test_shoppers_buy_and_see_only_their_own(sales: Sales, service: Service) -> None:
    on = sales.on_sale()
    with shopper(sales, service) as one, shopper(sales, service) as other:
        order = {key: value for key, value in on.order().items() if key != "customer_id"}
        path = f"{SALES}/{on.id}/purchases"
        mine = one.post(path, json=order, headers={"Idempotency-Key": "mine"})
        assert mine.status_code == 202, mine.text
        assert one.post(path, json=on.order(), headers={"Idempotency-Key": "x"}).status_code == 403
        bought = mine.json()["data"]
        seen = f"{PURCHASES}/{bought['purchase_id']}"
        assert (one.get(seen).status_code, other.get(seen).status_code) == (200, 404)
        assert one.get(f"{PURCHASES}/by-key/mine").json()["data"]["purchase_id"] == bought["purchase_id"]
        assert other.get(f"{PURCHASES}/by-key/mine").status_code == 404
        assert other.delete(seen).status_code == 404
        assert other.post(f"{seen}/confirm").status_code == 404
        summary = f"{SALES}/{on.id}/customers/{bought['customer_id']}/summary"
        assert (one.get(summary).status_code, other.get(summary).status_code) == (200, 404)


def test_figures_come_as_they_change(sales: Sales) -> None:
    on = sales.on_sale()
    sales.bought(on)
    with sales.admin.stream("GET", f"{SALES}/{on.id}/figures/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == "event: figures"
        first = msgspec.json.decode(next(lines).removeprefix("data: "))
    assert (first["flash_sale_id"], first["items"][0]["stock"]) == (on.id, 9)


def test_unknown_purchases_are_404(sales: Sales) -> None:
    for path in (f"{PURCHASES}/{uuid4()}", f"{PURCHASES}/01a1fc49-84a1-7d5f-bba9-5e1400000001"):
        assert sales.checkout.get(path).status_code == 404
        assert sales.checkout.delete(path).status_code == 404
        assert sales.checkout.post(f"{path}/confirm").status_code == 404


def shopper(sales: Sales, service: Service) -> httpx.Client:
    """Somebody who has just been let in, and has logged in."""
    reported = {"email": f"{uuid4().hex}@example.com", "password": "correct horse battery staple"}
    made = sales.admin.post("/api/v1/users", json={**reported, "role": "user"})
    assert made.status_code == 201, made.text
    with service.anonymous() as client:
        token = client.post("/api/v1/auth/login", json=reported).json()["data"]["access_token"]
    return httpx.Client(base_url=service.url, timeout=30, headers={"Authorization": f"Bearer {token}"})
