"""What products cost by what was known at an instant. Source: docs/spec/quotes.md#as-it-was-known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx

from tests.access.running import until
from tests.catalog.shop import a_price, pointers
from tests.flash_sales.sales import a_sale, an_item
from tests.inventory.stockroom import adjust, put_stock
from tests.quotes.catalog.store import QUOTES, Store, a_line
from tests.quotes.lifecycle.test_known_at import now


def asked(store: Store, basket: dict[str, Any], known_at: str, **fields: Any) -> httpx.Response:
    return store.http.post(f"{QUOTES}/simulate", json={**basket, "known_at": known_at, **fields})


def prices(store: Store, basket: dict[str, Any], known_at: str, **fields: Any) -> list[Decimal]:
    answer = asked(store, basket, known_at, **fields)
    assert answer.status_code == 200, answer.text
    simulated = answer.json(parse_float=Decimal)["data"]["simulated"]
    return [line["unit_price"] for line in simulated["items"]]


def test_prices_are_those_of_the_instant(store: Store) -> None:
    before = now()
    large = {
        "sku": f"V-{uuid4().hex}",
        "name": "L",
        "prices": [{"currency": "TRY", "base_price": 130, "current_price": 130}],
    }
    product = store.known(variants=[large, {"sku": f"V-{uuid4().hex}", "name": "M"}])
    own, plain = sorted(product["variants"], key=lambda variant: str(variant["name"]))
    basket = store.basket(
        a_line(product), a_line(product, variant_id=own["id"]), a_line(product, variant_id=plain["id"])
    )
    first = now()
    store.price(product, 80)
    lower = now()
    store.price(product, 90, variant_id=own["id"])
    last = now()
    assert prices(store, basket, first) == [100, 130, 100]
    assert prices(store, basket, lower) == [80, 130, 80]
    assert prices(store, basket, last) == [80, 90, 80]
    # The earlier of both instants: a price that was not known cannot count, nor one that had not come yet.
    assert prices(store, basket, last, at=first) == [100, 130, 100]
    assert prices(store, basket, first, at=last) == [100, 130, 100]
    # Before, there was no such product: the line says what it costs, or nobody does.
    assert pointers(asked(store, store.basket(a_line(product)), before)) == ["/items/0/unit_price"]
    assert prices(store, store.basket(a_line(product, unit_price=7)), before) == [7]


def test_a_currency_that_came_later(store: Store) -> None:
    product = store.known()
    before = now()
    row = store.http.get(f"/api/v1/products/{product['id']}")
    both = [a_price(), a_price(currency="USD", base_price=5, min_price=1, max_price=9)]
    body = {name: row.json()["data"][name] for name in ("sku", "name")}
    put = store.put(f"/api/v1/products/{product['id']}", {**body, "prices": both}, **{"If-Match": row.headers["etag"]})
    assert put.status_code == 200, put.text
    basket = store.basket(a_line(product), currency="USD")
    until(lambda: store.asked(basket).status_code == 200, "there is a price in the currency")
    assert prices(store, basket, now()) == [5]
    assert pointers(asked(store, basket, before)) == ["/items/0/product_id"]


def test_rules_ask_for_the_stock_of_the_instant(store: Store) -> None:
    product = store.known()
    put_stock(store, product, 50)
    store.rule("INVENTORY_PRICE", {"low": {"below": 10, "adjustment": {"percent": 10}}})
    much = now()
    assert adjust(store, product, -45).status_code == 200
    store.charged(product, 110)
    basket = store.basket(a_line(product))
    assert prices(store, basket, much) == [100]
    assert prices(store, basket, now()) == [110]


def test_a_sale_that_is_over_was_on(store: Store) -> None:
    product = store.known()
    before = now()
    sale = store.made("/api/v1/flash-sales", a_sale(an_item(product_id=product["id"]), respects_min_price=False))
    assert store.http.post(f"/api/v1/flash-sales/{sale['id']}/activate").status_code == 200
    store.charged(product, 19.99)
    on = now()
    assert store.http.post(f"/api/v1/flash-sales/{sale['id']}/end").status_code == 200
    store.charged(product, 100)
    basket = store.basket(a_line(product))
    assert prices(store, basket, before) == [100]
    assert prices(store, basket, on, at=on) == [Decimal("19.99")]
    assert prices(store, basket, now()) == [100]
    # On at that instant as far as anybody knows now, and unknown before it was made.
    assert prices(store, basket, now(), at=on) == [Decimal("19.99")]
    assert prices(store, basket, before, at=on) == [100]
