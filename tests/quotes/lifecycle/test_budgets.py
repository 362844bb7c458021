"""Quotes give no discount that its budget does not cover, on any worker, and say why.

Source: docs/spec/pricing-rules.md#budgets; docs/spec/reservations.md#budgets.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.quotes.lifecycle.conftest import StartWorker, shop_at
from tests.quotes.lifecycle.shop import QUOTE, Shop, code_of, until
from tests.quotes.lifecycle.test_simulate import simulated

TENTH = {"kind": "percent", "value": 10}  # 5.10 of a shop's basket


def quoted(shop: Shop, basket: dict[str, Any]) -> dict[str, Any]:
    answer = shop.checkout.post(QUOTE, json=basket)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def why(shop: Shop, quote: dict[str, Any], rule: dict[str, Any]) -> str:
    """What the explanation says of a rule; it agrees with the quote."""
    explained = shop.explain(quote["quote_id"])
    assert explained["agrees"] is True, explained["differences"]
    (verdict,) = [each for each in explained["rules"] if each["id"] == rule["id"]]
    return str(verdict["reason"])


def test_every_worker_stops_giving_what_is_used_up(start_worker: StartWorker) -> None:
    one, other = shop_at(start_worker()), shop_at(start_worker())
    other.seller = one.seller
    rule = one.add_rule("PROMOTION", {**TENTH, "budget": 12})
    for shop in (one, other):
        shop.applied(rule)
    baskets = [one.basket() for _ in range(3)]
    quotes = [quoted(one, basket) for basket in baskets]
    assert [quote["discount_amount"] for quote in quotes] == [5.1] * 3, "what is quoted is not spent"
    statuses = [one.accept(quote["quote_id"]).status_code for quote in quotes[:2]]
    refused = one.accept(quotes[2]["quote_id"])
    assert (*statuses, refused.status_code, code_of(refused)) == (200, 200, 409, "budget-exhausted")
    for shop in (one, other):
        until(lambda shop=shop: shop.quote()["discount_amount"] == 0, "a new quote goes without it")
        # A basket that was quoted before is not given the same quote again.
        again = quoted(shop, baskets[2])
        assert (again["discount_amount"], again["quote_id"] == quotes[2]["quote_id"]) == (0, False)
        assert why(shop, again, rule) == "budget used up"
        # The earlier ones were given before, and are explained so.
        assert [why(shop, quote, rule) for quote in quotes] == ["applied"] * 3


def test_a_smaller_discount_still_fits(shop: Shop) -> None:
    rule = shop.add_rule("PROMOTION", {**TENTH, "budget": 12})
    shop.applied(rule)
    quotes = [shop.quote() for _ in range(3)]
    for quote in quotes:
        shop.accept(quote["quote_id"])
    until(lambda: shop.quote()["discount_amount"] == 0, "5.10 more does not fit")
    small = {"items": [{"product_id": str(uuid4()), "quantity": 1, "unit_price": 18}]}
    assert shop.quote(**small)["discount_amount"] == 1.8
    small["items"][0]["unit_price"] = 18.1
    assert shop.quote(**small)["discount_amount"] == 0


def test_a_budget_for_each_customer(shop: Shop) -> None:
    rule = shop.add_rule("PROMOTION", {**TENTH, "budget_per_customer": 6})
    shop.applied(rule)
    customer = str(uuid4())
    first, second = (shop.quote(customer_id=customer) for _ in range(2))
    assert shop.accept(first["quote_id"]).status_code == 200
    assert code_of(shop.accept(second["quote_id"])) == "budget-exhausted"
    until(lambda: shop.quote(customer_id=customer)["discount_amount"] == 0, "this customer has had theirs")
    basket = shop.basket()
    assert quoted(shop, basket)["discount_amount"] == 5.1, "another customer has not"
    assert quoted(shop, {**basket, "customer_id": customer})["discount_amount"] == 0


def test_a_coupon_is_rejected_and_a_discount_on_delivery_counts(shop: Shop) -> None:
    shop.applied(shop.add_rule("DELIVERY_FEE", {"base_fee": 20}))
    code = shop.add_coupon(applies_to="delivery", value=50, budget=19)
    first, second = (shop.quote(coupon_codes=[code]) for _ in range(2))
    assert (first["delivery_fee"], shop.coupon_of(first)["amount"]) == (10, 10)
    assert shop.accept(first["quote_id"]).status_code == 200
    assert code_of(shop.accept(second["quote_id"])) == "budget-exhausted"
    until(lambda: shop.quote(coupon_codes=[code])["delivery_fee"] == 20, "10 more does not fit")
    coupon = shop.coupon_of(shop.quote(coupon_codes=[code]))
    assert (coupon["status"], coupon["reason"], coupon["amount"]) == ("rejected", "budget_used_up", 0)


def test_another_version_has_another_budget(shop: Shop) -> None:
    rule = shop.add_rule("PROMOTION", {**TENTH, "budget": 100})
    shop.applied(rule)
    assert shop.accept(shop.quote()["quote_id"]).status_code == 200

    def next_version(**terms: Any) -> dict[str, Any]:
        draft = shop.rule("PROMOTION", {**TENTH, **terms}, name=rule["name"])
        answer = shop.admin.put(f"/api/v1/pricing-rules/{rule['id']}", json=draft)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    # 5.10 has been spent: that is nothing that this one did not cover, and is told with the version that it uses up.
    rule = next_version(budget="5.1")
    until(lambda: shop.quote()["discount_amount"] == 0, "the lower budget is used up")
    supposed = shop.rule("PROMOTION", {**TENTH, "budget": "10.2"}, name=rule["name"])
    both = simulated(shop, shop.basket(), draft_rules=[supposed])
    assert (both["now"]["discount_amount"], both["simulated"]["discount_amount"]) == (0, 5.1)
    supposed["configuration"]["budget"] = "10.19"
    assert simulated(shop, shop.basket(), draft_rules=[supposed])["simulated"]["discount_amount"] == 0
    rule = next_version(budget="10.2")
    until(lambda: shop.quote()["discount_amount"] == 5.1, "the higher one has room")
    rule = next_version()
    shop.applied(rule)


def test_a_budget_is_an_amount_in_the_rules_currency(shop: Shop) -> None:
    for name in ("budget", "budget_per_customer"):
        for amount in (-1, "1.001"):
            draft = shop.rule("PROMOTION", {**TENTH, name: amount})
            answer = shop.admin.post("/api/v1/pricing-rules", json=draft)
            assert answer.status_code == 422, answer.text
            assert [error["pointer"] for error in answer.json()["errors"]] == [f"/configuration/{name}"]
    answer = shop.admin.post("/api/v1/pricing-rules", json=shop.rule("TAX", {"rate": 1, "budget": 10}))
    assert answer.status_code == 422
