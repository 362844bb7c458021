"""Lists and search over HTTP.

Source: docs/spec/catalog.md#lists-and-search.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from quote_service.shop.catalog.model.spelling import nearest_word, slips_between
from tests.catalog.shop import PRODUCTS, Shop, a_price, pointers


def skus(rows: list[dict[str, Any]]) -> list[str]:
    return [row["sku"] for row in rows]


def word() -> str:
    """A word of letters alone that no other test has."""
    return "".join(chr(ord("a") + digit % 26) for digit in uuid4().bytes)


def test_filters_and_pages(shop: Shop) -> None:
    category, seller = shop.category(), shop.seller()
    below = shop.category(parent_id=category["id"])
    made = [
        shop.product(category_id=category["id"], is_active=place % 2 == 0, prices=[a_price(base_price=100 + place)])
        for place in range(5)
    ]
    shop.product(category_id=below["id"])
    other = shop.product(category_id=category["id"], seller_id=seller["id"], prices=[a_price(currency="EUR")])

    def found(**query: Any) -> list[dict[str, Any]]:
        return shop.listed(PRODUCTS, category_id=category["id"], limit=2, **query)

    assert found() == [*made, other]
    assert found(is_active="false") == [made[1], made[3]]
    assert found(currency="EUR") == shop.listed(PRODUCTS, seller_id=seller["id"]) == [other]
    assert found(currency="TRY", price_from="101", price_to="103.5") == made[1:4]
    assert found(currency="TRY", price_to="100.99") == made[:1]
    assert shop.listed(PRODUCTS, sku=made[2]["sku"]) == [made[2]]
    shop.price(made[0], 150)
    shop.price(made[4], 60)
    assert skus(found(currency="TRY", price_from="60")) == skus([made[4], *made[1:4], made[0]])
    changed = skus(found(updated_after=other["updated_at"]))
    assert changed == skus([made[0], made[4]])
    assert skus(found(updated_after=other["updated_at"], currency="TRY", price_from="0")) == changed[::-1]


def test_products_are_listed_by_their_ids(shop: Shop) -> None:
    one, other, gone = shop.product(), shop.product(), shop.product(is_active=False)
    ids = ",".join(each["id"] for each in (gone, other, one, other))
    assert shop.listed(PRODUCTS, ids=ids, limit=1) == [one, other, gone]
    assert shop.listed(PRODUCTS, ids=ids, is_active="true") == [one, other]
    assert shop.listed(PRODUCTS, ids=str(uuid4())) == []
    for query, pointer in (
        ({"ids": "one"}, "/query/ids"),
        ({"ids": ","}, "/query/ids"),
        ({"ids": ",".join([one["id"]] * 101)}, "/query/ids"),
        ({"ids": one["id"], "q": "shoe"}, "/query/q"),
        ({"ids": one["id"], "currency": "TRY"}, "/query/currency"),
    ):
        assert pointers(shop.http.get(PRODUCTS, params=query)) == [pointer]


def test_search_finds_beginnings_whatever_accents_and_case(shop: Shop) -> None:
    name = word()
    made = shop.product(name=f"Kırmızı {name} ŞIK-elbise", tags=["Straße", "ΕΛΛΑΔΑ"], sku=f"{name.upper()}-77/b")
    for q in (
        name, name[:10], f"KIRMIZI {name}", f"kirmizi elb {name}", f"{name} strasse", f"{name} ελλάδα", f"{name} 77",
        f"SIK, {name}!", f"{name}-77",
    ):  # fmt: skip
        assert shop.listed(PRODUCTS, q=q) == [made], q
    for q in (f"{name} 78", f"{name}x9", f"{name} mavi", name[3:]):
        assert shop.listed(PRODUCTS, q=q) == [], q
    assert pointers(shop.http.get(PRODUCTS, params={"q": "-- ' :* & | !"})) == ["/query/q"]
    assert shop.listed(PRODUCTS, q=f"{name} kırmızı' | x:*") == []


def test_a_mistyped_word_is_read_as_the_nearest(shop: Shop) -> None:
    name = word()
    made = [shop.product(name=f"{name} jacket") for _ in range(3)]
    swapped = name[:3] + name[4] + name[3] + name[5:]
    for q in (swapped, name[:6] + name[7:], f"{name[:6]}q{name[6:]}", f"{swapped} jakcet"):
        assert shop.listed(PRODUCTS, q=q, limit=1) == made, q
    assert shop.listed(PRODUCTS, q=name[::-1]) == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"q": ""}, "/query/q"),
        ({"category_id": "x"}, "/query/category_id"),
        ({"is_active": "maybe"}, "/query/is_active"),
        ({"price_from": "1"}, "/query/currency"),
        ({"price_to": "x", "currency": "TRY"}, "/query/price_to"),
        ({"price_to": "1.1234567", "currency": "TRY"}, "/query/price_to"),
        ({"currency": "ABC"}, "/query/currency"),
        ({"updated_after": "2026-01-01T00:00:00"}, "/query/updated_after"),
        ({"cursor": "x"}, "/query/cursor"),
        ({"colour": "red"}, "/query/colour"),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_is_refused(shop: Shop, query: dict[str, str], where: str) -> None:
    assert pointers(shop.http.get(PRODUCTS, params=query)) == [where]


def test_a_cursor_of_another_order_is_refused(shop: Shop) -> None:
    shop.product()
    shop.product()
    cursor = shop.http.get(PRODUCTS, params={"limit": 1}).json()["next_cursor"]
    for query in ({"currency": "TRY", "price_from": "0"}, {"updated_after": "2020-01-01T00:00:00Z"}):
        assert pointers(shop.http.get(PRODUCTS, params={**query, "cursor": cursor})) == ["/query/cursor"]


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("shirt", "shirt", 0), ("shrit", "shirt", 1), ("shit", "shirt", 1), ("shiirt", "shirt", 1), ("shixt", "shirt", 1),
        ("", "abc", 3), ("ca", "abc", 3), ("kitten", "sitting", 3), ("abcdef", "badcfe", 3),
    ],
)  # fmt: skip
def test_slips_between_words(left: str, right: str, slips: int) -> None:
    assert slips_between(left, right) == slips_between(right, left) == slips


def test_the_nearest_word_is_near_enough_and_the_first_of_equals() -> None:
    assert nearest_word("shrit", ["short", "shirt", "shore"]) == "shirt"
    assert nearest_word("boot", ["foot", "boat"]) == "boat"
    assert nearest_word("shoes", ["shore", "shots"]) == "shots"
    assert nearest_word("shoes", ["shxxs"]) is None
    assert nearest_word("jackets", ["jaxxets", "jaxxxts"]) == "jaxxets"
    assert nearest_word("shoes", []) is None
