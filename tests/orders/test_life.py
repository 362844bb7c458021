"""What becomes of an order. Source: docs/spec/orders.md#life."""

from __future__ import annotations

from functools import partial

import asyncpg
import pytest

from tests.orders.market import ORDERS, Market, statuses
from tests.orders.together import together
from tests.quotes.lifecycle.shop import code_of


def test_a_cancelled_order_gives_everything_back(market: Market) -> None:
    product = market.a_product(units=5)
    code = market.add_coupon(usage_limit=1)
    budget = market.add_rule("PROMOTION", {"kind": "percent", "value": 10})
    market.applied(budget)
    basket = {"items": [{"product_id": product, "quantity": 2, "seller_id": market.seller}], "coupon_codes": [code]}
    order = market.ordered_quote(**basket)
    assert market.units(product) == 3
    refused = market.order(**market.basket(**basket))
    if refused.status_code == 201:  # it was told already that the coupon is used up, and did not act
        assert refused.json()["data"]["discount_amount"] != order["discount_amount"]
    cancelled = market.do(order["id"], "cancel", reason="Changed my mind")
    assert cancelled.status_code == 200, cancelled.text
    data = cancelled.json()["data"]
    assert (data["status"], data["cancelled_at"]) == ("cancelled", data["updated_at"])
    taken, back = market.entries(order["id"]), market.entries(order["id"], "cancellation")
    assert taken
    assert back == {account: -amount for account, amount in taken.items()}
    uses = market.rows("SELECT given_back_at FROM coupon_uses WHERE quote_id = $1", order["quote_id"])
    assert uses
    assert all(use["given_back_at"] is not None for use in uses)
    again = market.do(order["id"], "cancel")
    assert (again.status_code, again.json()["data"]) == (200, data)
    assert market.entries(order["id"], "cancellation") == back


def test_a_fulfilled_order_is_not_cancelled(market: Market) -> None:
    order = market.ordered_quote()
    fulfilled = market.do(order["id"], "fulfil")
    assert fulfilled.json()["data"]["status"] == "fulfilled"
    assert market.do(order["id"], "fulfil").json()["data"] == fulfilled.json()["data"]
    refused = market.do(order["id"], "cancel")
    assert (refused.status_code, code_of(refused), refused.json()["order_status"]) == (409, "order-state", "fulfilled")
    assert market.entries(order["id"], "cancellation") == {}


def test_a_cancelled_order_is_not_fulfilled(market: Market) -> None:
    order = market.ordered_quote()
    market.do(order["id"], "cancel")
    refused = market.do(order["id"], "fulfil")
    assert (refused.status_code, refused.json()["order_status"]) == (409, "cancelled")


def test_every_change_is_reported(market: Market) -> None:
    order = market.ordered_quote()
    market.do(order["id"], "fulfil", reason="Left the house")
    events = market.checkout.get(f"{ORDERS}/{order['id']}/events").json()["data"]
    assert [(event["number"], event["action"], event["status"], event["reason"]) for event in events] == [
        (0, "place", "placed", None),
        (1, "fulfil", "fulfilled", "Left the house"),
    ]
    assert len({event["actor"] for event in events}) == 1


def test_what_there_is_not(market: Market) -> None:
    for call in (
        market.do("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00", "cancel"),
        market.do("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00", "fulfil"),
        market.checkout.get(f"{ORDERS}/0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00"),
        market.checkout.get(f"{ORDERS}/0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00/events"),
    ):
        assert (call.status_code, code_of(call)) == (404, "not-found")


def test_of_a_cancellation_and_a_fulfilment_at_once_one_wins(market: Market) -> None:
    for _ in range(10):
        order = market.ordered_quote()
        answers = together(
            *[partial(market.do, order["id"], "cancel")] * 3, *[partial(market.do, order["id"], "fulfil")] * 3
        )
        assert statuses(answers) == {200: 3, 409: 3}
        status = market.shown(order["id"])["status"]
        assert {answer.json()["data"]["status"] for answer in answers if answer.status_code == 200} == {status}
        assert bool(market.entries(order["id"], "cancellation")) == (status == "cancelled")
        events = market.rows("SELECT status FROM order_events WHERE order_id = $1", order["id"])
        assert events == [{"status": status}]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET total_minor = total_minor + 1, item_total_minor = item_total_minor + 1",
        "DELETE FROM orders",
        "UPDATE order_lines SET quantity = 9",
        "DELETE FROM order_lines",
        "DELETE FROM order_events",
    ],
)
def test_what_was_agreed_stays_whoever_writes(market: Market, statement: str) -> None:
    order = market.ordered_quote()
    with pytest.raises(asyncpg.RestrictViolationError):
        market.rows(f"{statement} WHERE {'id' if ' orders' in statement else 'order_id'} = $1", order["id"])
