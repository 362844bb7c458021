"""Lists of orders. Source: docs/spec/orders.md#lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.orders.market import ORDERS, Market
from tests.quotes.lifecycle.shop import pointers


def listed(market: Market, **query: Any) -> list[str]:
    """Ids of all pages, each of two."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = market.checkout.get(ORDERS, params={"limit": 2, **query, **cursor})
        assert answer.status_code == 200, answer.text
        ids += [order["id"] for order in answer.json()["data"]]
        if answer.json()["next_cursor"] is None:
            return ids
        cursor = {"cursor": answer.json()["next_cursor"]}


def test_each_filter_finds_its_orders_newest_first(market: Market) -> None:
    customer, product, other = str(uuid4()), str(uuid4()), str(uuid4())
    lines = [{"product_id": product, "quantity": 1, "unit_price": 5}] * 2
    mine = [
        market.ordered(**market.basket(customer_id=customer, items=[*lines, {**lines[0], "product_id": str(uuid4())}]))
        for _ in range(5)
    ]
    elsewhere = market.ordered(**market.basket(customer_id=customer, seller_id=other))
    ids = [order["id"] for order in reversed(mine)]
    assert listed(market, customer_id=customer) == [elsewhere["id"], *ids]
    assert listed(market, seller_id=market.seller) == ids
    assert listed(market, product_id=product) == ids
    assert listed(market, product_id=product, seller_id=other) == []
    assert listed(market, customer_id=customer, seller_id=other) == [elsewhere["id"]]
    market.do(ids[2], "cancel")
    assert listed(market, customer_id=customer, status="cancelled") == [ids[2]]
    assert listed(market, seller_id=market.seller, status="placed") == [*ids[:2], *ids[3:]]
    at = {order["id"]: order["placed_at"] for order in mine}
    assert listed(market, seller_id=market.seller, **{"from": at[ids[3]], "to": at[ids[1]]}) == ids[2:4]


def test_an_order_is_of_the_day_of_the_clock_that_is_asked_for(market: Market) -> None:
    order = market.ordered_quote()
    placed = datetime.fromisoformat(order["placed_at"])
    hours = placed.hour
    # Where it is the last hour of the day, and where the next day has begun.
    for ahead in (23 - hours, 24 - hours):
        ahead -= 24 if ahead > 14 else 0
        zone = f"Etc/GMT{-ahead:+d}"
        day = placed.astimezone(ZoneInfo(zone)).date()
        days = {name: str(day + timedelta(days=count)) for count, name in enumerate(("from", "to"))}
        asked: dict[str, Any] = {"customer_id": order["customer_id"], "time_zone": zone}
        assert listed(market, **asked, **days) == [order["id"]]
        assert listed(market, **asked, to=str(day)) == []
    assert pointers(market.checkout.get(ORDERS, params={"time_zone": "Nowhere"})) == ["/query/time_zone"]


def test_a_list_shows_no_lines(market: Market) -> None:
    order = market.ordered_quote()
    (shown,) = market.checkout.get(ORDERS, params={"customer_id": order["customer_id"]}).json()["data"]
    assert shown.keys() == order.keys() - {"lines", "sellers"}


def test_what_cannot_be_asked_for(market: Market) -> None:
    assert pointers(market.checkout.get(ORDERS, params={"status": "lost", "colour": "red"})) == [
        "/query/status",
        "/query/colour",
    ]
    period = {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    assert pointers(market.checkout.get(ORDERS, params=period)) == ["/query/to"]
