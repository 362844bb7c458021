"""What of a price rule is refused, and where it points (docs/spec/pricing-rules.md#price-rules)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.rule_types.price_changes.fields import PRICE_CONDITIONS
from quote_service.rulebook.pricing_rules.operations.read_rule import read_rule
from tests.pricing.catalog.price_books import PRODUCT, rule

PERCENT = {"percent": -10}
DEMAND = {
    "window_hours": 24,
    "expected_per_hour": 3,
    "percent_per_10_percent": 2,
    "max_percent": 30,
    "min_percent": -20,
}


def refused(kind: str, configuration: dict[str, Any], **fields: Any) -> list[str]:
    document = rule("r", kind, configuration, **fields)
    del document["id"]
    try:
        read_rule(parse_json(msgspec.json.encode(document)), from_micros(0), None)
    except Invalid as caught:
        return [fault.pointer for fault in caught.faults]
    return []


@pytest.mark.parametrize(
    ("kind", "configuration"),
    [
        ("TIME_PRICE", {"adjustment": PERCENT}),
        ("TIME_PRICE", {"adjustment": {"amount": "-5.25"}, "ending": "0.90", "exclusive": True}),
        ("TIME_PRICE", {"adjustment": {"price": 0}, "exclusive": False}),
        ("QUANTITY_PRICE", {"breaks": [{"min_quantity": 1, "adjustment": PERCENT}], "across_variants": True}),
        ("USER_TIER_PRICE", {"tiers": {"gold": PERCENT, "a/b": {"price": 1}}}),
        ("INVENTORY_PRICE", {"low": {"below": 5, "adjustment": PERCENT}}),
        (
            "INVENTORY_PRICE",
            {"low": {"below": 5, "adjustment": PERCENT}, "high": {"above": 5, "adjustment": PERCENT}},
        ),
        ("DEMAND_PRICE", DEMAND),
    ],
)
def test_what_is_taken(kind: str, configuration: dict[str, Any]) -> None:
    assert refused(kind, configuration) == []


@pytest.mark.parametrize(
    ("kind", "configuration", "pointers"),
    [
        ("TIME_PRICE", {}, ["/configuration/adjustment"]),
        ("TIME_PRICE", {"adjustment": {}}, ["/configuration/adjustment"]),
        ("TIME_PRICE", {"adjustment": {"percent": 1, "price": 1}}, ["/configuration/adjustment"]),
        ("TIME_PRICE", {"adjustment": {"percent": "-100.000001"}}, ["/configuration/adjustment/percent"]),
        ("TIME_PRICE", {"adjustment": {"percent": 10001}}, ["/configuration/adjustment/percent"]),
        ("TIME_PRICE", {"adjustment": {"percent": "0.0000001"}}, ["/configuration/adjustment/percent"]),
        ("TIME_PRICE", {"adjustment": {"amount": "-0.001"}}, ["/configuration/adjustment/amount"]),
        ("TIME_PRICE", {"adjustment": {"amount": -(10**13)}}, ["/configuration/adjustment/amount"]),
        ("TIME_PRICE", {"adjustment": {"price": -1}}, ["/configuration/adjustment/price"]),
        ("TIME_PRICE", {"adjustment": {"rate": 1}}, ["/configuration/adjustment/rate"]),
        ("TIME_PRICE", {"adjustment": PERCENT, "exclusive": "all"}, ["/configuration/exclusive"]),
        ("TIME_PRICE", {"adjustment": PERCENT, "ending": "-0.9"}, ["/configuration/ending"]),
        ("TIME_PRICE", {"adjustment": PERCENT, "ending": "0.999"}, ["/configuration/ending"]),
        ("QUANTITY_PRICE", {"breaks": []}, ["/configuration/breaks"]),
        (
            "QUANTITY_PRICE",
            {"breaks": [{"min_quantity": 5, "adjustment": PERCENT}, {"min_quantity": 5, "adjustment": {}}]},
            ["/configuration/breaks/1/adjustment", "/configuration/breaks/1/min_quantity"],
        ),
        (
            "QUANTITY_PRICE",
            {"breaks": [{"min_quantity": 0, "adjustment": PERCENT}]},
            ["/configuration/breaks/0/min_quantity"],
        ),
        ("USER_TIER_PRICE", {"tiers": {}}, ["/configuration/tiers"]),
        ("USER_TIER_PRICE", {"tiers": {"a/b": {"price": -1}}}, ["/configuration/tiers/a~1b/price"]),
        ("USER_TIER_PRICE", {"tiers": {"gold": {}}}, ["/configuration/tiers/gold"]),
        ("INVENTORY_PRICE", {}, ["/configuration/low"]),
        ("INVENTORY_PRICE", {"low": {"below": 0, "adjustment": PERCENT}}, ["/configuration/low/below"]),
        ("INVENTORY_PRICE", {"high": {"above": 5, "adjustment": {}}}, ["/configuration/high/adjustment"]),
        (
            "INVENTORY_PRICE",
            {"low": {"below": 5, "adjustment": PERCENT}, "high": {"above": 4, "adjustment": PERCENT}},
            ["/configuration/high/above"],
        ),
        ("DEMAND_PRICE", {**DEMAND, "expected_per_hour": 0}, ["/configuration/expected_per_hour"]),
        ("DEMAND_PRICE", {**DEMAND, "max_percent": -21}, ["/configuration/max_percent"]),
        ("DEMAND_PRICE", {**DEMAND, "min_percent": -101}, ["/configuration/min_percent"]),
        ("DEMAND_PRICE", {**DEMAND, "window_hours": 0}, ["/configuration/window_hours"]),
    ],
)
def test_what_is_refused(kind: str, configuration: dict[str, Any], pointers: list[str]) -> None:
    assert refused(kind, configuration) == pointers


@pytest.mark.parametrize(
    ("configuration", "needs_currency"),
    [
        ({"adjustment": PERCENT}, False),
        ({"adjustment": {"amount": -1}}, True),
        ({"adjustment": {"price": 1}}, True),
        ({"adjustment": PERCENT, "ending": "0.90"}, True),
    ],
)
def test_amounts_need_a_currency(configuration: dict[str, Any], needs_currency: bool) -> None:
    assert refused("TIME_PRICE", configuration, currency=None) == (["/currency"] if needs_currency else [])


GIVEN: dict[str, Any] = {
    "min_subtotal": 1,
    "max_subtotal": 1,
    "category_ids": [PRODUCT],
    "includes_children": True,
    "product_ids": [PRODUCT],
    "seller_ids": [PRODUCT],
    "tags_any": ["a"],
    "customer_tiers": ["a"],
    "customer_segments": ["a"],
    "ab_test_groups": ["a"],
    "express": False,
    "weekdays": [1],
    "time_of_day": {"from": "08:00", "to": "09:00"},
    "timezone": "Europe/Istanbul",
    "flag": "f",
}
KINDS = ["TIME_PRICE", "INVENTORY_PRICE", "DEMAND_PRICE", "USER_TIER_PRICE", "QUANTITY_PRICE"]
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "TIME_PRICE": {"adjustment": PERCENT},
    "INVENTORY_PRICE": {"low": {"below": 5, "adjustment": PERCENT}},
    "DEMAND_PRICE": DEMAND,
    "USER_TIER_PRICE": {"tiers": {"gold": PERCENT}},
    "QUANTITY_PRICE": {"breaks": [{"min_quantity": 2, "adjustment": PERCENT}]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_conditions_that_need_a_basket_are_refused(kind: str) -> None:
    assert set(GIVEN) == set(Conditions.__struct_fields__)
    for name, value in GIVEN.items():
        if name == "includes_children":  # belongs to other conditions
            continue
        expected = [] if name in PRICE_CONDITIONS else [f"/conditions/{name}"]
        assert refused(kind, CONFIGURATIONS[kind], conditions={name: value}) == expected
    assert set(GIVEN) - PRICE_CONDITIONS == {"min_subtotal", "max_subtotal", "express", "ab_test_groups"}


def test_other_types_take_all_conditions() -> None:
    assert refused("PROMOTION", {"kind": "percent", "value": 5}, conditions=GIVEN) == []


def test_children_belong_to_categories() -> None:
    for children in (True, False):
        conditions = {"includes_children": children}
        assert refused("TIME_PRICE", CONFIGURATIONS["TIME_PRICE"], conditions=conditions) == [
            "/conditions/includes_children"
        ]
        assert refused("TAX", {"rate": 5}, conditions={**conditions, "category_ids": [PRODUCT]}) == []
