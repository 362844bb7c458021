"""Price rules that are only drafts, in simulated quotes (docs/spec/quotes.md#simulate-a-quote)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.catalog.shop import PRODUCTS, Shop
from tests.quotes.lifecycle.shop import until


def test_a_draft_price_rule_changes_the_simulated_quote_alone(shop: Shop) -> None:
    product = shop.product()
    place = f"{PRODUCTS}/{product['id']}/price?currency=TRY"
    until(lambda: shop.http.get(place).status_code == 200, "the product is known")
    conditions = {"product_ids": [product["id"]]}
    kept = {"type": "TIME_PRICE", "currency": "TRY", "conditions": conditions, "name": uuid4().hex}
    shop.made("/api/v1/pricing-rules", {**kept, "configuration": {"adjustment": {"amount": -1}}})
    until(lambda: shop.shown(place)["unit_price"] == 99.0, "the rule counts")
    tier = {"tiers": {"gold": {"percent": -40}}, "ending": "0.90"}
    body: dict[str, Any] = {
        "customer_id": str(uuid4()),
        "seller_id": str(uuid4()),
        "items": [{"product_id": product["id"], "quantity": 2, "seller_id": str(uuid4())}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
        "customer_tier": "gold",
        "draft_rules": [
            {**kept, "configuration": {"adjustment": {"price": 90}}},
            {**kept, "name": uuid4().hex, "type": "USER_TIER_PRICE", "configuration": tier},
        ],
    }
    answer = shop.http.post("/api/v1/quotes/simulate", json=body)
    assert answer.status_code == 200, answer.text
    answered = answer.json()["data"]
    now, simulated = answered["now"]["items"][0], answered["simulated"]["items"][0]
    assert (now["unit_price"], [step["kind"] for step in now["price_adjustments"]]) == (99.0, ["time_price"])
    assert simulated["unit_price"] == 53.9
    assert [(step["kind"], step["amount"]) for step in simulated["price_adjustments"]] == [
        ("time_price", -10.0),
        ("user_tier_price", -36.0),
        ("rounding", -0.1),
    ]
    assert answered["difference"]["subtotal"] == -90.2
    assert {rule["type"] for rule in answered["simulated"]["applied_rules"]} >= {"TIME_PRICE", "USER_TIER_PRICE"}
    assert shop.shown(place)["unit_price"] == 99.0
