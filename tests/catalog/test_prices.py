"""Moving prices over HTTP and by plain SQL, and what the history reports it.

Source: docs/spec/catalog.md#moving-a-price; docs/spec/catalog.md#price-history.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.catalog.shop import PRODUCTS, Shop, a_price, pointers, problem


def price_now(shop: Shop, product: dict[str, Any]) -> Any:
    return shop.shown(f"{PRODUCTS}/{product['id']}")["prices"][0]["current_price"]


def moves(shop: Shop, product: dict[str, Any], **query: Any) -> list[tuple[Any, Any, str]]:
    """Old, new and reason, oldest first."""
    found = shop.history(product, **query)[::-1]
    return [(move["old_price"], move["new_price"], move["reason"]) for move in found]


def test_both_spellings_move_the_price_with_its_history(shop: Shop) -> None:
    made = shop.product()
    place = f"{PRODUCTS}/{made['id']}/price"
    key = {"Idempotency-Key": uuid4().hex}
    posted = shop.post(place, {"price": 80, "currency": "TRY", "reason_note": "sale"}, **key)
    assert posted.status_code == 201
    assert '"price":80.00' in posted.text
    assert shop.post(place, {"price": 80, "currency": "TRY", "reason_note": "sale"}, **key).content == posted.content
    change = posted.json()["data"]
    assert shop.shown(posted.headers["location"]) == change
    assert (change["status"], change["applied_price"]) == ("done", 80)
    tag = shop.http.get(f"{PRODUCTS}/{made['id']}").headers["etag"]
    put = shop.put(place, {"price": "90.125", "currency": "TRY"}, **{"If-Match": tag})
    assert put.status_code == 200
    assert shop.put(place, {"price": 95, "currency": "TRY"}, **{"If-Match": tag}).status_code == 412
    assert price_now(shop, made) == 90.125
    last, first = shop.history(made)[:2]
    assert (last["old_price"], last["new_price"], last["note"]) == (80, 90.125, None)
    assert (first["old_price"], first["new_price"], first["reason"]) == (100, 80, "manual")
    assert (first["note"], first["source_id"], first["actor"]) == ("sale", change["id"], change["created_by"])
    assert [row["action"] for row in shop.audited(change["id"])] == ["price.change"]


def test_the_price_that_it_is_already_is_no_move(shop: Shop) -> None:
    made = shop.product()
    shop.price(made, 100)
    assert moves(shop, made) == [(None, 100, "manual")]


@pytest.mark.parametrize(
    ("draft", "where"),
    [
        ({"price": 49.99}, "/price"),
        ({"price": 200.01}, "/price"),
        ({"price": -1}, "/price"),
        ({"price": "60.0000001"}, "/price"),
        ({"price": 60, "currency": "EUR"}, "/currency"),
        ({"price": 60, "currency": "ABC"}, "/currency"),
        ({"price": 60, "variant_id": str(uuid4())}, "/variant_id"),
        ({"price": 60, "effective_at": "2020-01-01T00:00:00Z"}, "/effective_at"),
        ({"price": 60, "effective_at": "2126-01-01T00:00:00"}, "/effective_at"),
        ({"price": 60, "why": ""}, "/why"),
    ],
)
def test_a_price_that_cannot_be_is_refused(shop: Shop, draft: dict[str, Any], where: str) -> None:
    made = shop.product()
    answer = shop.post(f"{PRODUCTS}/{made['id']}/price", {"currency": "TRY", **draft})
    assert pointers(answer) == [where]
    assert moves(shop, made) == [(None, 100, "manual")]


def test_a_variant_gets_a_price_of_its_own(shop: Shop) -> None:
    made = shop.product(variants=[{"sku": f"V-{uuid4().hex}", "name": "Size 42"}])
    variant = made["variants"][0]["id"]
    shop.price(made, 60, variant_id=variant)
    shop.price(made, 70, variant_id=variant)
    shop.price(made, 150)
    shown = shop.shown(f"{PRODUCTS}/{made['id']}")
    own = shown["variants"][0]["prices"][0]
    assert (own["current_price"], own["own"], shown["prices"][0]["current_price"]) == (70, ["current_price"], 150)
    assert moves(shop, made, variant_id=variant) == [(None, 60, "manual"), (60, 70, "manual")]


def test_plain_sql_of_another_program_is_a_move_too(shop: Shop) -> None:
    made = shop.product(
        variants=[{"sku": f"V-{uuid4().hex}", "name": "Size 42", "prices": [{"currency": "TRY", "min_price": 90}]}]
    )
    shop.sql("UPDATE product_prices SET current_price = 80 WHERE item_id = $1", made["id"])
    product_move, variant_move = sorted(shop.history(made)[:2], key=lambda move: move["variant_id"] or "")
    assert (product_move["old_price"], product_move["new_price"], product_move["reason"]) == (100, 80, "manual")
    assert (product_move["actor"], product_move["source_id"]) == ("postgres", None)
    # The variant follows its product, as far as its own bounds let it.
    assert (variant_move["old_price"], variant_move["new_price"]) == (100, 90)
    shown = shop.shown(f"{PRODUCTS}/{made['id']}")
    assert (shown["version"], shown["prices"][0]["current_price"]) == (2, 80)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE product_prices SET current_price = 49.99 WHERE item_id = $1",
        "UPDATE product_prices SET current_price = 200.01 WHERE item_id = $1",
        "UPDATE product_prices SET min_price = 101 WHERE item_id = $1",
        "UPDATE product_prices SET max_price = 99 WHERE item_id = $1",
        "UPDATE product_prices SET current_price = 'NaN' WHERE item_id = $1",
        "UPDATE product_prices SET min_price = -1 WHERE item_id = $1",
        "UPDATE product_prices SET base_price = 40, min_price = 41, current_price = 42 WHERE item_id = $1",
        "UPDATE price_history SET new_price = 1 WHERE product_id = $1",
        "UPDATE product_prices SET currency = 'EUR' WHERE item_id = $1",
    ],
)
def test_the_database_holds_bounds_and_history(shop: Shop, statement: str) -> None:
    made = shop.product()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        shop.sql(statement, made["id"])
    assert moves(shop, made) == [(None, 100, "manual")]


def test_history_is_filtered_and_paged(shop: Shop) -> None:
    made = shop.product(prices=[a_price(), a_price(currency="EUR")])
    for price in (90, 80, 70):
        shop.price(made, price)
    everything = shop.history(made)
    assert [move["new_price"] for move in shop.history(made, currency="TRY", limit=1)] == [70, 80, 90, 100]
    assert len(everything) == 5
    second = everything[1]
    assert [move["new_price"] for move in shop.history(made, **{"from": second["at"]})] == [70, 80]
    assert [move["new_price"] for move in shop.history(made, currency="TRY", to=second["at"])] == [90, 100]
    assert shop.history(made, reason="campaign") == []
    path = f"{PRODUCTS}/{made['id']}/price-history"
    for query, where in (
        ({"currency": "ABC"}, "/query/currency"),
        ({"interval": "day"}, "/query/interval"),
        ({"as": "chart"}, "/query/currency"),
        ({"as": "chart", "currency": "TRY", "reason": "manual"}, "/query/reason"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, "/query/to"),
        ({"as": "chart", "currency": "TRY", "from": "2000-01-01T00:00:00Z"}, "/query/interval"),
    ):
        assert pointers(shop.http.get(path, params=query)) == [where]
    assert shop.http.get(f"{PRODUCTS}/{uuid4()}/price-history").status_code == 404


def test_a_chart_shows_lowest_highest_and_last_of_each_bucket(shop: Shop) -> None:
    made = shop.product()
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    reported: list[tuple[int, int | None]] = [  # hours after the beginning, and the price from then on
        (0, 110), (1, 60), (2, 150), (23, 120), (24 * 2, 90), (24 * 3 + 5, None), (24 * 5, 95), (24 * 5 + 1, 85),
    ]  # fmt: skip
    before: int | None = 100
    for hours, price in reported:
        shop.sql(
            "INSERT INTO price_history (product_id, currency, old_price, new_price, reason, actor, at) "
            "VALUES ($1, 'TRY', $2, $3, 'manual', 'test', $4)",
            made["id"], before, price, begin + timedelta(hours=hours),
        )  # fmt: skip
        before = price
    query = {"as": "chart", "currency": "TRY", "from": "2030-01-01T00:00:00Z", "to": "2030-01-08T00:00:00Z"}
    chart = shop.listed(f"{PRODUCTS}/{made['id']}/price-history", **query)
    assert [tuple(bucket.values()) for bucket in chart] == [
        ("2030-01-01T00:00:00Z", 60, 150, 120),  # the 100 before was never in force in it
        ("2030-01-02T00:00:00Z", 120, 120, 120),
        ("2030-01-03T00:00:00Z", 90, 90, 90),
        ("2030-01-04T00:00:00Z", 90, 90, 90),  # taken off sale within it
        ("2030-01-06T00:00:00Z", 85, 95, 85),
        ("2030-01-07T00:00:00Z", 85, 85, 85),
    ]
    hourly = {**query, "interval": "hour", "to": "2030-01-01T03:00:00Z"}
    buckets = shop.listed(f"{PRODUCTS}/{made['id']}/price-history", **hourly)
    assert [bucket["last_price"] for bucket in buckets] == [110, 60, 150]


def test_a_cancelled_change_never_happens_and_a_done_one_cannot_be_cancelled(shop: Shop) -> None:
    made = shop.product()
    later = shop.price(made, 80, effective_at="2126-01-01T00:00:00Z", reason_note="next century")
    place = f"{PRODUCTS}/{made['id']}/price-changes/{later['id']}"
    assert (later["status"], price_now(shop, made)) == ("scheduled", 100)
    done = shop.price(made, 90)
    listed = f"{PRODUCTS}/{made['id']}/price-changes"
    assert shop.listed(listed, limit=1) == [done, later]
    assert shop.listed(listed, status="scheduled") == [later]
    assert shop.http.delete(place, headers={"If-Match": '"stale"'}).status_code == 412
    assert shop.http.delete(place).status_code == 204
    assert shop.http.delete(place).status_code == 204
    assert shop.shown(place)["status"] == "cancelled"
    assert problem(shop.http.delete(f"{listed}/{done['id']}")) == (409, "conflict")
    assert [row["action"] for row in shop.audited(later["id"])] == ["price.schedule", "price.cancel"]
    other = shop.product()
    assert shop.http.get(f"{PRODUCTS}/{other['id']}/price-changes/{later['id']}").status_code == 404
