"""What a quote would be, beside what it is. Source: docs/spec/quotes.md#simulate-a-quote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import redis

from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTE, QUOTES, Shop, pointers, until
from tests.quotes.lifecycle.test_accept import rows

SIMULATE = f"{QUOTES}/simulate"


def simulated(shop: Shop, request: dict[str, Any], **supposed: Any) -> dict[str, Any]:
    answer = shop.admin.post(SIMULATE, json={**request, **supposed})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def refused(shop: Shop, **supposed: Any) -> list[str]:
    return pointers(shop.admin.post(SIMULATE, json={**shop.basket(), **supposed}))


def test_without_suppositions_nothing_differs(shop: Shop) -> None:
    shop.applied(shop.add_rule("TAX", {"rate": 18}))
    request = shop.basket()
    data = simulated(shop, request)
    assert set(data) == {"now", "simulated", "difference"}
    assert set(data["difference"].values()) == {0}
    quote = shop.checkout.post(QUOTE, json=request).json()["data"]
    figures = {name: value for name, value in data["now"].items() if name != "at"}
    assert figures == {name: quote[name] for name in figures}
    # It is not given to anybody: it has no id, no end and no signature.
    missing = {"quote_id", "signature", "cache", "valid_from", "valid_until"}
    assert set(quote) - set(data["now"]) == missing == set(quote) - set(data["simulated"])


def test_a_draft_with_a_known_name_is_its_next_version(shop: Shop) -> None:
    rule = shop.add_rule("DELIVERY_FEE", {"base_fee": 10})
    shop.applied(rule)
    draft = shop.rule("DELIVERY_FEE", {"base_fee": 12.5}, name=rule["name"])
    data = simulated(shop, shop.basket(), draft_rules=[draft])
    assert (data["now"]["delivery_fee"], data["simulated"]["delivery_fee"]) == (10, 12.5)
    assert (data["difference"]["delivery_fee"], data["difference"]["total_amount"]) == (2.5, 2.5)
    assert [(each["name"], each["version"]) for each in data["simulated"]["applied_rules"]] == [(rule["name"], 2)]
    assert shop.quote()["delivery_fee"] == 10


def test_drafts_of_new_rules_and_rates(shop: Shop) -> None:
    tax = shop.rule("TAX", {"rate": 20}, effective_from=None)
    rate = {"commission_type": "PERCENTAGE", "seller_id": shop.seller, "rate": 10}
    data = simulated(shop, shop.basket(), draft_rules=[tax], draft_rates=[rate])
    assert data["difference"] == {
        **dict.fromkeys(data["difference"], 0),
        "tax_amount": 10.2,
        "total_amount": 10.2,
        "total_commission": 5.1,
        "seller_commission": 5.1,
    }


def test_another_tier(shop: Shop) -> None:
    percent = {"kind": "percent", "value": 10}
    shop.add_rule("PROMOTION", percent, conditions={"customer_tiers": ["gold"]})
    until(
        lambda: simulated(shop, shop.basket(), customer_tier="gold")["difference"]["discount_amount"] == 5.1, "it acts"
    )
    data = simulated(shop, shop.basket(), customer_tier="silver")
    assert data["difference"]["discount_amount"] == 0


def test_another_instant(shop: Shop) -> None:
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    shop.add_rule("DELIVERY_FEE", {"base_fee": 7}, effective_from=next_year)
    later = (datetime.now(UTC) + timedelta(days=366)).isoformat()
    until(lambda: simulated(shop, shop.basket(), at=later)["difference"]["delivery_fee"] == 7, "the rule is known")
    assert simulated(shop, shop.basket())["difference"]["delivery_fee"] == 0


def test_a_past_instant_knows_rates_that_have_ended(shop: Shop) -> None:
    shop.add_rate(10, effective_from="2025-01-01T00:00:00Z", effective_to="2025-02-01T00:00:00Z")
    past = "2025-01-15T00:00:00+03:00"
    until(lambda: simulated(shop, shop.basket(), at=past)["difference"]["seller_commission"] == 5.1, "it is known")
    data = simulated(shop, shop.basket(), at=past)
    assert data["simulated"]["at"] == "2025-01-14T21:00:00Z"
    assert data["now"]["commission_breakdown"]["details"] == []


def test_flags_say_what_is_supposed(shop: Shop) -> None:
    key = f"flag-{shop.name}"
    made = shop.admin.post(
        "/api/v1/feature-flags", json={"key": key, "type": "JSON", "value": None, "is_enabled": True}
    )
    assert made.status_code == 201, made.text
    shop.add_rule("DELIVERY_FEE", {"base_fee": 10})
    supposed = {key: {"a": [1, 2.50]}, "express_delivery_multiplier": 1.5}
    request = shop.basket(is_express_delivery=True)

    def both_are_known() -> bool:
        answer = shop.admin.post(SIMULATE, json={**request, "flag_overrides": supposed})
        return answer.status_code == 200 and answer.json()["data"]["now"]["delivery_fee"] > 0

    until(both_are_known, "the flag and the rule are known")
    data = simulated(shop, request, flag_overrides=supposed)
    assert data["simulated"]["feature_flags"][key] == {"a": [1, 2.5]}
    assert data["now"]["feature_flags"][key] is None
    assert data["simulated"]["delivery_fee"] == 15
    assert refused(shop, flag_overrides={"no-such-flag": 1, "express_delivery_multiplier": "x"}) == [
        "/flag_overrides/no-such-flag",
        "/flag_overrides/express_delivery_multiplier",
    ]


def test_it_stores_nothing_and_counts_nowhere(shop: Shop, service: Service, anonymous: httpx.Client) -> None:
    code = shop.add_coupon(usage_limit=1)
    request = shop.basket(coupon_codes=[code])

    def traces() -> list[Any]:
        with redis.Redis.from_url(service.redis_url) as client:
            kept = sorted(client.keys("qs:q:*"))
        tables = ("coupon_usage", "accepted_quotes", "audit_log", "idempotency_keys", "rulebook_versions")
        return [kept, [rows(service, f"SELECT count(*) FROM {table}") for table in tables]]

    before = traces()
    for _ in range(5):
        assert shop.coupon_of(simulated(shop, request)["simulated"])["status"] == "applied"
    assert traces() == before
    assert shop.checkout.post(QUOTE, json=request).json()["data"]["cache"] == "miss"


def test_nothing_unknown_is_passed_over(shop: Shop) -> None:
    assert refused(shop, draft_rule=[]) == ["/draft_rule"]
    assert refused(shop, at="2025-01-01T00:00:00") == ["/at"]
    assert refused(shop, items=[{**shop.basket()["items"][0], "wieght": 1}]) == ["/items/0/wieght"]
    assert refused(shop, currency="XXX") == ["/currency"]
    broken = shop.rule("TAX", {"rate": 101})
    assert refused(shop, draft_rules=[broken, {**broken, "x": 1}]) == [
        "/draft_rules/0/configuration/rate",
        "/draft_rules/1/x",
    ]
    assert refused(shop, draft_rates=[{"commission_type": "FLAT", "rate": -1}]) == ["/draft_rates/0/rate"]
    assert refused(shop, draft_rules=[broken] * 101) == ["/draft_rules"]


def test_checkouts_may_not_simulate(
    shop: Shop, anonymous: httpx.Client, key_with: Callable[..., dict[str, str]]
) -> None:
    headers = key_with("quote:write", "quote:read")
    assert anonymous.post(SIMULATE, json=shop.basket(), headers=headers).status_code == 403


def test_a_draft_is_of_the_type_of_its_rule(shop: Shop) -> None:
    rule = shop.add_rule("PROMOTION", {"kind": "percent", "value": 10})
    shop.applied(rule)
    tax = shop.rule("TAX", {"rate": 5}, name=rule["name"])
    new = shop.rule("TAX", {"rate": 5})
    other = shop.rule("PROMOTION", {"kind": "percent", "value": 1}, name=new["name"])
    assert refused(shop, draft_rules=[tax, new, other]) == ["/draft_rules/0/type", "/draft_rules/2/type"]
