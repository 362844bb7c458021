"""Categories and sellers over HTTP.

Source: docs/spec/catalog.md#categories; docs/spec/catalog.md#sellers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx

from tests.catalog.shop import CATEGORIES, SELLERS, Shop, pointers, problem


def test_a_path_shows_the_names_from_the_top(shop: Shop) -> None:
    top = shop.category()
    below = shop.category(name="Shoes", parent_id=top["id"])
    lowest = shop.category(name="Running", parent_id=below["id"])
    assert lowest["path"] == [top["name"], "Shoes", "Running"]
    assert shop.listed(CATEGORIES, parent_id=top["id"]) == [below]
    assert top["id"] in [row["id"] for row in shop.listed(CATEGORIES, is_top="true", limit=200)]
    assert below["id"] not in [row["id"] for row in shop.listed(CATEGORIES, is_top="true", limit=200)]
    moved = shop.put(f"{CATEGORIES}/{lowest['id']}", {"name": "Running", "parent_id": top["id"]})
    assert moved.json()["data"]["path"] == [top["name"], "Running"]


def test_names_are_unique_below_a_parent(shop: Shop) -> None:
    top = shop.category()
    shop.category(name="Shoes", parent_id=top["id"])
    again = shop.post(CATEGORIES, {"name": "Shoes", "parent_id": top["id"]})
    assert problem(again) == (409, "name-taken")
    assert problem(shop.post(CATEGORIES, {"name": top["name"]})) == (409, "name-taken")


def test_no_category_is_below_itself_and_none_is_too_deep(shop: Shop) -> None:
    chain = [shop.category()]
    while len(chain) < 10:
        chain.append(shop.category(parent_id=chain[-1]["id"]))
    deeper = shop.post(CATEGORIES, {"name": "eleventh", "parent_id": chain[-1]["id"]})
    assert pointers(deeper) == ["/parent_id"]
    for below in (chain[0], chain[4], chain[9]):
        circle = shop.put(f"{CATEGORIES}/{chain[0]['id']}", {"name": "round", "parent_id": below["id"]})
        assert pointers(circle) == ["/parent_id"]
    # With all that is below it.
    other = shop.category()
    assert pointers(shop.put(f"{CATEGORIES}/{chain[0]['id']}", {"name": "low", "parent_id": other["id"]})) == [
        "/parent_id"
    ]
    assert pointers(shop.post(CATEGORIES, {"name": "x", "parent_id": str(uuid4())})) == ["/parent_id"]


def test_two_moves_at_once_close_no_circle(shop: Shop) -> None:
    for _ in range(5):
        left, right = shop.category(), shop.category()

        def move(pair: tuple[str, str]) -> httpx.Response:
            return shop.put(f"{CATEGORIES}/{pair[0]}", {"name": uuid4().hex, "parent_id": pair[1]})

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(move, [(left["id"], right["id"]), (right["id"], left["id"])]))
        assert sorted(answer.status_code for answer in answers) == [200, 422]


def test_a_category_or_seller_goes_only_when_nothing_needs_it(shop: Shop) -> None:
    top, seller = shop.category(), shop.seller()
    below = shop.category(parent_id=top["id"])
    shop.product(category_id=below["id"], seller_id=seller["id"])
    for path in (f"{CATEGORIES}/{top['id']}", f"{CATEGORIES}/{below['id']}", f"{SELLERS}/{seller['id']}"):
        assert problem(shop.http.delete(path)) == (409, "still-used")
        assert shop.http.get(path).status_code == 200
    alone = shop.category()
    path = f"{CATEGORIES}/{alone['id']}"
    assert shop.http.delete(path, headers={"If-Match": '"stale"'}).status_code == 412
    assert shop.http.delete(path, headers={"If-Match": f'"{alone["id"]}.1"'}).status_code == 204
    assert shop.http.get(path).status_code == 404
    assert [row["action"] for row in shop.audited(alone["id"])] == ["category.create", "category.delete"]


def test_a_seller_is_made_found_changed_and_removed(shop: Shop) -> None:
    ref = uuid4().hex
    key = {"Idempotency-Key": uuid4().hex}
    made = shop.post(SELLERS, {"name": "Kaya", "external_ref": ref}, **key)
    again = shop.post(SELLERS, {"name": "Kaya", "external_ref": ref}, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    seller, place = made.json()["data"], made.headers["location"]
    assert shop.listed(SELLERS, external_ref=ref) == [seller]
    assert shop.listed(SELLERS, external_ref=ref, is_active="false") == []
    assert problem(shop.post(SELLERS, {"name": "Other", "external_ref": ref})) == (409, "name-taken")
    draft = {"name": "Kaya & Co", "external_ref": ref, "is_active": False}
    assert shop.put(place, draft, **{"If-Match": '"stale"'}).status_code == 412
    changed = shop.put(place, draft, **{"If-Match": made.headers["etag"]})
    assert (changed.json()["data"]["version"], changed.json()["data"]["is_active"]) == (2, False)
    assert shop.put(place, draft).headers["etag"] == changed.headers["etag"]  # the same again is no new version
    assert shop.http.delete(place).status_code == 204
    assert shop.http.delete(place).status_code == 404
    actions = [row["action"] for row in shop.audited(seller["id"])]
    assert actions == ["seller.create", "seller.replace", "seller.delete"]


def test_a_seller_is_somewhere_on_a_path_from_the_country_down(shop: Shop) -> None:
    made = shop.post(SELLERS, {"name": "Kaya", "region": "TR/İstanbul"})
    seller, place = made.json()["data"], made.headers["location"]
    assert seller["region"] == "TR/İstanbul"
    assert shop.http.get(place).json()["data"] == seller
    assert shop.put(place, {"name": "Kaya"}).json()["data"]["region"] is None
    for region in ("Istanbul", "XX", "TR//Kadıköy", "TR/a/b/c", "T", ""):
        assert pointers(shop.post(SELLERS, {"name": "Kaya", "region": region})) == ["/region"], region
        assert pointers(shop.put(place, {"name": "Kaya", "region": region})) == ["/region"], region


def test_shoppers_see_categories_without_who_made_them(
    shop: Shop, anonymous: httpx.Client, shopper: dict[str, str]
) -> None:
    made = shop.category()
    shown = anonymous.get(f"{CATEGORIES}/{made['id']}", headers=shopper).json()["data"]
    assert shown == {
        name: value for name, value in made.items() if name not in ("created_by", "updated_by", "changed_by")
    }
    assert anonymous.get(SELLERS, headers=shopper).status_code == 403
