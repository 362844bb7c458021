"""Who orders, and who sees what. Source: docs/spec/orders.md#who-sees-what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.fixtures.service import Service
from tests.orders.market import ORDERS, Market
from tests.quotes.lifecycle.shop import QUOTE, code_of


@pytest.fixture
def buyer(service: Service, shopper: dict[str, str]) -> httpx.Client:  # noqa: F811
    return httpx.Client(base_url=service.url, timeout=60, headers=shopper)


def own_id(buyer: httpx.Client) -> str:
    return str(buyer.get("/api/v1/auth/me").json()["data"]["id"])


def quoted(market: Market, buyer: httpx.Client, product: str) -> dict[str, Any]:
    basket = market.basket(customer_id=own_id(buyer), items=[{"product_id": product, "quantity": 1}])
    answer = buyer.post(QUOTE, json=basket)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def test_a_shopper_orders_and_sees_no_commission(market: Market, buyer: httpx.Client) -> None:
    quote = quoted(market, buyer, market.a_product())
    answer = market.order(quote_id=quote["quote_id"], http=buyer)
    assert answer.status_code == 201, answer.text
    order = answer.json()["data"]
    assert "sellers" not in order
    assert all("commissions" not in line and "discounts" not in line for line in order["lines"])
    assert buyer.get(f"{ORDERS}/{order['id']}").json()["data"] == order
    whole = market.shown(order["id"])
    assert whole["sellers"]
    assert whole["customer_id"] == own_id(buyer)
    listed = buyer.get(ORDERS).json()["data"]
    assert order["id"] in [each["id"] for each in listed]
    assert {each["customer_id"] for each in listed} == {own_id(buyer)}


def test_a_shopper_orders_a_basket(market: Market, buyer: httpx.Client) -> None:
    basket = market.basket(customer_id=own_id(buyer), items=[{"product_id": market.a_product(), "quantity": 1}])
    assert market.order(http=buyer, **basket).status_code == 201
    refused = market.order(http=buyer, **{**basket, "customer_id": str(uuid4())})
    assert (refused.status_code, code_of(refused)) == (403, "forbidden")


def test_anothers_does_not_exist_for_a_shopper(market: Market, buyer: httpx.Client) -> None:
    quote = market.quote()
    for _ in range(2):  # not accepted, and accepted
        for named in ({}, {"customer_id": own_id(buyer)}, {"customer_id": str(uuid4())}):
            refused = market.order(quote_id=quote["quote_id"], http=buyer, **named)
            assert (refused.status_code, code_of(refused)) == (404, "quote-unknown")
        market.accept(quote["quote_id"])
    order = market.ordered(quote_id=quote["quote_id"])
    refused = market.order(quote_id=quote["quote_id"], http=buyer)
    assert (refused.status_code, code_of(refused)) == (404, "quote-unknown")
    assert buyer.get(f"{ORDERS}/{order['id']}").status_code == 404
    assert buyer.get(ORDERS, params={"customer_id": order["customer_id"]}).status_code == 404
    for method, action, status in (("POST", "fulfil", 403), ("POST", "cancel", 404), ("GET", "events", 403)):
        assert buyer.request(method, f"{ORDERS}/{order['id']}/{action}").status_code == status
    assert market.shown(order["id"])["status"] == "placed"


def test_a_shopper_cancels_the_own_order_until_it_is_fulfilled(market: Market, buyer: httpx.Client) -> None:
    product = market.a_product(units=3)
    orders = [market.order(quote_id=quoted(market, buyer, product)["quote_id"], http=buyer).json()["data"]]
    cancelled = buyer.post(f"{ORDERS}/{orders[0]['id']}/cancel", json={"reason": "Changed my mind"})
    assert (cancelled.status_code, cancelled.json()["data"]["status"]) == (200, "cancelled")
    assert "sellers" not in cancelled.json()["data"]
    assert market.units(product) == 3
    fresh = market.basket(customer_id=own_id(buyer), items=[{"product_id": product, "quantity": 2}])
    fulfilled = market.order(http=buyer, **fresh).json()["data"]
    assert market.do(fulfilled["id"], "fulfil").status_code == 200
    refused = buyer.post(f"{ORDERS}/{fulfilled['id']}/cancel")
    assert (refused.status_code, code_of(refused)) == (409, "order-state")


def test_a_shoppers_form_is_ordered_while_the_quote_is_kept(market: Market, buyer: httpx.Client) -> None:
    quote = quoted(market, buyer, market.a_product())
    assert "payouts" not in quote
    order = market.order(quote_id=quote["quote_id"], data=quote, http=buyer)
    assert order.status_code == 201, order.text
    assert market.shown(order.json()["data"]["id"])["sellers"]


def test_scopes(market: Market, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]) -> None:
    writes, reads, quotes = key_with("order:write"), key_with("reports:read"), key_with("quote:write")
    body, key = {"quote_id": market.quote()["quote_id"]}, {"Idempotency-Key": uuid4().hex}
    assert anonymous.post(ORDERS, json=body, headers={**quotes, **key}).status_code == 403
    assert anonymous.post(ORDERS, json=body, headers={**reads, **key}).status_code == 403
    placed = anonymous.post(ORDERS, json=body, headers={**writes, **key})
    assert placed.status_code == 201, placed.text
    path = f"{ORDERS}/{placed.json()['data']['id']}"
    assert anonymous.get(path, headers=reads).status_code == 200
    assert anonymous.get(path, headers=quotes).status_code == 403
    assert anonymous.post(f"{path}/cancel", headers=reads).status_code == 403
    assert anonymous.post(f"{path}/cancel", headers=writes).status_code == 200


def test_the_key_of_another_caller_is_another_key(
    market: Market, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    key = uuid4().hex
    assert market.order(key, quote_id=market.quote()["quote_id"]).status_code == 201
    other = anonymous.post(
        ORDERS,
        json={"quote_id": market.quote()["quote_id"]},
        headers={**key_with("order:write"), "Idempotency-Key": key},
    )
    assert other.status_code == 201


def test_a_customer_is_exported_and_erased_with_the_orders(market: Market) -> None:
    customer = str(uuid4())
    order = market.ordered(**market.basket(customer_id=customer, external_ref="O-77"))
    export = market.admin.get(f"/api/v1/customers/{customer}/export").json()["data"]
    assert [each["id"] for each in export["orders"]] == [order["id"]]
    assert market.admin.delete(f"/api/v1/customers/{customer}").status_code == 204
    left = market.shown(order["id"])
    assert (left["customer_id"], left["external_ref"]) == (customer, None)
    assert left["lines"] == order["lines"]
