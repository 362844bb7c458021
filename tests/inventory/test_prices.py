"""What stock does to prices, law by law, as staff see it.

Source: docs/spec/inventory.md#prices-that-follow-stock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.catalog.shop import PRODUCTS, Shop, a_price
from tests.inventory.stockroom import DYNAMIC, adjust, place_of, prices_now, put_stock, stock_moves


def test_a_price_moves_once_when_stock_becomes_low_and_back_when_it_is_normal(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 12, **DYNAMIC)
    tag = shop.http.get(f"{PRODUCTS}/{made['id']}").headers["etag"]
    for delta in (-1, -1, -1, -5):
        adjust(shop, made, delta)
    assert prices_now(shop, made) == {"TRY": 120}
    assert shop.http.get(f"{PRODUCTS}/{made['id']}").headers["etag"] != tag
    adjust(shop, made, 7)
    assert prices_now(shop, made) == {"TRY": 100}
    adjust(shop, made, 89)
    adjust(shop, made, 50)
    assert prices_now(shop, made) == {"TRY": 75}
    adjust(shop, made, -55)
    assert stock_moves(shop, made) == [(100, 120), (120, 100), (100, 75), (75, 100)]
    back, *_, first = shop.history(made, reason="inventory")
    crossing = shop.listed(f"{place_of(made)}/movements")[3 + 3]
    assert (crossing["delta"], crossing["quantity"]) == (-1, 10)
    assert (first["source_id"], first["actor"]) == (str(crossing["id"]), crossing["actor"])
    assert (first["note"], back["note"]) == ("stock is low", "stock is normal")


def test_from_low_straight_to_high_is_one_move(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **DYNAMIC)
    adjust(shop, made, 500)
    adjust(shop, made, -500)
    adjust(shop, made, 20)
    assert stock_moves(shop, made) == [(100, 120), (120, 75), (75, 120), (120, 100)]


def test_a_price_moved_by_hand_in_between_stays(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **DYNAMIC)
    shop.price(made, 130)
    adjust(shop, made, 20)
    assert prices_now(shop, made) == {"TRY": 130}
    assert stock_moves(shop, made) == [(100, 120)]
    adjust(shop, made, -20)
    adjust(shop, made, 20)
    assert stock_moves(shop, made) == [(100, 120), (130, 156), (156, 130)]


def test_a_price_is_held_to_its_bounds_and_goes_back_all_the_way(shop: Shop) -> None:
    made = shop.product(prices=[a_price(min_price=90, max_price=105)])
    put_stock(shop, made, 5, **DYNAMIC)
    adjust(shop, made, 95)
    adjust(shop, made, -50)
    assert stock_moves(shop, made) == [(100, 105), (105, 90), (90, 100)]


def test_every_currency_moves_and_is_rounded_to_its_digits(shop: Shop) -> None:
    prices = [
        {"currency": "JPY", "base_price": 1003},
        {"currency": "KWD", "base_price": "1.001"},
        {"currency": "TRY", "base_price": "0.05"},
    ]
    made = shop.product(prices=prices)
    put_stock(shop, made, 5, **{**DYNAMIC, "low_adjust_percent": 50})
    assert prices_now(shop, made) == {"JPY": 1505, "KWD": 1.502, "TRY": 0.08}
    adjust(shop, made, 20)
    assert prices_now(shop, made) == {"JPY": 1003, "KWD": 1.001, "TRY": 0.05}


@pytest.mark.parametrize("fields", [{"low_threshold": 4}, {"low_threshold": None}, {"is_dynamic": False}])
def test_what_ends_low_stock_takes_the_price_back(shop: Shop, fields: dict[str, Any]) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **DYNAMIC)
    put_stock(shop, made, 5, **fields)
    assert stock_moves(shop, made) == [(100, 120), (120, 100)]
    assert shop.history(made, reason="inventory")[0]["source_id"] == made["id"]


def test_what_makes_stock_low_moves_the_price(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **{**DYNAMIC, "is_dynamic": False})
    assert stock_moves(shop, made) == []
    put_stock(shop, made, 5, is_dynamic=True)
    assert stock_moves(shop, made) == [(100, 120)]
    other = shop.product()
    put_stock(shop, other, 50, **DYNAMIC)
    put_stock(shop, other, 50, low_threshold=60)
    assert stock_moves(shop, other) == [(100, 120)]


def test_another_percentage_counts_from_the_next_crossing(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **DYNAMIC)
    put_stock(shop, made, 4, low_adjust_percent=40)
    assert prices_now(shop, made) == {"TRY": 120}
    adjust(shop, made, 20)
    adjust(shop, made, -20)
    assert stock_moves(shop, made) == [(100, 120), (120, 100), (100, 140)]


def test_without_a_percentage_a_fine_price_is_left_as_it_is(shop: Shop) -> None:
    made = shop.product(prices=[a_price(base_price="100.125")])
    put_stock(shop, made, 5, **{**DYNAMIC, "low_adjust_percent": 0})
    assert stock_moves(shop, made) == []


def test_stock_of_what_has_no_price_can_change(shop: Shop) -> None:
    made = shop.product(prices=[])
    put_stock(shop, made, 5, **DYNAMIC)
    document = {"sku": made["sku"], "name": made["name"], "prices": [a_price()]}
    assert shop.put(f"{PRODUCTS}/{made['id']}", document).status_code == 200
    adjust(shop, made, 20)
    assert stock_moves(shop, made) == []
    adjust(shop, made, -20)
    assert stock_moves(shop, made) == [(100, 120)]


def test_a_currency_that_is_dropped_and_sold_again_begins_again(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 5, **DYNAMIC)
    for prices in ([], [a_price(base_price=120)]):
        document = {"sku": made["sku"], "name": made["name"], "prices": prices}
        assert shop.put(f"{PRODUCTS}/{made['id']}", document).status_code == 200
    adjust(shop, made, 20)
    assert prices_now(shop, made) == {"TRY": 120}


def test_the_price_of_a_huge_product_does_not_stop_its_stock(shop: Shop) -> None:
    made = shop.product(prices=[{"currency": "TRY", "base_price": "9999999999000"}])
    assert put_stock(shop, made, 5, **DYNAMIC)["level"] == "low"
    assert stock_moves(shop, made) == [(9999999999000, 9999999999999)]


def test_only_a_price_of_its_own_follows_a_variants_stock(shop: Shop) -> None:
    own = {"sku": f"V-{uuid4().hex}", "name": "47", "prices": [{"currency": "TRY", "base_price": 110}]}
    bounded = {"sku": f"V-{uuid4().hex}", "name": "42", "prices": [{"currency": "TRY", "max_price": 115}]}
    made = shop.product(variants=[own, bounded])
    first, second = (variant["id"] for variant in made["variants"])
    for variant in (first, second):
        put_stock(shop, made, 5, **DYNAMIC, variant_id=variant)
    assert stock_moves(shop, made, variant_id=first) == [(110, 132)]
    assert stock_moves(shop, made, variant_id=second) == []
    assert prices_now(shop, made) == {"TRY": 100}
    # What is not its own follows the product, and so the product's stock.
    put_stock(shop, made, 5, **DYNAMIC)
    assert stock_moves(shop, made, variant_id=first) == [(110, 132)]
    assert stock_moves(shop, made, variant_id=second) == [(100, 115)]


def test_plain_sql_of_another_program_moves_prices_too(shop: Shop) -> None:
    made = shop.product()
    inserted = """INSERT INTO inventory (product_id, quantity, low_threshold, low_adjust_percent, is_dynamic)
        VALUES ($1, 3, 10, 20, true)"""
    shop.sql(inserted, made["id"])
    shop.sql("UPDATE inventory SET quantity = 11 WHERE item_id = $1", made["id"])
    assert stock_moves(shop, made) == [(100, 120), (120, 100)]
    assert {move["actor"] for move in shop.history(made, reason="inventory")} == {"postgres"}


def test_what_else_a_transaction_moves_keeps_its_own_reason(shop: Shop) -> None:
    made, other = shop.product(), shop.product()
    put_stock(shop, made, 50, **DYNAMIC)
    # In one transaction, one after the other.
    shop.sql(f"""DO $$ BEGIN
        PERFORM set_config('quote_service.price_reason', 'campaign', true);
        UPDATE inventory SET quantity = 1 WHERE item_id = '{made["id"]}';
        UPDATE product_prices SET current_price = 90 WHERE item_id = '{other["id"]}';
    END $$""")
    assert shop.history(made)[0]["reason"] == "inventory"
    assert shop.history(other)[0]["reason"] == "campaign"


def test_prices_moved_by_hand_and_by_stock_at_once_do_not_block_each_other(shop: Shop) -> None:
    made = shop.product()
    put_stock(shop, made, 10, **DYNAMIC)

    def turn(number: int) -> int:
        if number % 2:
            return adjust(shop, made, 1 if number % 4 == 1 else -1).status_code
        price = {"price": 100 + number % 50, "currency": "TRY"}
        return shop.post(f"{PRODUCTS}/{made['id']}/price", price).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(turn, range(120)))
    assert set(answers) <= {200, 201}
    moves = shop.history(made)[::-1]
    assert [move["old_price"] for move in moves[1:]] == [move["new_price"] for move in moves[:-1]]
    assert {move["reason"] for move in moves} == {"manual", "inventory"}
    assert prices_now(shop, made) == {"TRY": moves[-1]["new_price"]}
