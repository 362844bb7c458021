"""Prices finer than their currency, and amounts that no catalog can hold.

Source: docs/spec/price-decisions.md#decisions; docs/spec/price-decisions.md#people-decide.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from quote_service.intelligence.price_decisions.model.decisions import ManualDraft
from quote_service.intelligence.price_decisions.operations.confirm_decision import decide_by_hand
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from tests.catalog.shop import a_product
from tests.price_decisions.shelves import EUR, Shelves
from tests.price_decisions.shop import DECISIONS, POLICIES, a_policy, made, sold_at
from tests.price_decisions.test_decisions_api import pointers, price_of
from tests.price_decisions.test_runs import NOW, accepted, decisions, person, run


@pytest.fixture
async def shelves(database: Database) -> Shelves:
    made = Shelves(database)
    await made.clear()
    return made


async def test_a_price_finer_than_its_currency_is_decided_about_by_people(database: Database, shelves: Shelves) -> None:
    product_id = await shelves.product(mode="auto", price="100.005")
    await shelves.learn({product_id: -2.0})
    await run(database)
    (row,) = await decisions(database, product_id)
    assert (row.state, row.held_by, str(row.price)) == ("held", ["finer_price"], "105.00")
    assert (await accepted(database, row.id)).state == "applied"
    assert await shelves.price(product_id) == 105


@pytest.mark.parametrize("price", ["100", "101"], ids=["cut down", "another"])
async def test_a_person_sets_another_price_than_one_finer_than_its_currency(
    database: Database, shelves: Shelves, price: str
) -> None:
    product_id = await shelves.product(mode="off", price="100.005")
    wanted = ManualDraft(product_id=product_id, currency=EUR, price=ExactNumber(price))
    async with database.transaction() as connection:
        decided = await decide_by_hand(Change.within(connection, person()), wanted, NOW)
    assert (decided.state, decided.price) == ("applied", Decimal(price))
    assert await shelves.price(product_id) == Decimal(price)


async def test_a_price_that_no_catalog_holds_is_not_suggested(database: Database, shelves: Shelves) -> None:
    most = "9999999999999"
    far: dict[str, Any] = {"lowest_margin_percent": "99.99", "highest_margin_percent": 100}
    product_id = await shelves.product(mode="auto", cost=most, **far)
    await shelves.learn({product_id: -2.0})
    counts = await run(database)
    assert (counts.held, counts.failed) == (1, 0)
    (row,) = await decisions(database, product_id)
    assert (row.state, row.price, row.held_by) == ("held", None, ["bounds_exclude_each_other"])


def test_where_the_lowest_margin_is_past_every_price_none_is_the_nearest(admin: httpx.Client) -> None:
    product = sold_at(admin)
    far = {"lowest_margin_percent": "99.99", "highest_margin_percent": 100, "cost": 9_999_999_999_999}
    made(admin, POLICIES, a_policy(product, **far))
    refused = admin.post(DECISIONS, json={"product_id": product, "currency": "EUR", "price": 5_000}).json()
    assert (refused["rule"], refused["nearest_price"]) == ("lowest_margin", None)


def test_a_person_gives_a_price_to_what_was_free(admin: httpx.Client) -> None:
    product = sold_at(admin, price=0, cost=70)
    made(admin, POLICIES, a_policy(product))
    decided = made(admin, DECISIONS, {"product_id": product, "currency": "EUR", "price": 90})
    assert (decided["current_price"], decided["price"]) == (0, 90)
    assert price_of(admin, product) == 90


@pytest.mark.parametrize(
    ("currency", "price", "floor", "too_fine", "finest"),
    [("JPY", 1000, 800, "999.5", 999), ("KWD", 10.125, 8, "10.1234", 10.124)],
)
def test_prices_have_the_digits_of_their_currency(
    admin: httpx.Client, currency: str, price: float, floor: int, too_fine: str, finest: float
) -> None:
    prices = [{"currency": currency, "base_price": price, "cost_price": floor - 1}]
    product = made(admin, "/api/v1/products", a_product(prices=prices))["id"]
    made(admin, POLICIES, a_policy(product, currency=currency, floor_price=floor))
    wanted = {"product_id": product, "currency": currency}
    assert pointers(admin.post(DECISIONS, json={**wanted, "price": too_fine})) == {"/price"}
    assert made(admin, DECISIONS, {**wanted, "price": finest})["price"] == finest
    assert price_of(admin, product) == finest
