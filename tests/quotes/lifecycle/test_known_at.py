"""What a quote would have been by what was known at an instant. Source: docs/spec/quotes.md#as-it-was-known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.quotes.lifecycle.shop import Shop, until
from tests.quotes.lifecycle.test_simulate import refused, simulated


def now() -> str:
    """Behind everything that has been answered, and before everything that is still to be asked."""
    return datetime.now(UTC).isoformat()


def next_version(shop: Shop, rule: dict[str, Any], configuration: dict[str, Any]) -> None:
    draft = shop.rule(rule["type"], configuration, name=rule["name"])
    answer = shop.admin.put(f"/api/v1/pricing-rules/{rule['id']}", json=draft)
    assert answer.status_code == 200, answer.text


def test_later_versions_of_a_rule_are_undone(shop: Shop) -> None:
    before = now()
    first = shop.add_rule("DELIVERY_FEE", {"base_fee": 10})
    with_first = now()
    next_version(shop, first, {"base_fee": 25})
    basket = shop.basket()
    until(lambda: simulated(shop, basket)["now"]["delivery_fee"] == 25, "the second version counts")
    for known_at, fee in ((before, 0), (with_first, 10), (now(), 25)):
        data = simulated(shop, basket, known_at=known_at)
        assert (data["now"]["delivery_fee"], data["simulated"]["delivery_fee"]) == (25, fee)
    # Both clocks: what counts at an instant is asked of what was known at another.
    past = "2025-06-01T00:00:00Z"
    assert simulated(shop, basket, at=past, known_at=with_first)["simulated"]["delivery_fee"] == 10
    assert simulated(shop, basket, at=past, known_at=before)["simulated"]["delivery_fee"] == 0
    assert simulated(shop, basket, at="2024-06-01T00:00:00Z", known_at=with_first)["simulated"]["delivery_fee"] == 0


def test_a_rule_and_a_rate_that_were_switched_off_count_again(shop: Shop) -> None:
    rule, rate = shop.add_rule("TAX", {"rate": 20}), shop.add_rate(10)
    shop.applied(rule)
    both = now()
    assert shop.admin.delete(f"/api/v1/pricing-rules/{rule['id']}").status_code in (200, 204)
    assert shop.admin.delete(f"/api/v1/commission-rates/{rate['id']}").status_code in (200, 204)
    basket = shop.basket()
    until(
        lambda: simulated(shop, basket, known_at=both)["difference"]["total_commission"] == 5.1,
        "the rate is switched off",
    )
    difference = simulated(shop, basket, known_at=both)["difference"]
    assert (difference["tax_amount"], difference["total_commission"]) == (10.2, 5.1)
    assert simulated(shop, basket, known_at=now())["difference"]["total_amount"] == 0


def test_a_flag_had_another_value(shop: Shop) -> None:
    key = f"flag-{shop.name}"
    flag = {"key": key, "type": "STRING", "value": "old", "is_enabled": True}
    before = now()
    made = shop.admin.post("/api/v1/feature-flags", json=flag)
    assert made.status_code == 201, made.text
    old = now()
    put = shop.admin.put(f"/api/v1/feature-flags/{made.json()['data']['id']}", json={**flag, "value": "new"})
    assert put.status_code == 200, put.text
    basket = shop.basket()
    until(lambda: simulated(shop, basket)["now"]["feature_flags"].get(key) == "new", "the flag is changed")
    assert simulated(shop, basket, known_at=old)["simulated"]["feature_flags"][key] == "old"
    assert key not in simulated(shop, basket, known_at=before)["simulated"]["feature_flags"]
    supposed = {"flag_overrides": {key: "mine"}}
    assert simulated(shop, basket, known_at=old, **supposed)["simulated"]["feature_flags"][key] == "mine"
    # What is supposed is supposed of what was known then.
    assert refused(shop, known_at=before, **supposed) == [f"/flag_overrides/{key}"]


def test_a_coupon_was_not_used_up_and_a_budget_not_spent(shop: Shop) -> None:
    code = shop.add_coupon(usage_limit=1)
    promotion = shop.add_rule("PROMOTION", {"kind": "percent", "value": 10, "budget": 6})
    shop.applied(promotion)
    basket = shop.basket(coupon_codes=[code])
    fresh = now()
    quote, other = shop.quote(coupon_codes=[code]), shop.quote()
    assert [shop.accept(each["quote_id"]).status_code for each in (quote, other)] == [200, 409]
    until(lambda: simulated(shop, basket)["now"]["discount_amount"] == 0, "both are used up")
    data = simulated(shop, basket, known_at=fresh)
    assert data["simulated"]["discount_amount"] == quote["discount_amount"] > 5.1
    assert [each["status"] for each in data["simulated"]["coupons"]] == ["applied"]
    assert simulated(shop, basket, known_at=now())["simulated"]["discount_amount"] == 0


def test_a_change_is_known_from_the_instant_that_it_shows(shop: Shop) -> None:
    rule, rate = shop.add_rule("DELIVERY_FEE", {"base_fee": 10}), shop.add_rate(10)
    key = f"flag-{shop.name}"
    flag = {"key": key, "type": "BOOLEAN", "value": True, "is_enabled": True}
    made = shop.admin.post("/api/v1/feature-flags", json=flag)
    assert made.status_code == 201, made.text
    basket = shop.basket()

    def known(change: dict[str, Any], microseconds: int) -> dict[str, Any]:
        at = datetime.fromisoformat(change["updated_at"]) + timedelta(microseconds=microseconds)
        return dict(simulated(shop, basket, known_at=at.isoformat())["simulated"])

    assert [known(rule, by)["delivery_fee"] for by in (-1, 0, 1)] == [0, 10, 10]
    commissions = [known(rate, by)["commission_breakdown"]["total_commission"] for by in (-1, 0, 1)]
    assert commissions == [0, 5.1, 5.1]
    assert [known(made.json()["data"], by)["feature_flags"].get(key) for by in (-1, 0, 1)] == [None, True, True]
    # Also once another version has taken its place.
    next_version(shop, rule, {"base_fee": 25})
    assert [known(rule, by)["delivery_fee"] for by in (-1, 0, 1)] == [0, 10, 10]


def test_drafts_are_written_upon_what_was_known(shop: Shop) -> None:
    first = shop.add_rule("DELIVERY_FEE", {"base_fee": 10})
    known_at = now()
    next_version(shop, first, {"base_fee": 99})
    draft = shop.rule("DELIVERY_FEE", {"base_fee": 12.5}, name=first["name"])
    data = simulated(shop, shop.basket(), known_at=known_at, draft_rules=[draft])["simulated"]
    assert [(each["name"], each["version"]) for each in data["applied_rules"]] == [(first["name"], 2)]
    assert data["delivery_fee"] == 12.5


def test_instants_of_which_nothing_is_known(shop: Shop) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert refused(shop, known_at=tomorrow) == ["/known_at"]
    assert refused(shop, known_at="2001-01-01T00:00:00Z") == ["/known_at"]
    assert refused(shop, known_at="2025-01-01T00:00:00") == ["/known_at"]
    assert refused(shop, known_at=tomorrow, currency="XXX") == ["/known_at", "/currency"]
    # An instant to come may be asked of what is known now.
    line: dict[str, Any] = {"product_id": str(uuid4()), "quantity": 1, "unit_price": 3}
    assert simulated(shop, shop.basket(items=[line]), at=tomorrow, known_at=now())["simulated"]["total_amount"] == 3
