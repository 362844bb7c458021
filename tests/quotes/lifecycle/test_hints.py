"""Hints over the API: asked for, signed, kept, accepted, explained, and what a shopper is told.

Source: docs/spec/hints.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.service import Service
from tests.pricing.hints.followed import follow_request
from tests.quotes.catalog.conftest import store  # noqa: F401 (a fixture)
from tests.quotes.catalog.store import Store, a_line
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, pointers, until

FRAMEWORK = f"{QUOTE}?way=ordinary"


@pytest.fixture
def near(shop: Shop) -> Shop:
    """A shop that takes 20 % off from 60.00 on, which quotes know of already; its baskets come to 51.00."""
    rule = shop.add_rule(
        "PROMOTION", {"kind": "percent", "value": 20}, name=f"sixty {shop.name}", conditions={"min_subtotal": 60}
    )
    until(lambda: has_hint(shop.quote(include_hints=True), rule["id"]), "the rule counts")
    return shop


def has_hint(quote: dict[str, Any], rule_id: str) -> bool:
    return rule_id in [hint["rule_id"] for hint in quote["hints"]]


def test_a_quote_says_how_near_a_better_price_is(near: Shop) -> None:
    basket = near.basket(include_hints=True)
    first = near.checkout.post(QUOTE, json=basket)
    (hint,) = json.loads(first.content, parse_float=str)["data"]["hints"]
    assert hint.pop("rule_id")
    assert hint == {
        "code": "promotion",
        "text": f"9.00 more of goods like line 1 gives sixty {near.name}: 20 % off",
        "saving": "12.00",
        "total_amount": "48.00",
        "missing_amount": "9.00",
        "line": 1,
    }
    again = near.checkout.post(FRAMEWORK, json=basket).json()["data"]
    assert (again.pop("cache"), first.json()["data"].pop("cache")) == ("local", "miss")
    assert again == {name: value for name, value in first.json()["data"].items() if name != "cache"}


def test_who_does_what_a_hint_says_pays_what_it_promises(near: Shop) -> None:
    basket = near.basket()
    (hint,) = near.checkout.post(QUOTE, json={**basket, "include_hints": True}).json()["data"]["hints"]
    followed = follow_request(basket, {name: str(value) for name, value in hint.items()}, {"seller_id": near.seller})
    answer = near.checkout.post(QUOTE, json=json.loads(json.dumps(followed, default=float))).json()["data"]
    assert answer["total_amount"] == hint["total_amount"]
    assert "hints" not in answer


def test_hints_are_kept_signed_accepted_and_explained_with_the_quote(near: Shop) -> None:
    issued = near.quote(include_hints=True)
    assert near.checkout.get(f"{QUOTES}/{issued['quote_id']}").json()["data"] == issued
    assert near.checkout.post(f"{QUOTES}/verify", json={"data": issued}).json()["data"]["valid"] is True
    other = {**issued, "hints": [{**issued["hints"][0], "saving": 13.0}]}
    for changed in (other, {**issued, "hints": []}):
        assert near.checkout.post(f"{QUOTES}/verify", json={"data": changed}).json()["data"]["valid"] is False
    assert near.explain(issued["quote_id"])["agrees"] is True
    accepted = near.accept(issued["quote_id"], json={"data": issued})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["data"]["hints"] == issued["hints"]


def test_a_batch_and_a_simulation_take_it_too(near: Shop) -> None:
    asked, silent = near.basket(include_hints=True), near.basket()
    answer = near.checkout.post(f"{QUOTES}/batch", json={"baskets": [asked, silent]}).json()["data"]
    assert [len(each["data"].get("hints", "?")) for each in answer] == [1, 1]
    assert answer[1]["data"].get("hints") is None
    draft = near.rule("DELIVERY_FEE", {"base_fee": 10})
    free = near.rule("FREE_DELIVERY", {"min_subtotal": 61})
    body = {**asked, "draft_rules": [draft, free]}
    simulated = near.admin.post(f"{QUOTES}/simulate", json=body).json()["data"]
    assert [hint["code"] for hint in simulated["now"]["hints"]] == ["promotion"]
    # From 60.00 on the discount takes its part of all: 61.00 are left of 76.25.
    missing = {hint["code"]: hint["missing_amount"] for hint in simulated["simulated"]["hints"]}
    assert missing == {"promotion": 9.0, "free_delivery": pytest.approx(25.25, abs=0.011)}


def test_what_is_no_boolean_is_refused(shop: Shop) -> None:
    refused = shop.checkout.post(QUOTE, json=shop.basket(include_hints="yes"))
    assert pointers(refused) == ["/include_hints"]


@pytest.fixture(scope="module")
def shopper(service: Service, admin: httpx.Client) -> Iterator[httpx.Client]:
    email, password = f"{uuid4()}@example.com", "correct horse battery staple"
    made = admin.post("/api/v1/users", json={"email": email, "password": password, "role": "user"})
    assert made.status_code == 201, made.text
    session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=60)
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=60) as http:
        http.headers["X-Customer"] = made.json()["data"]["id"]
        yield http


def test_a_shopper_is_notified_what_a_checkout_is(store: Store, shopper: httpx.Client) -> None:  # noqa: F811
    seller = store.made("/api/v1/sellers", {"name": f"seller of {store.city}"})
    product = store.known(seller_id=seller["id"])
    price = Decimal(str(product["prices"][0]["current_price"]))
    lower = float(price - 1)
    breaks = [{"min_quantity": 10, "adjustment": {"price": lower}}]
    store.rule("QUANTITY_PRICE", {"breaks": breaks})
    hidden = {"customer_tiers": ["staff"]}
    store.rule("USER_TIER_PRICE", {"tiers": {"staff": {"percent": -5}}}, conditions=hidden)
    gold = store.rule("USER_TIER_PRICE", {"tiers": {"gold": {"percent": -1}}})
    basket = {
        **store.basket(a_line(product)),
        "customer_id": shopper.headers["X-Customer"],
        "include_hints": True,
    }
    until(lambda: has_hint(store.quote(basket), gold["id"]), "the last rule counts")
    fast, ordinary = (shopper.post(path, json=basket) for path in (QUOTE, FRAMEWORK))
    assert fast.status_code == 200, fast.text
    answer = fast.json()["data"]
    assert [hint["code"] for hint in answer["hints"]] == ["quantity_price", "user_tier_price"]
    assert "staff" not in fast.text
    assert "payouts" not in answer
    assert ordinary.json()["data"]["hints"] == answer["hints"] == store.asked(basket).json()["data"]["hints"]
    verified = store.checkout.post(f"{QUOTES}/verify", json={"data": answer}).json()["data"]
    assert verified["valid"] is True
