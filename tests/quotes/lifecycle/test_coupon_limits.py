"""Coupon limits hold, however many accept at once.

Source: docs/spec/pricing-rules.md#coupons; docs/spec/quotes.md#accept-a-quote.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTES, Shop, code_of, until
from tests.quotes.lifecycle.test_accept import rows


def quotes_with(shop: Shop, count: int, **fields: Any) -> list[dict[str, Any]]:
    quotes = []
    for start in range(0, count, 100):
        baskets = [shop.basket(**fields) for _ in range(min(100, count - start))]
        answer = shop.checkout.post(f"{QUOTES}/batch", json={"baskets": baskets})
        quotes += [entry["data"] for entry in answer.json()["data"]]
    return quotes


@pytest.mark.long("a thousand acceptances")
def test_a_thousand_accepts_at_a_limit_of_a_hundred(shop: Shop, service: Service) -> None:
    code = shop.add_coupon(usage_limit=100)
    quotes = quotes_with(shop, 1000, coupon_codes=[code])
    assert {shop.coupon_of(quote)["status"] for quote in quotes} == {"applied"}
    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(lambda quote: shop.accept(quote["quote_id"]), quotes))
    by_status = [answer.status_code for answer in answers]
    assert (by_status.count(200), by_status.count(409)) == (100, 900)
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert (code_of(refused), refused.json()["coupon_code"]) == ("coupon-exhausted", code)
    (counter,) = rows(
        service,
        "SELECT uses FROM coupon_usage JOIN pricing_rules ON name = rule_name"
        " WHERE configuration ->> 'code' = $1 AND customer_id IS NULL",
        code,
    )
    assert counter["uses"] == 100
    assert len(rows(service, "SELECT 1 FROM coupon_uses WHERE code = $1", code)) == 100
    # A refused quote was not accepted in any part; new quotes say so themselves.
    lost = next(quote for quote, status in zip(quotes, by_status, strict=True) if status == 409)
    assert rows(service, "SELECT 1 FROM accepted_quotes WHERE quote_id = $1", lost["quote_id"]) == []
    until(lambda: shop.coupon_of(shop.quote(coupon_codes=[code]))["reason"] == "exhausted", "new quotes refuse it")


def test_the_limit_per_customer(shop: Shop) -> None:
    code = shop.add_coupon(usage_limit_per_customer=2)
    customer = str(uuid4())
    quotes = [shop.quote(customer_id=customer, coupon_codes=[code]) for _ in range(5)]
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda quote: shop.accept(quote["quote_id"]).status_code, quotes))
    assert sorted(answers) == [200, 200, 409, 409, 409]
    until(
        lambda: shop.coupon_of(shop.quote(customer_id=customer, coupon_codes=[code]))["reason"] == "exhausted",
        "this customer's quotes refuse it",
    )
    assert shop.coupon_of(shop.quote(coupon_codes=[code]))["status"] == "applied"


def test_a_lower_limit_of_a_later_version_is_reported_too(shop: Shop) -> None:
    """A quote keeps the limits that it was priced with; new quotes go by those of the version that counts."""
    code = shop.add_coupon(usage_limit=10)
    quotes = quotes_with(shop, 3, coupon_codes=[code])
    found = shop.admin.get("/api/v1/pricing-rules", params={"type": "COUPON", "limit": 200}).json()["data"]
    (coupon,) = [rule for rule in found if rule["configuration"]["code"] == code]
    draft = shop.rule("COUPON", {**coupon["configuration"], "usage_limit": 2}, name=coupon["name"])
    assert shop.admin.put(f"/api/v1/pricing-rules/{coupon['id']}", json=draft).status_code in (200, 201)
    assert [shop.accept(quote["quote_id"]).status_code for quote in quotes] == [200, 200, 200]
    until(lambda: shop.coupon_of(shop.quote(coupon_codes=[code]))["reason"] == "exhausted", "two uses are enough")


def test_two_coupons_of_one_quote_are_used_together_or_not_at_all(shop: Shop, service: Service) -> None:
    plenty, scarce = shop.add_coupon(usage_limit=100), shop.add_coupon(usage_limit=1)
    quotes = quotes_with(shop, 20, coupon_codes=[plenty, scarce])
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda quote: shop.accept(quote["quote_id"]).status_code, quotes))
    assert sorted(answers) == [200] + [409] * 19
    for code in (plenty, scarce):
        assert len(rows(service, "SELECT 1 FROM coupon_uses WHERE code = $1", code)) == 1


def test_a_quote_alone_uses_nothing_up(shop: Shop, service: Service) -> None:
    code = shop.add_coupon(usage_limit=1)
    for _ in range(3):
        assert shop.coupon_of(shop.quote(coupon_codes=[code]))["status"] == "applied"
    assert rows(service, "SELECT 1 FROM coupon_uses WHERE code = $1", code) == []
