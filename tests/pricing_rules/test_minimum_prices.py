"""Rules that respect `min_price`, over HTTP. Source: docs/spec/pricing-rules.md#minimum-prices."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTE, until

RULES, PRODUCTS = "/api/v1/pricing-rules", "/api/v1/products"
FIELD = "respects_min_price"


class Shop:
    """A product for 100 TRY with a min_price of 45 that costs 40, and rules for it alone."""

    def __init__(self, admin: httpx.Client, checkout: httpx.Client) -> None:
        self.admin, self.checkout = admin, checkout
        self.seller = self.ask("POST", "/api/v1/sellers", json={"name": uuid4().hex})["id"]
        price = {"currency": "TRY", "base_price": 100, "min_price": 45, "cost_price": 40}
        draft = {"sku": uuid4().hex, "name": "a jacket", "seller_id": self.seller, "prices": [price]}
        self.product = self.ask("POST", PRODUCTS, json=draft)["id"]
        until(lambda: self.checkout.post(QUOTE, json=self.basket()).status_code == 200, "quotes know the product")

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answered = self.admin.request(method, path, **more)
        assert answered.is_success, answered.text
        return answered.json()["data"] if answered.content else None

    def basket(self, **fields: Any) -> dict[str, Any]:
        return {
            "customer_id": str(uuid4()),
            "seller_id": self.seller,
            "items": [{"product_id": self.product, "quantity": 2}],
            "delivery_address": {"city": "Istanbul", "country": "TR"},
            "currency": "TRY",
            **fields,
        }

    def draft(self, **configuration: Any) -> dict[str, Any]:
        return {
            "name": uuid4().hex,
            "type": "PROMOTION",
            "configuration": {"kind": "percent", "value": 75, **configuration},
            "currency": "TRY",
            "conditions": {"product_ids": [self.product]},
            "effective_from": "2025-01-01T00:00:00Z",
        }

    def quoted(self, rule_id: str, client: httpx.Client | None = None, **fields: Any) -> dict[str, Any]:
        """A quote that the version of the rule has a part in."""
        quote: dict[str, Any] = {}

        def is_applied() -> bool:
            answer = (client or self.checkout).post(QUOTE, json=self.basket(**fields))
            assert answer.status_code == 200, answer.text
            quote.update(answer.json()["data"])
            return rule_id in [each["id"] for each in quote["applied_rules"]]

        until(is_applied, "the rule counts")
        return quote


@pytest.fixture
def shop(admin: httpx.Client, checkout: httpx.Client) -> Shop:
    return Shop(admin, checkout)


def test_a_new_rule_respects_the_minimum_and_its_versions_keep_what_it_has(shop: Shop) -> None:
    draft = shop.draft()
    made = shop.ask("POST", RULES, json=draft)
    assert made["configuration"][FIELD] is True
    quote = shop.quoted(made["id"])
    assert (quote["subtotal"], quote["discount_amount"]) == (90, 110)
    (step,) = [each for each in quote["pricing_breakdown"]["calculations"] if each["step"] == "promotion"]
    assert (step["amount"], step["inputs"]["min_price_cut"]) == (-110, 40)
    below = shop.draft(**{FIELD: False}) | {"name": draft["name"]}
    second = shop.ask("PUT", f"{RULES}/{made['id']}", json=below)
    assert second["configuration"][FIELD] is False
    quote = shop.quoted(second["id"])
    assert (quote["subtotal"], quote["discount_amount"]) == (50, 150)
    third = shop.ask("PUT", f"{RULES}/{second['id']}", json=draft)
    assert third["configuration"][FIELD] is False
    assert shop.ask("GET", f"{RULES}/{third['id']}")["configuration"] == third["configuration"]
    nested = {"kind": "buy_x_get_y", "value": {"buy": 1, "get": 1, FIELD: True}}
    fourth = shop.ask("PUT", f"{RULES}/{third['id']}", json={**draft, "configuration": nested})
    assert fourth["configuration"] == {"kind": "buy_x_get_y", "value": {"buy": 1, "get": 1}, FIELD: True}
    shop.ask("DELETE", f"{RULES}/{fourth['id']}")


def test_what_is_no_truth_value_is_refused(shop: Shop) -> None:
    for wrong in ("yes", 1, None):
        refused = shop.admin.post(RULES, json=shop.draft(**{FIELD: wrong}))
        assert refused.status_code == 422
        assert [each["pointer"] for each in refused.json()["errors"]] == [f"/configuration/{FIELD}"]


def test_a_line_below_cost_is_warned_of_and_shoppers_do_not_see_it(
    shop: Shop,
    service: Service,
    shopper: dict[str, str],  # noqa: F811
) -> None:
    made = shop.ask("POST", RULES, json=shop.draft(**{FIELD: False}))
    quote = shop.quoted(made["id"])
    (warning,) = [each for each in quote["warnings"] if each["code"] == "below_cost"]
    assert warning["pointer"] == "/items/0"
    assert "40" not in warning["detail"]
    with httpx.Client(base_url=service.url, timeout=60, headers=shopper) as buyer:
        customer = buyer.get("/api/v1/auth/me").json()["data"]["id"]
        own = buyer.post(QUOTE, json=shop.basket(customer_id=customer)).json()["data"]
        assert own["subtotal"] == 50
        assert "below_cost" not in [each["code"] for each in own["warnings"]]
    explained = shop.ask("GET", f"/api/v1/quotes/{quote['quote_id']}/explain")
    assert explained["differences"] == []
    shop.ask("DELETE", f"{RULES}/{made['id']}")


def test_a_quote_that_was_held_is_explained_by_itself_after_the_minimum_moved(shop: Shop) -> None:
    made = shop.ask("POST", RULES, json=shop.draft())
    quote = shop.quoted(made["id"])
    assert quote["subtotal"] == 90
    held = shop.ask("GET", f"{PRODUCTS}/{shop.product}")
    prices = [{**each, "min_price": 60} for each in held["prices"]]
    shop.ask("PUT", f"{PRODUCTS}/{shop.product}", json={**held, "prices": prices})
    until(lambda: shop.checkout.post(QUOTE, json=shop.basket()).json()["data"]["subtotal"] == 120, "the minimum counts")
    explained = shop.ask("GET", f"/api/v1/quotes/{quote['quote_id']}/explain")
    assert explained["differences"] == []
    shop.ask("DELETE", f"{RULES}/{made['id']}")


def test_a_minimum_that_moves_after_the_quote_changes_neither_its_acceptance_nor_its_order(shop: Shop) -> None:
    made = shop.ask("POST", RULES, json=shop.draft())
    quotes = [shop.quoted(made["id"]) for _ in range(2)]
    held = shop.ask("GET", f"{PRODUCTS}/{shop.product}")
    raised = [{**each, "min_price": 95} for each in held["prices"]]
    shop.ask("PUT", f"{PRODUCTS}/{shop.product}", json={**held, "prices": raised})
    until(lambda: shop.checkout.post(QUOTE, json=shop.basket()).json()["data"]["subtotal"] == 190, "the minimum counts")
    accepted = shop.checkout.post(f"/api/v1/quotes/{quotes[0]['quote_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    headers = {"Idempotency-Key": uuid4().hex}
    placed = shop.checkout.post("/api/v1/orders", json={"quote_id": quotes[1]["quote_id"]}, headers=headers)
    assert placed.status_code == 201, placed.text
    order = placed.json()["data"]
    assert (order["total_amount"], quotes[1]["subtotal"]) == (quotes[1]["total_amount"], 90)
    # What is ordered by its basket is priced by what is in force.
    headers = {"Idempotency-Key": uuid4().hex}
    now = shop.checkout.post("/api/v1/orders", json=shop.basket(), headers=headers)
    assert now.status_code == 201, now.text
    assert now.json()["data"]["total_amount"] - order["total_amount"] == 100
    # A minimum above the price itself leaves nothing to take off.
    refused = shop.admin.put(
        f"{PRODUCTS}/{shop.product}",
        json={**held, "prices": [{**each, "min_price": 100.01} for each in held["prices"]]},
    )
    assert refused.status_code == 422, refused.text
    shop.ask("DELETE", f"{RULES}/{made['id']}")
