"""The playground's price is the API's. Source: docs/spec/web.md#playground."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.access.running import RunningService
from tests.web.conftest import SignIn
from tests.web.signing_in import text_of

BASKET: dict[str, Any] = {
    "customer_id": "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d",
    "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
    "delivery_city": "Istanbul",
    "delivery_country": "TR",
    "currency": "TRY",
    "item_product_id": ["b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e", "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5f"],
    "item_quantity": ["3", "1"],
    "item_unit_price": ["25.50", "1234.56"],
    "item_category_id": ["", ""],
}
RULES: list[dict[str, Any]] = [
    {"name": "fee", "type": "DELIVERY_FEE", "configuration": {"base_fee": 10}, "currency": "TRY", "region": "TR"},
    {"name": "vat", "type": "TAX", "configuration": {"rate": 18}, "region": "TR"},
    {
        "name": "gold",
        "type": "PROMOTION",
        "configuration": {"kind": "percent", "value": 10},
        "conditions": {"customer_tiers": ["gold"]},
    },
]


VAT: dict[str, Any] = {"name": "vat", "type": "TAX", "configuration": {"rate": 20}, "region": "TR"}


def fields_of(draft: dict[str, Any], row: str = "0") -> dict[str, str]:
    """A draft rule as the form's fields have it."""
    values = {name: value for name, value in draft.items() if not isinstance(value, dict)}
    values |= {f"configuration/{name}": value for name, value in draft["configuration"].items()}
    return {f"/draft_rules/{row}/{name}": str(value) for name, value in values.items()}


def flag_fields(key: str, kind: str, value: str) -> dict[str, str]:
    """The value of a flag as the form's fields have it."""
    row = "/flag_overrides/n1"
    return {f"{row}/=name": key, f"{row}/=value/=kind": kind, f"{row}/=value": value}


@pytest.fixture(scope="module", autouse=True)
def rules(service: RunningService) -> None:
    for rule in RULES:
        made = service.http.post("/api/v1/pricing-rules", json=rule, headers=service.as_role("admin"))
        assert made.status_code == 201, made.text


def test_the_price_is_what_the_api_says_to_the_last_digit(service: RunningService, signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    sent = {
        "customer_id": BASKET["customer_id"],
        "seller_id": BASKET["seller_id"],
        "items": [
            {"product_id": product, "quantity": int(units), "unit_price": float(price)}
            for product, units, price in zip(
                BASKET["item_product_id"], BASKET["item_quantity"], BASKET["item_unit_price"], strict=True
            )
        ],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }

    def total() -> str:
        answer = service.http.post("/api/v1/quotes/simulate", json=sent, headers=service.as_role("analyst"))
        return f"{answer.json()['data']['now']['total_amount']:,.2f}"

    shown = text_of(visitor.send("/admin/playground/price", **BASKET).text)
    assert total() == "1,557.05"
    assert "To pay 1,557.05 TRY" in shown
    assert "Tax: 18 % on items" in shown
    assert "+1,311.06" in shown


def test_what_is_supposed_stands_beside_the_price_of_now(signed_in: SignIn) -> None:
    answer = signed_in("analyst").send("/admin/playground/price", **BASKET, **fields_of(VAT))
    shown = text_of(answer.text)
    assert "With the assumptions 1,583.27" in shown
    assert "Now 1,557.05" in shown
    assert "+26.22" in shown


def test_a_tier_of_the_basket_is_no_supposition(signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    gold = text_of(visitor.send("/admin/playground/price", **BASKET, customer_tier="gold").text)
    # 90 % of 1311.06 is 1179.95; 18 % of its lines 68.85 and 1111.10 is 12.39 and 200.00.
    assert "To pay 1,402.34 TRY" in gold
    assert "Now" not in gold
    why = text_of(visitor.send("/admin/playground/why", **BASKET, customer_tier="gold").text)
    assert "1,402.34 TRY" in why
    both = text_of(visitor.send("/admin/playground/price", **BASKET, customer_tier="gold", supposed_tier="silver").text)
    assert "Now 1,402.34 TRY" in both
    assert "With the assumptions 1,557.05 TRY" in both


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"item_quantity": ["0", "1"]}, "Items › 1 › Quantity", ""),
        ({"item_quantity": ["three", "1"]}, "Items › 1 › Quantity", ""),
        ({"currency": "XXQ"}, "Currency is not", ""),
        ({"delivery_city": ""}, "Delivery address › City", ""),
        ({"customer_id": "<b>nobody</b>"}, "Customer id", ""),
        (flag_fields("a", "list", "{"), "/flag_overrides/n1/=value", "not valid JSON"),
        (flag_fields("<script>", "number", "1"), "/flag_overrides/<script>", "no such flag"),
        (fields_of({**VAT, "configuration": {"rate": "many"}}, "n7"), "/draft_rules/0/configuration/rate", ""),
        (
            {"item_product_id": [], "item_quantity": [], "item_unit_price": [], "item_category_id": []},
            "Items expected",
            "",
        ),
    ],
)
def test_a_fault_stands_with_its_field_in_the_words_of_the_api(
    signed_in: SignIn, fields: dict[str, Any], place: str, words: str
) -> None:
    answer = signed_in("analyst").send("/admin/playground/price", **{**BASKET, **fields})
    assert answer.status_code == 422
    assert place in text_of(answer.text)
    assert words in text_of(answer.text)
    assert "<script>" not in answer.text
    assert "<b>nobody" not in answer.text


def test_a_draft_that_is_not_complete_leaves_the_price_of_now(signed_in: SignIn) -> None:
    visitor = signed_in("analyst")
    half = visitor.send("/admin/playground/price", **BASKET, **fields_of({**VAT, "configuration": {"rate": ""}}))
    assert "To pay 1,557.05 TRY" in text_of(half.text)
    assert "assumptions are incomplete" in text_of(half.text)
    empty = visitor.send("/admin/playground/price", **BASKET, **{"/draft_rates/n1/currency": "", "shape": ""})
    assert empty.status_code == 200
    assert "With the assumptions" not in text_of(empty.text)


def test_what_an_address_hands_over_stands_in_fields(service: RunningService, signed_in: SignIn) -> None:
    flag = {"key": "layout", "type": "STRING", "value": "wide", "default_value": "narrow"}
    made = service.http.post("/api/v1/feature-flags", json=flag, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    visitor = signed_in("analyst")
    rate = {"seller_id": BASKET["seller_id"], "rate": "12.5"}
    handed = {
        "draft_rules": json.dumps([VAT]), "draft_rates": json.dumps([rate]),
        "flag_overrides": json.dumps({"layout": "wide"}),
    }  # fmt: skip
    shown = visitor.see(f"/admin/playground?{urlencode(handed)}")
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', shown))
    for name, value in {**fields_of(VAT), **fields_of({"rate": "12.5", "configuration": {}})}.items():
        assert values[name if "12.5" not in value else "/draft_rates/0/rate"] == value
    assert re.search(r'name="/flag_overrides/\w+/=name" value="layout"', shown)
    assert re.search(r'name="/flag_overrides/\w+/=value" value="wide" list=', shown)
    assert 'value="narrow"' in visitor.see("/admin/playground/flag?key=layout")
    assert visitor.see("/admin/playground/flag?key=").strip() == ""


@pytest.mark.parametrize(
    "text", ["{", "1", '["x"]', '[{"type": "TAX", "configuration": 7, "conditions": {"days": 3}}]']
)
def test_an_address_that_is_no_draft_is_no_failure(signed_in: SignIn, text: str) -> None:
    answer = signed_in("analyst").http.get(f"/admin/playground?{urlencode({'draft_rules': text})}")
    assert answer.status_code == 200


def test_why_shows_each_rule_of_a_real_quote(signed_in: SignIn) -> None:
    shown = text_of(signed_in("analyst").send("/admin/playground/why", **BASKET).text)
    assert "fee v1" in shown
    assert "vat v1" in shown
    assert "Applied" in shown


def test_products_are_found_and_become_lines(service: RunningService, signed_in: SignIn) -> None:
    product = {
        "sku": "TEA-1", "name": "Tea <b>bold</b>", "prices": [{"currency": "TRY", "base_price": 95}],
    }  # fmt: skip
    made = service.http.post("/api/v1/products", json=product, headers=service.as_role("admin"))
    assert made.status_code == 201, made.text
    visitor = signed_in("analyst")
    found = visitor.see("/admin/playground/products?q=tea")
    assert "Tea &lt;b&gt;bold&lt;/b&gt;" in found
    product_id = made.json()["data"]["id"]
    assert f'value="{product_id}"' in visitor.see(f"/admin/playground/line?product_id={product_id}")
    assert "Nothing found" in visitor.see("/admin/playground/products?q=zzzz")
    assert visitor.http.get("/admin/playground/line?product_id=nothing").status_code == 404
    assert made.json()["data"]["name"] not in visitor.see("/admin/playground")


def test_what_moved_a_price_stands_with_its_line(service: RunningService, signed_in: SignIn) -> None:
    product = {"sku": "CUP-1", "name": "Cup", "prices": [{"currency": "TRY", "base_price": 200}]}
    made = service.http.post("/api/v1/products", json=product, headers=service.as_role("admin"))
    rule = {
        "name": "silver-price",
        "type": "USER_TIER_PRICE",
        "configuration": {"tiers": {"silver": {"percent": -5}}},
    }
    written = service.http.post("/api/v1/pricing-rules", json=rule, headers=service.as_role("admin"))
    assert written.status_code == 201, written.text
    lines = {
        "item_product_id": made.json()["data"]["id"],
        "item_quantity": "2",
        "item_unit_price": "",
        "item_category_id": "",
    }
    shown = text_of(
        signed_in("analyst").send("/admin/playground/price", **{**BASKET, **lines}, customer_tier="silver").text
    )
    assert "User tier price \N{MINUS SIGN}5 %: \N{MINUS SIGN}10.00" in shown
    assert "190.00 200.00" in shown


def test_the_request_can_be_copied(signed_in: SignIn) -> None:
    shown = text_of(signed_in("analyst").send("/admin/playground/price", **BASKET).text)
    for word in ("curl -s http://127.0.0.1", "httpx.post(", "await fetch(", '"quantity": 3'):
        assert word in shown
