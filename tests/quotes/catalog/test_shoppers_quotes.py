"""A shopper's quote: everything that moves its price comes from the catalog and from the shopper's own record.

Source: docs/spec/quotes.md#shoppers; `docs/decisions/shoppers-quotes.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.access.running import until
from tests.catalog.shop import pointers, problem
from tests.fixtures.service import Service
from tests.quotes.catalog.store import QUOTE, QUOTES, Store, a_line


class Shopper:
    """A person with the role `user`, whose quotes go to one place."""

    def __init__(self, http: httpx.Client, customer_id: str, store: Store) -> None:
        self.http, self.id, self.store = http, customer_id, store

    def basket(self, *items: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return self.store.basket(*items, customer_id=self.id, **fields)

    def asked(self, basket: dict[str, Any]) -> httpx.Response:
        """The one answer of every way to ask."""
        fast, ordinary = (self.http.post(path, json=basket) for path in (QUOTE, f"{QUOTE}?way=ordinary"))
        assert fast.status_code == ordinary.status_code
        (entry,) = self.http.post(f"{QUOTES}/batch", json={"baskets": [basket]}).json()["data"]
        assert entry["status"] == fast.status_code
        return fast

    def quote(self, basket: dict[str, Any]) -> dict[str, Any]:
        answer = self.asked(basket)
        assert answer.status_code == 200, answer.text
        return dict(answer.json(parse_float=Decimal)["data"])


@pytest.fixture
def shopper(service: Service, store: Store) -> Iterator[Shopper]:
    email, password = f"{uuid4()}@example.com", "correct horse battery staple"
    made = store.made("/api/v1/users", {"email": email, "password": password, "role": "user"})
    session = httpx.post(f"{service.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    headers = {"Authorization": f"Bearer {session.json()['data']['access_token']}"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=30) as http:
        yield Shopper(http, made["id"], store)


def test_a_shopper_gets_a_quote_and_accepts_it(store: Store, shopper: Shopper) -> None:
    seller = store.seller()
    product = store.known(seller_id=seller["id"])
    quote = shopper.quote(shopper.basket(a_line(product)))
    (line,) = quote["items"]
    assert (line["unit_price"], line["price_source"], line["seller_id"]) == (100, "catalog", seller["id"])
    assert not {"commission_breakdown", "payouts", "platform_funded_discount"} & quote.keys()
    explained = shopper.http.get(f"{QUOTES}/{quote['quote_id']}/explain").json()["data"]
    assert explained["agrees"] is True
    assert shopper.http.get(f"{QUOTES}/{quote['quote_id']}").status_code == 200
    accepted = shopper.http.post(f"{QUOTES}/{quote['quote_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["data"]["total_amount"] == 200
    (kept,) = store.sql(
        "SELECT payouts IS NOT NULL AS has_payouts FROM accepted_quotes WHERE quote_id = $1", quote["quote_id"]
    )
    assert kept["has_payouts"], "what is accepted is the whole quote"


def test_the_seller_is_the_products_whatever_is_sent(store: Store, shopper: Shopper) -> None:
    seller = store.seller()
    product = store.known(seller_id=seller["id"])
    favoured = str(uuid4())
    store.rule("PROMOTION", {"kind": "percent", "value": 50}, conditions={"seller_ids": [favoured]})
    store.rule("PROMOTION", {"kind": "percent", "value": 10}, conditions={"seller_ids": [seller["id"]]})
    until(lambda: shopper.quote(shopper.basket(a_line(product)))["discount_amount"] > 0, "the discounts count")
    quotes = [shopper.quote(shopper.basket(a_line(product), seller_id=each)) for each in (favoured, str(uuid4()))]
    assert [quote["discount_amount"] for quote in quotes] == [20, 20]
    assert quotes[0]["quote_id"] == quotes[1]["quote_id"]


def test_tier_and_segments_are_the_records(store: Store, shopper: Shopper) -> None:
    product = store.known(seller_id=store.seller()["id"])
    store.rule("USER_TIER_PRICE", {"tiers": {"gold": {"price": 90}}})
    store.made("/api/v1/customers", {"id": shopper.id, "tier": "gold"})
    basket = shopper.basket(a_line(product))
    until(lambda: shopper.quote(basket)["items"][0]["unit_price"] == 90, "the record's tier counts")
    assert pointers(shopper.asked({**basket, "customer_tier": "gold"})) == ["/customer_tier"]


def test_what_shoppers_cannot_buy_is_reported_line_by_line(store: Store, shopper: Shopper) -> None:
    sold, unsold = store.known(seller_id=store.seller()["id"]), store.known()
    stranger = a_line(str(uuid4()))
    unknown = shopper.asked(shopper.basket(a_line(sold), stranger, a_line(unsold)))
    assert problem(unknown) == (422, "unknown-product")
    assert pointers(unknown) == ["/items/1/product_id", "/items/2/product_id"]
    without_seller = shopper.asked(shopper.basket(a_line(sold), a_line(unsold)))
    assert (problem(without_seller), pointers(without_seller)) == ((422, "validation-error"), ["/items/1/product_id"])
    dollars = shopper.asked(shopper.basket(a_line(sold), currency="USD"))
    assert pointers(dollars) == ["/items/0/product_id"]
