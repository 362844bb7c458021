"""Campaigns that are tried out over HTTP.

Source: docs/spec/campaigns.md#simulation.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.campaigns.test_campaigns_api import CAMPAIGNS, a_campaign, at, place_of, price_now
from tests.catalog.shop import Shop, a_price, pointers

SIMULATE = f"{CAMPAIGNS}/simulate"
DRAFT: dict[str, Any] = {
    "duration": 10,
    "price_manipulation_limit": 20,
    "target_sales_count": 100,
    "currency": "TRY",
    "starting_price": 100,
    "min_price": 90,
    "hourly_sales": [50, 5, 0, 0, 0, 0, 30, 30, 0, 0],
}


def simulated(shop: Shop, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = shop.post(path, body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def test_the_path_of_the_page(shop: Shop) -> None:
    simulation = simulated(shop, SIMULATE, DRAFT)
    assert [point["price"] for point in simulation["price_path"]] == [
        100, 102, 104, 106, 108, 110, 90, 114, 116, 118, 100,
    ]  # fmt: skip
    assert [point["held_by"] for point in simulation["price_path"]][5:8] == [None, "min_price", None]
    assert (simulation["total_sales"], simulation["turnover"], simulation["average_item_price"]) == (115, 11630, 101.13)
    assert "at" not in simulation["price_path"][0]
    assert simulation["price_path"][0]["demand_coefficient"] is None
    assert simulated(shop, SIMULATE, DRAFT) == simulation


def test_without_sales_there_is_no_average(shop: Shop) -> None:
    simulation = simulated(shop, SIMULATE, {**DRAFT, "hourly_sales": []})
    assert (simulation["average_item_price"], simulation["turnover"]) == (None, 0)
    assert [point["hour"] for point in simulation["price_path"]] == [0]


def test_other_currencies_have_their_digits(shop: Shop) -> None:
    body = {**DRAFT, "currency": "JPY", "starting_price": 1003, "min_price": 0, "hourly_sales": [1, 0]}
    answer = shop.post(SIMULATE, body)
    assert [point["price"] for point in answer.json()["data"]["price_path"]] == [1003, 983, 963]
    assert b'"turnover":1003,' in answer.content
    fine = simulated(shop, SIMULATE, {**DRAFT, "starting_price": "19.995", "min_price": 0, "hourly_sales": [3]})
    assert (fine["turnover"], fine["price_path"][1]["price"]) == (59.99, 19.595)


def test_a_stored_campaign_is_played_from_its_own_price_within_the_bounds_of_now(shop: Shop) -> None:
    made = shop.product(prices=[a_price(min_price=97)])
    waiting = shop.made(CAMPAIGNS, a_campaign(made, starts_at=at(5)))
    path = simulated(shop, f"{place_of(waiting)}/simulate", {"hourly_sales": [0, 0]})["price_path"]
    assert [(point["price"], point["held_by"]) for point in path] == [(100, None), (98, None), (97, "min_price")]
    assert (shop.shown(place_of(waiting))["status"], price_now(shop, made)) == ("scheduled", 100)
    moved = shop.product()
    active = shop.made(CAMPAIGNS, a_campaign(moved, starts_at=at(-5.5)))
    assert price_now(shop, moved) == 90
    path = simulated(shop, f"{place_of(active)}/simulate", {"hourly_sales": [50]})["price_path"]
    assert [point["price"] for point in path] == [100, 102]
    assert price_now(shop, moved) == 90


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"hourly_sales": [1] * 11}, "/hourly_sales"),
        ({"duration": 5000, "hourly_sales": [1] * 1001}, "/hourly_sales"),
        ({"hourly_sales": [-1]}, "/hourly_sales/0"),
        ({"hourly_sales": [1, 10**9 + 1]}, "/hourly_sales/1"),
        ({"hourly_sales": [1.5]}, "/hourly_sales/0"),
        ({"hourly_sales": None}, "/hourly_sales"),
        ({"starting_price": 89.99}, "/starting_price"),
        ({"max_price": 89}, "/max_price"),
        ({"max_price": 95}, "/starting_price"),
        ({"starting_price": -1}, "/starting_price"),
        ({"starting_price": 10**13}, "/starting_price"),
        ({"currency": "QQQ"}, "/currency"),
        ({"duration": 0}, "/duration"),
        ({"price_manipulation_limit": 101}, "/price_manipulation_limit"),
        ({"target_sales_count": 0}, "/target_sales_count"),
        ({"name": "x"}, "/name"),
    ],
)
def test_what_cannot_be_played_is_refused(shop: Shop, fields: dict[str, Any], where: str) -> None:
    assert pointers(shop.post(SIMULATE, {**DRAFT, **fields})) == [where]


def test_a_stored_campaign_takes_no_more_hours_than_it_has(shop: Shop) -> None:
    campaign = shop.made(CAMPAIGNS, a_campaign(shop.product(), duration=2))
    path = f"{place_of(campaign)}/simulate"
    assert pointers(shop.post(path, {"hourly_sales": [1, 2, 3]})) == ["/hourly_sales"]
    assert pointers(shop.post(path, {"hourly_sales": [], "duration": 5})) == ["/duration"]
