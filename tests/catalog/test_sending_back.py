"""What a GET shows can be sent back with one member changed, and changes nothing else.

Source: docs/spec/wire.md#sending-back-what-is-shown; docs/spec/catalog.md#prices.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from tests.catalog.shop import PRODUCTS, Shop, a_price, a_product, pointers


def shown_product(shop: Shop) -> dict[str, Any]:
    """One with a variant of its own price, one of its own bounds that hold what follows, and one that follows in all."""
    variants = [
        {"sku": f"V-{uuid4().hex}", "name": "own", "prices": [{"currency": "TRY", "current_price": 120}]},
        {"sku": f"V-{uuid4().hex}", "name": "held", "prices": [{"currency": "TRY", "base_price": 85, "current_price": None, "max_price": 90}]},
        {"sku": f"V-{uuid4().hex}", "name": "follows"},
    ]  # fmt: skip
    prices = [a_price(cost_price=40), a_price(currency="JPY")]
    made = shop.made(PRODUCTS, a_product(prices=prices, variants=variants, category_id=shop.category()["id"]))
    return dict(shop.shown(f"{PRODUCTS}/{made['id']}"))


def test_a_product_that_is_sent_back_stays_as_it_is(shop: Shop) -> None:
    shown = shown_product(shop)
    assert [price["own"] for each in shown["variants"] for price in each["prices"] if price["currency"] == "TRY"] == [
        ["current_price"],
        ["base_price", "max_price"],
        [],
    ]
    answer = shop.put(f"{PRODUCTS}/{shown['id']}", shown)
    assert (answer.status_code, answer.json()["data"]) == (200, shown)


def test_what_follows_the_product_still_follows_it(shop: Shop) -> None:
    shown = shown_product(shop)
    sent = deepcopy(shown)
    (lira,) = (price for price in sent["prices"] if price["currency"] == "TRY")
    lira["current_price"] = 88
    now = shop.put(f"{PRODUCTS}/{shown['id']}", sent).json()["data"]
    assert [
        (price["current_price"], price["own"])
        for each in now["variants"]
        for price in each["prices"]
        if price["currency"] == "TRY"
    ] == [(120, ["current_price"]), (88, ["base_price", "max_price"]), (88, [])]


def test_a_price_of_a_variant_is_changed_where_own_names_it_and_refused_where_not(shop: Shop) -> None:
    shown = shown_product(shop)
    sent = deepcopy(shown)
    place = next(n for n, price in enumerate(sent["variants"][2]["prices"]) if price["currency"] == "TRY")
    price = sent["variants"][2]["prices"][place]
    price["current_price"] = 77
    refused = shop.put(f"{PRODUCTS}/{shown['id']}", sent)
    assert (refused.status_code, pointers(refused)) == (422, [f"/variants/2/prices/{place}/current_price"])
    assert shop.shown(f"{PRODUCTS}/{shown['id']}") == shown
    price["own"] = ["current_price"]
    now = shop.put(f"{PRODUCTS}/{shown['id']}", sent).json()["data"]
    changed = next(each for each in now["variants"][2]["prices"] if each["currency"] == "TRY")
    assert (changed["current_price"], changed["own"]) == (77, ["current_price"])
    price["own"] = []
    price["current_price"] = 100
    now = shop.put(f"{PRODUCTS}/{shown['id']}", sent).json()["data"]
    changed = next(each for each in now["variants"][2]["prices"] if each["currency"] == "TRY")
    assert (changed["current_price"], changed["own"]) == (100, [])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda sent: sent.update(id=str(uuid4())), "/id"),
        (lambda sent: sent.update(id=None), "/id"),
        (lambda sent: sent["variants"][0].update(id=str(uuid4())), "/variants/0/id"),
        (lambda sent: sent["variants"][1].update(sku=f"V-{uuid4().hex}"), "/variants/1/id"),
        (lambda sent: sent["variants"][0]["prices"][0].update(own=["price"]), "/variants/0/prices/0/own/0"),
        (lambda sent: sent["prices"][0].update(colour="red"), "/prices/0/colour"),
        (lambda sent: sent.update(lowest_price_30_days=1), "/lowest_price_30_days"),
        (lambda sent: sent.update(variants={}), "/variants"),
    ],
    ids=range(8),
)
def test_what_is_shown_of_something_else_or_nowhere_is_refused(shop: Shop, change: Any, where: str) -> None:
    shown = shown_product(shop)
    sent = deepcopy(shown)
    change(sent)
    answer = shop.put(f"{PRODUCTS}/{shown['id']}", sent)
    assert (answer.status_code, pointers(answer)) == (422, [where])
    assert shop.shown(f"{PRODUCTS}/{shown['id']}") == shown


def test_a_new_product_has_no_fields_that_only_answers_have(shop: Shop) -> None:
    assert pointers(shop.post(PRODUCTS, a_product(version=1))) == ["/version"]
    variants = [{"sku": f"V-{uuid4().hex}", "name": "new", "id": str(uuid4())}]
    assert pointers(shop.post(PRODUCTS, a_product(variants=variants))) == ["/variants/0/id"]


@pytest.mark.parametrize("kind", ["category", "seller"])
def test_categories_and_sellers_are_sent_back_as_they_are_shown(shop: Shop, kind: str) -> None:
    path = f"/api/v1/{'categories' if kind == 'category' else 'sellers'}/{getattr(shop, kind)()['id']}"
    shown = shop.shown(path)
    answer = shop.put(path, shown)
    assert (answer.status_code, answer.json()["data"]) == (200, shown)
    renamed = shop.put(path, {**shown, "name": f"new {uuid4()}", "version": 99}).json()["data"]
    assert (renamed["id"], renamed["version"]) == (shown["id"], shown["version"] + 1)
    assert pointers(shop.put(path, {**shown, "id": str(uuid4())})) == ["/id"]
