"""Stock over HTTP: set, adjusted, listed, and every movement of it.

Source: docs/spec/inventory.md.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.catalog.shop import Shop, pointers, problem
from tests.inventory.stockroom import DYNAMIC, INVENTORY, adjust, place_of, put_stock


def a_variant() -> dict[str, Any]:
    return {"sku": f"V-{uuid4().hex}", "name": "Size 42"}


def test_stock_that_was_never_set_is_nothing(shop: Shop) -> None:
    made = shop.product()
    answer = shop.http.get(place_of(made))
    assert answer.headers["etag"] == f'"{made["id"]}.0"'
    shown = answer.json()["data"]
    assert (shown["sku"], shown["quantity"], shown["level"], shown["version"]) == (made["sku"], 0, "normal", 0)
    assert (shown["changed_by"], shown["updated_at"]) == (None, None)
    assert shop.listed(INVENTORY, product_id=made["id"]) == []
    assert shop.listed(f"{place_of(made)}/movements") == []


def test_stock_is_set_and_what_is_left_out_stays(shop: Shop) -> None:
    made = shop.product()
    first = put_stock(shop, made, 50, **DYNAMIC, reason="Delivery")
    assert {name: first[name] for name in DYNAMIC} == DYNAMIC
    assert (first["quantity"], first["available"], first["level"], first["version"]) == (50, 50, "normal", 1)
    second = put_stock(shop, made, 8, low_threshold=8)
    assert second == {
        **first,
        "quantity": 8,
        "available": 8,
        "low_threshold": 8,
        "level": "low",
        "version": 2,
        "updated_at": second["updated_at"],
    }
    assert put_stock(shop, made, 8) == second
    assert put_stock(shop, made, 8, low_threshold=None)["level"] == "normal"
    movements = shop.listed(f"{place_of(made)}/movements", limit=1)
    assert [(row["delta"], row["quantity"], row["reason"]) for row in movements] == [
        (-42, 8, None),
        (50, 50, "Delivery"),
    ]
    rows = shop.audited(made["id"])
    assert [row["action"] for row in rows if row["object_kind"] == "inventory"] == ["inventory.replace"] * 3


def test_an_adjustment_happens_once_however_often_it_is_sent(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 10)
    body = {"delta": -3, "reason": "Damaged"}
    key = {"Idempotency-Key": uuid4().hex}
    first = shop.post(f"{place_of(made)}/adjust", body, **key)
    assert first.status_code == 200
    again = shop.post(f"{place_of(made)}/adjust", body, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert first.headers["etag"] == again.headers["etag"] == shop.http.get(place_of(made)).headers["etag"]
    assert shop.shown(place_of(made)) == first.json()["data"]
    assert first.json()["data"]["quantity"] == 7
    last = shop.listed(f"{place_of(made)}/movements")[0]
    assert (last["delta"], last["quantity"], last["reason"]) == (-3, 7, "Damaged")
    assert last["actor"] == first.json()["data"]["changed_by"]
    audited = shop.audited(made["id"])[-1]
    assert (audited["action"], audited["before"]["quantity"], audited["after"]["quantity"]) == (
        "inventory.adjust",
        10,
        7,
    )


def test_an_adjustment_may_be_the_first_that_is_known(shop: Shop) -> None:
    made = shop.product()
    assert adjust(shop, made, 5).json()["data"]["version"] == 1
    assert shop.shown(place_of(made))["quantity"] == 5


def test_stock_never_goes_below_what_is_reserved(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 10)
    shop.sql("UPDATE inventory SET reserved = 4 WHERE item_id = $1", made["id"])
    for refused in (adjust(shop, made, -7), adjust(shop, made, -11), shop.put(place_of(made), {"quantity": 3})):
        assert problem(refused) == (409, "not-enough-stock")
        assert (refused.json()["quantity"], refused.json()["reserved"]) == (10, 4)
    assert adjust(shop, made, -6).json()["data"]["available"] == 0
    reserved = shop.listed(f"{place_of(made)}/movements")[1]
    assert (reserved["delta"], reserved["reserved_delta"], reserved["reason"], reserved["actor"]) == (
        0,
        4,
        None,
        "postgres",
    )


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"delta": 0, "reason": "x"}, "/delta"),
        ({"delta": 1.5, "reason": "x"}, "/delta"),
        ({"delta": 1_000_000_000, "reason": "x"}, "/delta"),
        ({"delta": 1_000_000_001, "reason": "x"}, "/delta"),
        ({"delta": 1, "reason": ""}, "/reason"),
        ({"delta": 1}, "/reason"),
        ({"delta": 1, "reason": "x", "why": "x"}, "/why"),
    ],
)
def test_an_adjustment_that_cannot_be_is_refused(shop: Shop, body: dict[str, Any], where: str) -> None:
    made = shop.product()
    put_stock(shop, made, 1)
    assert pointers(shop.post(f"{place_of(made)}/adjust", body)) == [where]
    assert shop.shown(place_of(made))["version"] == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"quantity": -1}, "/quantity"),
        ({"quantity": None}, "/quantity"),
        ({"low_threshold": 100}, "/high_threshold"),
        ({"high_threshold": 10}, "/high_threshold"),
        ({"low_adjust_percent": 100.5}, "/low_adjust_percent"),
        ({"high_adjust_percent": -1}, "/high_adjust_percent"),
        ({"high_adjust_percent": "0.1234567"}, "/high_adjust_percent"),
        ({"is_dynamic": None}, "/is_dynamic"),
        ({"reserved": 1}, "/reserved"),
    ],
)
def test_stock_that_cannot_be_is_refused(shop: Shop, fields: dict[str, Any], where: str) -> None:
    made = shop.product()
    put_stock(shop, made, 50, **DYNAMIC)
    assert pointers(shop.put(place_of(made), {"quantity": 40, **fields})) == [where]
    assert shop.shown(place_of(made))["version"] == 1


def test_a_variant_has_stock_of_its_own(shop: Shop) -> None:
    made = shop.product(variants=[a_variant(), a_variant()])
    variant = made["variants"][0]["id"]
    put_stock(shop, made, 50)
    assert put_stock(shop, made, 7, variant_id=variant)["sku"] == made["variants"][0]["sku"]
    assert adjust(shop, made, -2, variant_id=variant).json()["data"]["quantity"] == 5
    assert shop.shown(f"{place_of(made)}?variant_id={variant}")["quantity"] == 5
    assert shop.shown(place_of(made))["quantity"] == 50
    assert {row["variant_id"]: row["quantity"] for row in shop.listed(INVENTORY, product_id=made["id"], limit=1)} == {
        None: 50,
        variant: 5,
    }
    assert [row["delta"] for row in shop.listed(f"{place_of(made)}/movements")] == [-2, 7, 50]
    assert [row["delta"] for row in shop.listed(f"{place_of(made)}/movements", variant_id=variant)] == [-2, 7]


def test_of_what_there_is_not_there_is_no_stock(shop: Shop) -> None:
    made, other = shop.product(variants=[a_variant()]), shop.product()
    nothing = {"id": str(uuid4())}
    assert shop.http.get(place_of(nothing)).status_code == 404
    assert shop.http.get(f"{place_of(nothing)}/movements").status_code == 404
    assert shop.put(place_of(nothing), {"quantity": 1}).status_code == 404
    assert adjust(shop, nothing, 1).status_code == 404
    stranger = made["variants"][0]["id"]
    assert shop.http.get(place_of(other), params={"variant_id": stranger}).status_code == 404
    assert shop.put(place_of(other), {"quantity": 1, "variant_id": stranger}).status_code == 404
    put_stock(shop, made, 1, variant_id=stranger)
    assert adjust(shop, other, 1, variant_id=stranger).status_code == 404


def test_what_is_low_or_high_is_listed_and_measured(shop: Shop, admin: httpx.Client) -> None:
    low, high, between = (shop.product() for _ in range(3))
    for made, quantity in ((low, 10), (high, 100), (between, 11)):
        put_stock(shop, made, quantity, low_threshold=10, high_threshold=100)
    for level, made in (("low", low), ("high", high), ("normal", between)):
        listed = shop.listed(INVENTORY, level=level, limit=50)
        assert {row["level"] for row in listed} == {level}
        assert made["id"] in {row["product_id"] for row in listed}
        others = {each["id"] for each in (low, high, between)} - {made["id"]}
        assert not others & {row["product_id"] for row in listed}
        assert shop.listed(INVENTORY, level=level, product_id=between["id"]) == [
            row for row in listed if row["product_id"] == between["id"]
        ]
    ids = [row["product_id"] for row in shop.listed(INVENTORY, limit=2)]
    assert len(set(ids)) >= 3
    figures = dict(line.rsplit(" ", 1) for line in admin.get("/metrics").text.splitlines() if line[:1] != "#")
    counted = {row["level"]: row["count"] for row in shop.sql("SELECT level, count(*) FROM inventory GROUP BY level")}
    for level in ("low", "high"):
        assert float(figures[f'quote_inventory_items{{level="{level}"}}']) == counted[level] > 0


def test_shoppers_and_checkouts_see_no_stock(
    shop: Shop, shopper: dict[str, str], key_with: Callable[..., dict[str, str]], anonymous: httpx.Client
) -> None:
    made = shop.product()
    put_stock(shop, made, 5)
    checkout = key_with("quote:write", "quote:read", "flash:purchase")
    for path in (INVENTORY, place_of(made), f"{place_of(made)}/movements"):
        assert anonymous.get(path).status_code == 401
        assert anonymous.get(path, headers=shopper).status_code == 403
        assert anonymous.get(path, headers=checkout).status_code == 403


def test_of_two_that_set_the_same_version_one_is_refused(shop: Shop) -> None:
    made = shop.product()
    for version in range(5):
        tag = shop.http.get(place_of(made)).headers["etag"]
        with ThreadPoolExecutor(2) as threads:
            answers = list(
                threads.map(
                    lambda quantity: shop.put(place_of(made), {"quantity": quantity}, **{"If-Match": tag}),  # noqa: B023
                    (100 + version, 200 + version),
                )
            )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        (won,) = (answer for answer in answers if answer.status_code == 200)
        assert shop.shown(place_of(made)) == won.json()["data"]
        assert won.json()["data"]["version"] == version + 1


def test_no_adjustment_is_lost_and_none_goes_too_far(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 15, **DYNAMIC)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: adjust(shop, made, -1), range(24)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [409] * 9
    assert {answer.json()["data"]["quantity"] for answer in answers if answer.status_code == 200} == set(range(15))
    assert len(shop.history(made, reason="inventory")) == 1


def test_a_plain_update_is_a_movement_too(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 20)
    shop.sql("UPDATE inventory SET quantity = quantity - 5 WHERE item_id = $1", made["id"])
    shown = shop.shown(place_of(made))
    assert (shown["quantity"], shown["version"], shown["changed_by"]) == (15, 2, "postgres")
    shop.sql("UPDATE inventory SET quantity = quantity WHERE item_id = $1", made["id"])
    assert shop.shown(place_of(made)) == shown
    last = shop.listed(f"{place_of(made)}/movements")[0]
    assert (last["delta"], last["reason"], last["actor"]) == (-5, None, "postgres")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory SET quantity = -1 WHERE item_id = $1",
        "UPDATE inventory SET reserved = quantity + 1 WHERE item_id = $1",
        "UPDATE inventory SET quantity = 1000000001 WHERE item_id = $1",
        "UPDATE inventory SET low_threshold = 5, high_threshold = 5 WHERE item_id = $1",
        "UPDATE inventory SET low_threshold = -1 WHERE item_id = $1",
        "UPDATE inventory SET low_adjust_percent = 'NaN' WHERE item_id = $1",
        "UPDATE inventory SET high_adjust_percent = 100.000001 WHERE item_id = $1",
        "UPDATE inventory SET product_id = gen_random_uuid() WHERE item_id = $1",
        "DELETE FROM inventory WHERE item_id = $1",
        "UPDATE inventory_movements SET delta = 1 WHERE item_id = $1",
        "DELETE FROM inventory_movements WHERE item_id = $1",
    ],
)
def test_the_database_refuses_what_is_not_allowed(shop: Shop, statement: str) -> None:
    made = shop.product()
    put_stock(shop, made, 5)
    with pytest.raises((asyncpg.IntegrityConstraintViolationError, asyncpg.RestrictViolationError)):
        shop.sql(statement, made["id"])
    assert shop.shown(place_of(made))["version"] == 1
