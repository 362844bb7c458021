"""A flash sale says whether it sells below `min_price`. Source: docs/spec/flash-sales.md#minimum-prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.flash_sales.sales import a_sale

SALES, PRODUCTS = "/api/v1/flash-sales", "/api/v1/products"


def a_product(admin: httpx.Client, variants: tuple[dict[str, Any], ...] = (), **prices: Any) -> str:
    price = {"currency": "TRY", "base_price": 100, "min_price": 45, "cost_price": 40, **prices}
    made = admin.post(PRODUCTS, json={"sku": uuid4().hex, "name": "a jacket", "prices": [price], "variants": variants})
    assert made.status_code == 201, made.text
    return str(made.json()["data"]["id"])


def sale_of(product_id: str, price: Any, **fields: Any) -> dict[str, Any]:
    draft = {**a_sale(), **fields}
    item = {**draft["items"][0], "product_id": product_id, "sale_price": price, "currency": "TRY", "list_price": None}
    return {**draft, "items": [item]}


def faults(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [each["pointer"] for each in answer.json()["errors"]]


def warned(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.is_success, answer.text
    return [(each["code"], each["pointer"]) for each in answer.json()["data"].get("warnings", [])]


def test_a_price_below_the_minimum_is_refused_unless_the_sale_says_so(admin: httpx.Client) -> None:
    product = a_product(admin)
    refused = admin.post(SALES, json=sale_of(product, 44.99))
    assert faults(refused) == ["/items/0/sale_price"]
    assert "45" not in refused.json()["errors"][0]["detail"]
    assert faults(admin.post(SALES, json=sale_of(product, 44.99, respects_min_price=True))) == ["/items/0/sale_price"]
    made = admin.post(SALES, json=sale_of(product, 30, respects_min_price=False))
    at = "/items/0/sale_price"
    assert warned(made) == [("below_min_price", at), ("below_cost", at)]
    assert made.json()["data"]["respects_min_price"] is False
    shown = admin.get(made.headers["location"]).json()["data"]
    assert "warnings" not in shown
    # A sale that is replaced keeps what it has.
    kept = admin.put(made.headers["location"], json=sale_of(product, 42, starts_at=shown["starts_at"]))
    assert warned(kept) == [("below_min_price", at)]
    again = sale_of(product, 41, starts_at=shown["starts_at"], respects_min_price=True)
    assert faults(admin.put(made.headers["location"], json=again)) == [at]


def test_only_those_who_see_the_bounds_of_prices_are_warned(
    admin: httpx.Client, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    for scopes, expected in ((("sales:write",), 0), (("sales:write", "prices:read"), 2)):
        draft = sale_of(a_product(admin), 30, respects_min_price=False)
        made = anonymous.post(SALES, json=draft, headers=key_with(*scopes))
        assert len(warned(made)) == expected


def test_the_minimum_itself_and_other_currencies_may_be_asked(admin: httpx.Client) -> None:
    product = a_product(admin, cost_price=None)
    made = admin.post(SALES, json=sale_of(product, 45))
    assert warned(made) == []
    assert made.json()["data"]["respects_min_price"] is True
    in_euro = sale_of(a_product(admin), 1)
    in_euro["items"][0]["currency"] = "EUR"
    assert warned(admin.post(SALES, json=in_euro)) == []
    assert warned(admin.post(SALES, json=sale_of(str(uuid4()), 1))) == []  # of a product that the catalog does not know


def test_a_variant_with_a_dearer_minimum_counts(admin: httpx.Client) -> None:
    own = [{"currency": "TRY", "min_price": 60}]
    product = a_product(admin, ({"sku": uuid4().hex, "name": "a blue jacket", "prices": own},))
    assert faults(admin.post(SALES, json=sale_of(product, 50))) == ["/items/0/sale_price"]
    assert warned(admin.post(SALES, json=sale_of(product, 60))) == []


def test_a_minimum_that_is_raised_later_leaves_the_sale_as_it_was_announced(admin: httpx.Client) -> None:
    product = a_product(admin)
    made = admin.post(SALES, json=sale_of(product, 50))
    assert warned(made) == []
    path = made.headers["location"]
    held = admin.get(f"{PRODUCTS}/{product}").json()["data"]
    raised = [{**each, "min_price": 70} for each in held["prices"]]
    assert admin.put(f"{PRODUCTS}/{product}", json={**held, "prices": raised}).status_code == 200
    draft = sale_of(product, 50, starts_at=made.json()["data"]["starts_at"])
    # What was announced stands, and is warned of; a new price is held to what the minimum is by now.
    assert warned(admin.put(path, json={**draft, "name": "another"})) == [("below_min_price", "/items/0/sale_price")]
    assert faults(admin.put(path, json=sale_of(product, 55, starts_at=draft["starts_at"]))) == ["/items/0/sale_price"]
    started = admin.post(f"{path}/activate")
    assert started.status_code == 200, started.text
