"""Promotions and coupons that sell below cost (docs/spec/pricing-rules.md#rule-check)."""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.check.check_rulebook import check_rulebook
from quote_service.pricing.check.finding import Finding
from quote_service.pricing.rulebook.stored import StoredRule
from tests.pricing.catalog.price_books import PRODUCT, micro, product
from tests.pricing.check.rulebooks import NOW_US, book, rule

CODE = "discount-below-cost"


def found(*rules: StoredRule, min_price: int = 0) -> list[Finding]:
    """What is found of a product of 100 that costs 80."""
    rulebook = book(*rules)
    sold = product(cost_micro=micro(80), min_micro=micro(min_price))
    rulebook = rulebook.with_catalog(CatalogSnapshot([sold]), rulebook.customers)
    return [each for each in check_rulebook(rulebook, NOW_US, None).findings if each.code == CODE]


@pytest.mark.parametrize(
    ("kind", "configuration", "least", "is_found"),
    [
        ("PROMOTION", {"kind": "percent", "value": 20}, 0, False),
        ("PROMOTION", {"kind": "percent", "value": 21}, 0, True),
        ("COUPON", {"kind": "percent", "value": 21, "code": "A"}, 0, True),
        ("PROMOTION", {"kind": "percent", "value": 21}, 80, False),
        ("PROMOTION", {"kind": "percent", "value": 21}, 79, True),
        ("PROMOTION", {"kind": "percent", "value": 21, "respects_min_price": False}, 80, True),
        ("PROMOTION", {"kind": "amount", "value": 21}, 0, True),
        ("PROMOTION", {"kind": "amount", "value": 30, "applies_to": "delivery"}, 0, False),
        ("PROMOTION", {"kind": "buy_x_get_y", "buy": 4, "get": 1}, 0, False),
        ("PROMOTION", {"kind": "buy_x_get_y", "buy": 3, "get": 1}, 0, True),
        ("PROMOTION", {"kind": "tiered_percent", "tiers": [{"from": 1000, "percent": 30}]}, 0, True),
    ],
)
def test_a_discount_that_sells_below_cost(kind: str, configuration: dict[str, Any], least: int, is_found: bool) -> None:
    assert bool(found(rule("d", kind, configuration, currency="TRY"), min_price=least)) is is_found


def test_the_product_and_the_figures_are_named() -> None:
    (first,) = found(rule("d", "PROMOTION", {"kind": "percent", "value": 50}))
    assert first.severity == "warning"
    assert first.why == (
        f"d (version 1) can sell a unit of a product ({PRODUCT}) for 50.00 TRY instead of 100.00, below the cost of 80.00"
    )


def test_discounts_together() -> None:
    both = [rule(name, "PROMOTION", {"kind": "percent", "value": 15}) for name in ("a", "b")]
    assert [each.why.partition(" can ")[0] for each in found(*both)] == [
        "a (version 1) together with b (version 1)",
        "b (version 1) together with a (version 1)",
    ]
