"""Orders that were quoted and placed, refunded until nothing is left: as the order had it, so it comes back.

Source: docs/spec/refunds.md#what-a-refund-comes-to.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.orders.market import ORDERS, Market
from tests.quotes.lifecycle.shop import until


@pytest.fixture
def busy_market(market: Market) -> Market:
    """With a promotion that both fund, tax, a delivery fee with tax, a fee for small baskets, and a commission."""
    for kind, configuration in (
        ("TAX", {"rate": 18, "applies_to_delivery": True}),
        ("DELIVERY_FEE", {"base_fee": 13.75}),
        ("SMALL_BASKET_FEE", {"threshold": 1000, "fee": 4.99}),
    ):
        market.add_rule(kind, configuration)
    promotion = {"kind": "percent", "value": 7.5, "funded_by": "shared", "platform_percent": 30}
    market.applied(market.add_rule("PROMOTION", promotion))
    market.charged(12.75)
    return market


def refund(market: Market, order: dict[str, Any], **body: Any) -> dict[str, Any]:
    """With its numbers exact; a dry run has said the same before."""
    path = f"{ORDERS}/{order['id']}/refunds"
    planned = market.checkout.post(path, params={"dry_run": "true"}, json=body)
    answer = market.checkout.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    made = dict(answer.json(parse_float=Decimal)["data"])
    of_the_making = {"id": None, "number": None, "actor": None, "refunded_at": None}
    assert planned.json(parse_float=Decimal)["data"] == {**made, **of_the_making}
    return made


def test_an_order_comes_back_as_it_was(busy_market: Market) -> None:
    market = busy_market
    stocked = market.a_product(units=9)
    items = [
        {"product_id": stocked, "quantity": 3, "seller_id": market.seller},
        {"product_id": str(uuid4()), "quantity": 7, "unit_price": "3.333"},
    ]
    order = market.ordered_quote(items=items)
    assert order["small_basket_fee"] > 0
    assert order["delivery_fee"] > 0
    assert all(line["discounts"] and line["commissions"] and line["tax_amount"] for line in order["lines"])
    assert market.units(stocked) == 6
    asked: list[dict[str, Any]] = [
        {"lines": [{"line_id": 1, "quantity": 1}, {"line_id": 2, "quantity": 2}], "restock": True},
        {"lines": [{"line_id": 2, "quantity": 4}], "delivery": "proportional"},
        {"lines": [{"line_id": 2, "quantity": 1}, {"line_id": 1, "quantity": 2}], "delivery": "proportional"},
    ]
    refunds = [refund(market, order, **body) for body in asked]
    assert [each["order_status"] for each in refunds] == ["partly_refunded", "partly_refunded", "refunded"]
    assert sum(each["total_amount"] for each in refunds) == order["total_amount"]
    for line in order["lines"]:
        parts = [part for each in refunds for part in each["lines"] if part["line_id"] == line["line_id"]]
        assert sum(part["quantity"] for part in parts) == line["quantity"]
        assert sum(part["goods_amount"] for part in parts) == line["line_total"] - line["discount_amount"]
        assert sum(part["tax_amount"] for part in parts) == line["tax_amount"]
        for of, amounts in (
            ("discounts", ("amount", "seller_funded", "platform_funded")),
            ("commissions", ("amount", "seller_commission", "category_commission", "logistics_commission")),
        ):
            (whole,) = line[of]
            for amount in amounts:
                assert sum(part[of][0][amount] for part in parts) == whole[amount]
    assert sum(each["fees"]["delivery_fee"] for each in refunds) == order["delivery_fee"]
    assert sum(each["fees"]["small_basket_fee"] for each in refunds) == order["small_basket_fee"]
    changes = sum(seller["payout_change"] for each in refunds for seller in each["sellers"])
    assert changes == -order["sellers"][0]["payout"]
    ordered, given_back = market.entries(order["id"]), [market.entries(each["id"], "refund") for each in refunds]
    for account, ordered_minor in ordered.items():
        assert sum(entries.get(account, 0) for entries in given_back) == -ordered_minor, account
    assert {account for entries in given_back for account in entries} <= set(ordered)
    assert market.units(stocked) == 7


def test_a_budget_has_again_what_is_undone(market: Market) -> None:
    rule = market.add_rule("PROMOTION", {"kind": "percent", "value": 10, "budget": 10})
    market.applied(rule)
    order = market.ordered_quote(items=[{"product_id": str(uuid4()), "quantity": 2, "unit_price": 50}])

    def discount_of_one() -> float:
        one = [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 50}]
        return float(market.quote(items=one)["discount_amount"])

    until(lambda: discount_of_one() == 0, "the budget is used up")
    refund(market, order, lines=[{"line_id": 1, "quantity": 1}])
    until(lambda: discount_of_one() == 5, "half of the budget is there again")
    assert market.quote()["discount_amount"] == 0  # which would be 5.10


def test_an_order_of_a_customer_who_was_erased_is_refunded(market: Market, admin: httpx.Client) -> None:
    order = market.ordered_quote()
    first = refund(market, order, lines=[{"line_id": 1, "quantity": 1}], reason="Asked for by Ayşe Kaya")
    assert admin.delete(f"/api/v1/customers/{order['customer_id']}").status_code == 204
    path = f"{ORDERS}/{order['id']}/refunds/{first['id']}"
    assert market.checkout.get(path).json()["data"]["reason"] is None
    assert "Kaya" not in str(market.rows("SELECT * FROM order_events WHERE order_id = $1", order["id"]))
    assert refund(market, order, lines=[{"line_id": 1, "quantity": 1}])["order_status"] == "refunded"
    sums = [market.entries(each, kind) for each, kind in ((order["id"], "order"), (first["id"], "refund"))]
    assert sums[0]["customer", order["customer_id"]] == -2 * sums[1]["customer", order["customer_id"]]


def test_a_rate_that_keeps_its_commission_keeps_it(market: Market) -> None:
    market.add_rate(10, on_refund="keep")
    until(lambda: market.quote()["commission_breakdown"]["total_commission"] > 0, "the rate counts")
    order = market.ordered_quote()
    assert order["sellers"][0]["commission"] == Decimal("5.10")
    made = refund(market, order, lines=[{"line_id": 1, "quantity": 2}])
    (seller,) = made["sellers"]
    assert (made["order_status"], made["total_amount"]) == ("refunded", Decimal("51.00"))
    assert (made["lines"][0]["commissions"], seller["commission"]) == ([], 0)
    assert seller["payout_change"] == Decimal("-51.00")
    assert ("commission", market.seller) not in market.entries(made["id"], "refund")
