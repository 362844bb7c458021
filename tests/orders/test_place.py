"""Placing an order. Source: docs/spec/orders.md#place-an-order."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from tests.orders.market import ORDERS, Market
from tests.quotes.lifecycle.shop import QUOTE, code_of, pointers, until


def test_a_quote_is_ordered_with_its_figures(market: Market) -> None:
    market.charged()
    market.add_rule("TAX", {"rate": 20})
    discount = market.add_rule(
        "PROMOTION", {"kind": "percent", "value": 10, "funded_by": "shared", "platform_percent": 50}
    )
    market.applied(discount)
    quote = market.quote(external_ref="O-1")
    order = market.ordered(quote_id=quote["quote_id"])
    assert (order["status"], order["quote_id"], order["external_ref"]) == ("placed", quote["quote_id"], "O-1")
    for name in ("subtotal", "discount_amount", "tax_amount", "delivery_fee", "small_basket_fee", "total_amount"):
        assert order[name] == Decimal(str(quote[name])), name
    (line,), (item,) = order["lines"], quote["items"]
    assert line["line_id"] == 1
    for name in ("product_id", "seller_id", "quantity", "line_total", "discount_amount", "tax_amount"):
        assert line[name] == (Decimal(str(item[name])) if isinstance(item[name], float) else item[name]), name
    assert [(each["rule_id"], each["seller_funded"], each["platform_funded"]) for each in line["discounts"]] == [
        (discount["id"], Decimal("2.55"), Decimal("2.55"))
    ]
    (seller,), (payout,) = order["sellers"], quote["payouts"]
    assert seller["payout"] == Decimal(str(payout["payout"]))
    assert market.shown(order["id"]) == order
    assert market.entries(order["id"]) == {
        ("customer", order["customer_id"]): -int(order["total_amount"] * 100),
        ("seller", market.seller): int(seller["payout"] * 100),
        ("commission", market.seller): int(seller["commission"] * 100),
        ("sales_tax", market.seller): int(line["tax_amount"] * 100),
        ("platform_discounts", market.seller): -255,
    }


def test_an_accepted_quote_is_ordered_once(market: Market) -> None:
    quote = market.quote()
    receipt = market.accept(quote["quote_id"]).json()["data"]["receipt"]
    order = market.ordered(quote_id=quote["quote_id"])
    again = market.order(quote_id=quote["quote_id"])
    assert (again.status_code, code_of(again), again.json()["order_id"]) == (409, "quote-ordered", order["id"])
    assert market.accept(quote["quote_id"]).json()["data"]["receipt"] == receipt


def test_ordering_accepts(market: Market) -> None:
    quote = market.quote()
    market.ordered(quote_id=quote["quote_id"])
    accepted = market.accept(quote["quote_id"])
    assert accepted.status_code == 200
    (row,) = market.rows("SELECT customer_id::text FROM accepted_quotes WHERE quote_id = $1", quote["quote_id"])
    assert row["customer_id"] is not None


def test_a_basket_is_quoted_and_ordered(market: Market) -> None:
    basket = market.basket()
    order = market.ordered(**basket)
    assert order["customer_id"] == basket["customer_id"]
    # The same basket once more is another order, of another quote.
    assert market.ordered(**basket)["quote_id"] != order["quote_id"]


def test_a_repeat_gets_the_first_answer(market: Market) -> None:
    key, basket = uuid4().hex, market.basket()
    first, again = market.order(key, **basket), market.order(key, **basket)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"] == f"{ORDERS}/{first.json()['data']['id']}"
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = market.order(key, **{**basket, "external_ref": "other"})
    assert (other.status_code, code_of(other)) == (422, "idempotency-key-reused")


def test_a_key_that_was_used_for_another_quote(market: Market) -> None:
    key = uuid4().hex
    assert market.order(key, quote_id=market.quote()["quote_id"]).status_code == 201
    other = market.order(key, quote_id=market.quote()["quote_id"])
    assert (other.status_code, code_of(other)) == (422, "idempotency-key-reused")


def test_a_key_is_required(market: Market) -> None:
    answer = market.checkout.post(ORDERS, json={"quote_id": market.quote()["quote_id"]})
    assert (answer.status_code, code_of(answer)) == (400, "idempotency-key-missing")


def test_what_was_not_issued_here(market: Market) -> None:
    unknown = market.order(quote_id=str(uuid4()))
    assert (unknown.status_code, code_of(unknown)) == (404, "quote-unknown")
    assert pointers(market.order(quote_id="7")) == ["/quote_id"]
    assert pointers(market.order()) == ["/quote_id"]
    assert pointers(market.order(quote_id=str(uuid4()), coupon="A")) == ["/coupon"]
    quote = market.quote()
    forged = {**quote, "total_amount": quote["total_amount"] - 1}
    assert pointers(market.order(quote_id=quote["quote_id"], data=forged)) == ["/data/signature"]
    assert pointers(market.order(quote_id=str(uuid4()), data=quote)) == ["/data/quote_id"]


def test_the_customer_is_the_quotes(market: Market) -> None:
    quote = market.quote()
    assert pointers(market.order(quote_id=quote["quote_id"], customer_id=str(uuid4()))) == ["/customer_id"]
    market.accept(quote["quote_id"])
    assert pointers(market.order(quote_id=quote["quote_id"], customer_id=str(uuid4()))) == ["/customer_id"]


def test_a_price_that_the_catalog_knows_otherwise_is_said(market: Market) -> None:
    item = {"product_id": market.a_product(), "quantity": 1, "unit_price": 90}
    order = market.ordered(**market.basket(items=[item]))
    assert order["item_total"] == 100
    assert [(each["code"], each["pointer"]) for each in order["warnings"]] == [("price_changed", "/items/0/unit_price")]


def test_a_basket_that_cannot_be_quoted(market: Market) -> None:
    assert pointers(market.order(**market.basket(items=[]))) == ["/items"]


def test_an_order_of_nothing_posts_nothing(market: Market) -> None:
    order = market.ordered(**market.basket(items=[{"product_id": str(uuid4()), "quantity": 1, "unit_price": 0}]))
    assert order["total_amount"] == 0
    assert market.entries(order["id"]) == {}
    assert market.do(order["id"], "cancel").status_code == 200


def test_the_receipt_of_an_ordered_basket_can_be_had(market: Market) -> None:
    quote = market.checkout.post(QUOTE, json=market.basket()).json()["data"]
    market.ordered(quote_id=quote["quote_id"], data=quote)
    assert market.accept(quote["quote_id"]).json()["data"]["receipt"]


def test_a_rate_that_is_kept_when_refunded_is_noted(market: Market) -> None:
    rate = market.add_rate(10, on_refund="keep")
    until(lambda: market.quote()["commission_breakdown"]["total_commission"] > 0, "the rate counts")
    (line,) = market.ordered_quote()["lines"]
    assert [(each["rate_id"], each["on_refund"]) for each in line["commissions"]] == [(rate["id"], "keep")]


def test_what_is_refused_for_its_stock_is_counted_whoever_asks(market: Market) -> None:
    def counted() -> float:
        name = 'quote_claim_refusals_total{reason="out-of-stock"} '
        lines = market.admin.get("/metrics").text.splitlines()
        return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    items = [{"product_id": market.a_product(units=1), "quantity": 2}]
    quote_id, before = market.quote(items=items)["quote_id"], counted()
    assert code_of(market.order(quote_id=quote_id)) == "out-of-stock"
    assert counted() == before + 1
    assert code_of(market.accept(quote_id)) == "out-of-stock"
    assert counted() == before + 2
