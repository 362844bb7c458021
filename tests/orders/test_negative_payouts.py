"""Sellers who are charged more than they sell for. Source: docs/spec/commission.md#payouts."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.catalog.conftest import shopper  # noqa: F401 (fixtures)
from tests.orders.market import ORDERS, Market
from tests.orders.test_who import buyer, own_id, quoted  # noqa: F401 (a fixture)
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, code_of, until

OWED = "payout_negative"


def codes_of(document: dict[str, Any]) -> list[str]:
    return [each["code"] for each in document.get("warnings", ())]


def warning_of(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in document["warnings"] if each["code"] == OWED]
    return dict(found)


def charge(market: Market, seller: str, amount: int = 60) -> str:
    """A flat amount a unit."""
    return str(market.add_rate(amount, commission_type="FLAT", currency="TRY", seller_id=seller)["id"])


def statement(market: Market, seller: str, **query: str) -> httpx.Response:
    answer = market.admin.get(f"/api/v1/sellers/{seller}/statement", params={"currency": "TRY", **query})
    assert answer.status_code == 200, answer.text
    return answer


def test_a_payout_below_zero_is_shown_wherever_it_is_and_owed_until_it_is_made_up_for(market: Market) -> None:
    rate = charge(market, market.seller)
    until(lambda: OWED in codes_of(market.quote()), "the rate counts")
    quote = market.quote()
    (payout,) = quote["payouts"]
    assert (payout["item_total"], payout["commission"], payout["payout"]) == (51, 120, -69)
    warning = warning_of(quote)
    assert "69.00 TRY" in warning["detail"]
    assert market.seller in warning["detail"]
    order = market.ordered(quote_id=quote["quote_id"])
    assert order["sellers"][0]["payout"] == -69
    assert [warning_of(each) for each in (order, market.shown(order["id"]))] == [warning] * 2
    assert market.entries(order["id"])["seller", market.seller] == -6900
    shown = statement(market, market.seller).json()["data"]
    (posted,) = shown["transactions"]
    assert (posted["amount"], posted["balance"], shown["closing_balance"], warning_of(posted)) == (
        -69, -69, -69, warning,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(statement(market, market.seller, format="csv").text, newline="")))
    assert {row["warnings"] for row in rows if row["account"] == "seller" and row["amount"]} == {OWED}
    assert {row["warnings"] for row in rows if row["account"] != "seller" or not row["amount"]} == {""}

    # Nothing is paid out until later orders have made up for it.
    assert market.admin.delete(f"/api/v1/commission-rates/{rate}").is_success
    until(lambda: OWED not in codes_of(market.quote()), "the rate has ended")
    for balance in (-18, 33):
        later = market.ordered_quote()
        assert "warnings" not in later
        assert statement(market, market.seller).json()["data"]["closing_balance"] == balance
        if balance < 0:
            refused = pay(market, "0.01")
            assert (refused.status_code, code_of(refused), refused.json()["balance"]) == (
                409, "insufficient-balance", balance,
            )  # fmt: skip
    assert pay(market, "33.00").status_code == 201
    assert market.do(order["id"], "cancel").status_code == 200
    assert statement(market, market.seller).json()["data"]["closing_balance"] == 69


def pay(market: Market, amount: str) -> httpx.Response:
    body = {"amount": Decimal(amount).__float__(), "currency": "TRY", "reference": uuid4().hex}
    headers = {"Idempotency-Key": uuid4().hex}
    return market.admin.post(f"/api/v1/sellers/{market.seller}/payouts", json=body, headers=headers)


def test_an_order_of_a_basket_warns_of_both(market: Market) -> None:
    charge(market, market.seller)
    until(lambda: OWED in codes_of(market.quote()), "the rate counts")
    order = market.ordered(**market.basket(), shoe_size=43)
    assert codes_of(order) == ["unknown_field", OWED]
    assert codes_of(market.shown(order["id"])) == [OWED]


def test_a_shopper_hears_nothing_of_it(market: Market, buyer: httpx.Client) -> None:  # noqa: F811
    product = market.a_product()
    basket = market.basket(customer_id=own_id(buyer), items=[{"product_id": product, "quantity": 1}])
    seller = market.checkout.post(QUOTE, json=basket).json()["data"]["items"][0]["seller_id"]
    charge(market, seller, 1000)
    until(lambda: OWED in codes_of(market.checkout.post(QUOTE, json=basket).json()["data"]), "the rate counts")
    quote = quoted(market, buyer, product)
    whole = market.checkout.get(f"{QUOTES}/{quote['quote_id']}").json()["data"]
    assert OWED in codes_of(whole)
    assert [each for each in whole["warnings"] if each["code"] != OWED] == quote["warnings"]
    body = [quote, buyer.get(f"{QUOTES}/{quote['quote_id']}").json()["data"]]
    verified = market.checkout.post(f"{QUOTES}/verify", json={"data": quote}).json()["data"]
    assert verified["valid"]
    accepted = buyer.post(f"{QUOTES}/{quote['quote_id']}/accept", json={"data": quote})
    assert accepted.status_code == 200, accepted.text
    explained = buyer.get(f"{QUOTES}/{quote['quote_id']}/explain").json()["data"]
    assert explained["agrees"] is True
    order = market.order(quote_id=quote["quote_id"], http=buyer)
    assert order.status_code == 201, order.text
    mine = order.json()["data"]
    body += [accepted.json()["data"], explained, mine, buyer.get(f"{ORDERS}/{mine['id']}").json()["data"]]
    assert not [each for each in body if "payout" in str(each)]
    assert codes_of(market.shown(mine["id"])) == [OWED]


@pytest.mark.parametrize(
    ("rates", "rules", "payout"),
    [
        ([(10, {"scope": "ORDER", "min_amount": 90, "currency": "TRY"})], [], Decimal(-39)),
        ([(95, {})], [("COMMISSION_TAX", {"rate": 20})], Decimal("-7.14")),
        ([(90, {})], [("PROMOTION", {"kind": "amount", "value": 50})], None),
    ],
    ids=["a minimum", "tax on commission", "a discount"],
)
def test_whatever_takes_a_payout_below_zero_is_shown_and_given_back_with_the_order(
    market: Market,
    rates: list[tuple[Any, dict[str, Any]]],
    rules: list[tuple[str, dict[str, Any]]],
    payout: Decimal | None,
) -> None:
    for rate, fields in rates:
        market.add_rate(rate, **fields)
    for kind, configuration in rules:
        market.applied(market.add_rule(kind, configuration))
    until(lambda: market.quote()["commission_breakdown"]["total_commission"] > 0, "the rate counts")
    order = market.ordered_quote()
    (of_seller,) = order["sellers"]
    assert payout is None or of_seller["payout"] == payout
    assert (OWED in codes_of(order)) is (of_seller["payout"] < 0)
    assert codes_of(market.shown(order["id"])) == codes_of(order)
    shown = statement(market, market.seller).json(parse_float=Decimal)["data"]
    assert shown["closing_balance"] == of_seller["payout"]
    # An amount of nothing is not posted.
    assert [codes_of(each) for each in shown["transactions"]] == ([codes_of(order)] if of_seller["payout"] else [])
    refunds = f"{ORDERS}/{order['id']}/refunds"
    body = {"lines": [{"line_id": 1, "quantity": 1}], "reason": "returned"}
    for _ in range(2):
        made = market.checkout.post(refunds, json=body, headers={"Idempotency-Key": uuid4().hex})
        assert made.status_code == 201, made.text
    # Both units given back: nothing is owed either way, however the halves were rounded.
    assert statement(market, market.seller).json(parse_float=Decimal)["data"]["closing_balance"] == 0
