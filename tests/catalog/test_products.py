"""Products and variants over HTTP.

Source: docs/spec/catalog.md#products-and-variants; docs/spec/catalog.md#prices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.shop import PRODUCTS, Shop, a_price, a_product, pointers, problem


def a_variant(**fields: Any) -> dict[str, Any]:
    return {"sku": f"V-{uuid4().hex}", "name": "Size 42", **fields}


def prices_of(holder: dict[str, Any]) -> dict[str, Any]:
    (price,) = holder["prices"]
    return dict(price)


def test_what_is_written_is_shown(shop: Shop) -> None:
    category, seller = shop.category(), shop.seller()
    draft = a_product(
        description="Light",
        category_id=category["id"],
        seller_id=seller["id"],
        weight=0.62,
        tags=["running", "Sömestr"],
        attributes={"material": "mesh", "sizes": [1, 2.5, {"x": None}]},
        prices=[
            {"currency": "JPY", "base_price": 5000, "min_price": 4000},
            {"currency": "TRY", "base_price": "1200.5", "current_price": 990, "min_price": 900, "cost_price": 610.125},
        ],
    )
    answer = shop.post(PRODUCTS, draft)
    shown = answer.json()["data"]
    assert answer.status_code == 201
    assert {name: shown[name] for name in draft if name != "prices"} == {
        name: value for name, value in draft.items() if name != "prices"
    }
    assert '"base_price":1200.50,"current_price":990.00,"min_price":900.00' in answer.text
    assert '"cost_price":610.125' in answer.text
    assert '"base_price":5000,"current_price":5000,"min_price":4000,"max_price":null' in answer.text
    assert (shown["version"], shown["variants"]) == (1, [])
    assert shop.shown(answer.headers["location"]) == shown
    (row,) = shop.audited(shown["id"])
    # What follows from the past of a price is no part of what was written.
    derived = ("lowest_price_30_days", "reduction")
    for owner in (shown, *shown["variants"]):
        owner["prices"] = [
            {name: value for name, value in price.items() if name not in derived} for price in owner["prices"]
        ]
    assert (row["action"], row["before"], row["after"]) == ("product.create", None, shown)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"sku": ""}, "/sku"),
        ({"sku": " a"}, "/sku"),
        ({"name": " "}, "/name"),
        ({"weight": -1}, "/weight"),
        ({"tags": ["a", "a"]}, "/tags/1"),
        ({"colour": "red"}, "/colour"),
        ({"attributes": {"a": "x" * 16_400}}, "/attributes"),
        ({"attributes": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, None),
        ({"attributes": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "/attributes"),
        ({"category_id": str(uuid4())}, "/category_id"),
        ({"seller_id": str(uuid4())}, "/seller_id"),
        ({"prices": [a_price(), a_price()]}, "/prices/1/currency"),
        ({"prices": [a_price(currency="XXX")]}, "/prices/0/currency"),
        ({"prices": [a_price(base_price=-1)]}, "/prices/0/base_price"),
        ({"prices": [a_price(base_price=1e13)]}, "/prices/0/base_price"),
        ({"prices": [a_price(base_price="60.0000001")]}, "/prices/0/base_price"),
        ({"prices": [a_price(min_price=100.01)]}, "/prices/0/min_price"),
        ({"prices": [a_price(min_price=100)]}, None),
        ({"prices": [a_price(max_price=99.99)]}, "/prices/0/max_price"),
        ({"prices": [a_price(max_price=100)]}, None),
        ({"prices": [a_price(current_price=49.99)]}, "/prices/0/current_price"),
        ({"prices": [a_price(current_price=50)]}, None),
        ({"prices": [a_price(current_price=200.01)]}, "/prices/0/current_price"),
        ({"variants": [a_variant(sku="twice-1"), a_variant(sku="twice-1")]}, "/variants/1/sku"),
        ({"variants": [a_variant(prices=[{"currency": "EUR"}])]}, "/variants/0/prices/0/currency"),
        ({"variants": [a_variant(prices=[{"currency": "TRY", "base_price": 201}])]}, "/variants/0/prices/0/max_price"),
        ({"variants": [a_variant(prices=[{"currency": "TRY", "min_price": 101}])]}, "/variants/0/prices/0/min_price"),
        (
            {"variants": [a_variant(prices=[{"currency": "TRY", "current_price": 49}])]},
            "/variants/0/prices/0/current_price",
        ),
    ],
)
def test_a_refusal_points_at_the_field(shop: Shop, fields: dict[str, Any], where: str | None) -> None:
    answer = shop.post(PRODUCTS, a_product(**fields))
    if where is None:
        assert answer.status_code == 201, answer.text
    else:
        assert pointers(answer) == [where]


def test_a_sku_is_unique_among_products_and_variants(shop: Shop) -> None:
    variant = a_variant()
    made = shop.product(variants=[variant])
    for sku in (made["sku"], variant["sku"]):
        for draft, where in (
            (a_product(sku=sku), "/sku"),
            (a_product(variants=[a_variant(sku=sku)]), "/variants/0/sku"),
        ):
            refused = shop.post(PRODUCTS, draft)
            assert (problem(refused), pointers(refused)) == ((409, "sku-taken"), [where])
    assert shop.listed(PRODUCTS, sku=variant["sku"]) == [made]


def test_a_variant_has_what_it_leaves_out_from_its_product(shop: Shop) -> None:
    own = {"currency": "TRY", "base_price": 120, "min_price": 90}
    made = shop.product(variants=[a_variant(), a_variant(prices=[own])])
    plain, other = made["variants"]
    assert prices_of(plain) == prices_of(made)
    shown = prices_of(other)
    assert (shown["base_price"], shown["current_price"], shown["min_price"], shown["max_price"]) == (120, 120, 90, 200)
    assert sorted(shown["own"]) == ["base_price", "current_price", "min_price"]
    # Its product's bounds and prices move on, and take along what is not its own.
    draft = {name: made[name] for name in ("sku", "name")}
    draft |= {
        "prices": [a_price(base_price=110, current_price=95, max_price=150)],
        "variants": [
            {"sku": plain["sku"], "name": "Size 42", "prices": [{"currency": "TRY", "min_price": 97}]},
            {"sku": other["sku"], "name": "Size 47", "prices": [own]},
        ],
    }
    answer = shop.put(f"{PRODUCTS}/{made['id']}", draft)
    assert answer.status_code == 200, answer.text
    changed = answer.json()["data"]
    first, second = (prices_of(variant) for variant in changed["variants"])
    assert (first["current_price"], first["base_price"], first["own"]) == (97, 110, ["min_price"])
    assert (second["current_price"], second["base_price"], second["max_price"]) == (120, 120, 150)
    assert [variant["id"] for variant in changed["variants"]] == [plain["id"], other["id"]]
    shop.price(made, 130)
    first, second = (prices_of(variant) for variant in shop.shown(f"{PRODUCTS}/{made['id']}")["variants"])
    assert (first["current_price"], second["current_price"]) == (130, 120)


def test_a_price_left_out_stays_and_is_held_to_new_bounds(shop: Shop) -> None:
    made = shop.product()
    place = f"{PRODUCTS}/{made['id']}"
    shop.price(made, 60)
    draft = {"sku": made["sku"], "name": "Another name", "prices": [a_price()]}
    assert prices_of(shop.put(place, draft).json()["data"])["current_price"] == 60
    draft["prices"] = [a_price(min_price=70)]
    assert prices_of(shop.put(place, draft).json()["data"])["current_price"] == 70
    assert [move["new_price"] for move in shop.history(made)] == [70, 60, 100]


def test_what_is_left_out_is_removed_and_comes_back(shop: Shop) -> None:
    variant = a_variant()
    made = shop.product(variants=[variant], prices=[a_price(), a_price(currency="EUR")])
    place = f"{PRODUCTS}/{made['id']}"
    draft = {"sku": made["sku"], "name": made["name"], "prices": [a_price()]}
    less = shop.put(place, draft).json()["data"]
    assert (less["variants"], [price["currency"] for price in less["prices"]]) == ([], ["TRY"])
    assert [(move["old_price"], move["new_price"]) for move in shop.history(made, currency="EUR")] == [
        (100, None),
        (None, 100),
    ]
    back = shop.put(place, {**draft, "variants": [variant]}).json()["data"]
    assert back["variants"][0]["id"] == made["variants"][0]["id"]


def test_versions_preconditions_and_repeats(shop: Shop) -> None:
    draft, key = a_product(variants=[a_variant()]), {"Idempotency-Key": uuid4().hex}
    made = shop.post(PRODUCTS, draft, **key)
    assert shop.post(PRODUCTS, draft, **key).content == made.content
    place = made.headers["location"]
    assert shop.put(place, draft, **{"If-Match": '"stale"'}).status_code == 412
    same = shop.put(place, draft, **{"If-Match": made.headers["etag"]})
    assert same.headers["etag"] == made.headers["etag"]
    changed = shop.put(place, {**draft, "tags": ["new"]}, **{"If-Match": made.headers["etag"]})
    assert changed.json()["data"]["version"] == 2
    shop.price(made.json()["data"], 110)
    assert shop.shown(place)["version"] == 3
    assert shop.http.delete(place, headers={"If-Match": changed.headers["etag"]}).status_code == 412
    assert shop.http.delete(place).status_code == 204
    assert shop.http.delete(place).status_code == 204
    gone = shop.shown(place)
    assert (gone["is_active"], gone["version"]) == (False, 4)
    actions = [row["action"] for row in shop.audited(gone["id"])]
    assert actions == ["product.create", "product.replace", "product.deactivate"]
    assert shop.put(f"{PRODUCTS}/{uuid4()}", draft).status_code == 404


def test_products_cannot_be_removed_by_plain_sql(shop: Shop) -> None:
    made = shop.product()
    for table in ("products", "price_history"):
        with pytest.raises(Exception, match="never removed"):
            shop.sql(f"DELETE FROM {table} WHERE false")
    assert shop.shown(f"{PRODUCTS}/{made['id']}") == made


def test_shoppers_see_what_is_sold_without_its_cost(
    shop: Shop, anonymous: httpx.Client, shopper: dict[str, str], checkout: httpx.Client
) -> None:
    tag = uuid4().hex
    made = shop.product(tags=[tag], prices=[a_price(cost_price=40)], variants=[a_variant()])
    hidden = shop.product(tags=[tag], is_active=False)
    shown = anonymous.get(f"{PRODUCTS}/{made['id']}", headers=shopper)
    assert "cost_price" not in shown.text
    assert shown.json()["data"]["prices"] == [
        {name: value for name, value in prices_of(made).items() if name not in ("cost_price", "min_price", "max_price")}
    ]
    assert {"created_by", "updated_by", "changed_by"}.isdisjoint(shown.json()["data"])
    assert anonymous.get(f"{PRODUCTS}/{hidden['id']}", headers=shopper).status_code == 404
    listed = anonymous.get(PRODUCTS, params={"q": tag}, headers=shopper)
    assert (listed.json()["data"], "cost_price" in listed.text) == ([shown.json()["data"]], False)
    refused = anonymous.get(PRODUCTS, params={"is_active": "false"}, headers=shopper)
    assert problem(refused) == (403, "forbidden")
    assert anonymous.get(f"{PRODUCTS}/{made['id']}/price-history", headers=shopper).status_code == 403
    # The development key has every scope, that of the catalog too.
    assert checkout.get(f"{PRODUCTS}/{hidden['id']}").status_code == 200


def test_how_far_a_price_may_move_is_for_staff_and_for_prices_read(
    shop: Shop, anonymous: httpx.Client, shopper: dict[str, str], key_with: Callable[..., dict[str, str]]
) -> None:
    tag = uuid4().hex
    own = {"currency": "TRY", "base_price": 120, "min_price": 90, "max_price": 180, "cost_price": 7}
    made = shop.product(tags=[tag], prices=[a_price(cost_price=40)], variants=[a_variant(prices=[own])])
    for headers, has_bounds, has_cost in [
        (shopper, False, False),
        (key_with("quote:read"), False, False),
        (key_with("quote:write", "order:write"), False, False),
        (key_with("prices:read"), True, False),
        (key_with("quote:read", "prices:read"), True, False),
        (key_with("reports:read"), False, True),
        (key_with("sales:write", "rules:write", "reports:read"), False, True),
        (key_with("reports:read", "prices:read"), True, True),
        (key_with("catalog:write"), True, True),
    ]:
        shown = anonymous.get(f"{PRODUCTS}/{made['id']}", headers=headers)
        listed = anonymous.get(PRODUCTS, params={"q": tag}, headers=headers)
        assert (shown.status_code, listed.json()["data"]) == (200, [shown.json()["data"]])
        for name, is_shown in (("min_price", has_bounds), ("max_price", has_bounds), ("cost_price", has_cost)):
            assert (f'"{name}"' in shown.text) == is_shown, (headers, name)
        (variant,) = shown.json()["data"]["variants"]
        hidden = {"min_price", "max_price"} if not has_bounds else set()
        hidden |= set() if has_cost else {"cost_price"}
        expected = {"base_price", "current_price", "min_price", "max_price", "cost_price"} - hidden
        assert set(prices_of(variant)["own"]) == expected
    hidden_product = shop.product(is_active=False)
    assert anonymous.get(f"{PRODUCTS}/{hidden_product['id']}", headers=key_with("prices:read")).status_code == 404
    for scopes, status in (
        (("prices:read",), 403),
        (("reports:read",), 403),
        (("reports:read", "prices:read"), 200),
        (("catalog:write",), 200),
    ):
        assert anonymous.get(f"{PRODUCTS}/export", headers=key_with(*scopes)).status_code == status, scopes
