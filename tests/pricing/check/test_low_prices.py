"""Price rules that sell below cost or meet a product's minimum (docs/spec/pricing-rules.md#rule-check)."""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.check.check_rulebook import Report, check_rulebook
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.rulebook.stored import StoredRule
from tests.pricing.catalog.price_books import CATEGORY, PRODUCT, micro, product
from tests.pricing.check.rulebooks import NOW_US, book, flag, rule

CODES = ("price-below-cost", "price-held-at-minimum")
COSTLY = product(cost_micro=micro(80), min_micro=micro(60))


def time_price(name: str, percent: int, **fields: Any) -> StoredRule:
    return rule(name, "TIME_PRICE", {"adjustment": {"percent": percent}}, **fields)


def selling(rulebook: Rulebook, *prices: Any) -> Rulebook:
    return rulebook.with_catalog(CatalogSnapshot(prices), rulebook.customers)


def report(rulebook: Rulebook, *touched: StoredRule) -> Report:
    return check_rulebook(rulebook, NOW_US, frozenset(row.id for row in touched) if touched else None)


def shown(rulebook: Rulebook, *touched: StoredRule) -> list[tuple[str, str]]:
    """The findings about prices, each with the names that it is about."""
    found = [each for each in report(rulebook, *touched).findings if each.code in CODES]
    return [(each.code, " ".join(str(row.name) for row in each.rows)) for each in found]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(-20, []), (-21, ["price-below-cost"]), (-40, ["price-below-cost"]), (-41, list(CODES)), (10, [])],
)
def test_a_rule_that_sells_below_cost_or_meets_the_minimum(percent: int, expected: list[str]) -> None:
    assert shown(selling(book(time_price("t", percent)), COSTLY)) == [(code, "t") for code in expected]


def test_the_product_and_the_figures_are_named() -> None:
    (found,) = [each for each in report(selling(book(time_price("t", -21)), COSTLY)).findings if each.code in CODES]
    assert found.why == (
        f"t (version 1) can take the price of a product ({PRODUCT}) from 100.00 to 79.00 TRY the unit, below its cost of 80.00"
    )
    assert found.severity == "warning"


@pytest.mark.parametrize(
    ("kind", "configuration"),
    [
        ("USER_TIER_PRICE", {"tiers": {"iron": {"percent": 1}, "gold": {"percent": -30}}}),
        ("QUANTITY_PRICE", {"breaks": [{"min_quantity": 999, "adjustment": {"percent": -30}}]}),
        ("INVENTORY_PRICE", {"low": {"below": 5, "adjustment": {"percent": -30}}}),
        ("INVENTORY_PRICE", {"high": {"above": 5, "adjustment": {"percent": -30}}}),
        (
            "DEMAND_PRICE",
            {
                "window_hours": 5,
                "expected_per_hour": 9,
                "percent_per_10_percent": 3,
                "max_percent": 1,
                "min_percent": -30,
            },
        ),
    ],
)
def test_every_type_is_tried_where_it_takes_most_off(kind: str, configuration: dict[str, Any]) -> None:
    assert shown(selling(book(rule("t", kind, configuration), flag("dynamic_pricing")), COSTLY)) == [(CODES[0], "t")]


def test_rules_that_do_it_together_are_both_named() -> None:
    first = time_price("a", -15)
    second = rule("b", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 10, "adjustment": {"percent": -15}}]})
    assert shown(selling(book(first, second), COSTLY)) == [(CODES[0], "a b"), (CODES[0], "b a")]
    assert shown(selling(book(first, second), COSTLY), second) == [(CODES[0], "b a")]


@pytest.mark.parametrize(
    "offered",
    [
        product(),
        product(cost_micro=micro(101)),  # its list price is below cost already
        product(cost_micro=micro(80), tags=()),
        product(cost_micro=micro(80), currency="EUR"),
        product(cost_micro=micro(80), is_active=False),
    ],
)
def test_what_does_not_concern_a_rule_is_no_finding(offered: Any) -> None:
    conditions = {"tags_any": ["new"]}
    assert shown(selling(book(time_price("t", -50, conditions=conditions, currency="TRY")), offered)) == []


def test_only_so_many_products_are_looked_at_and_the_report_says_so() -> None:
    def shop(count: int) -> list[Any]:
        return [product(product_id=f"b0000000-0000-4000-8000-{number:012d}") for number in range(count)]

    one = time_price("t", -1, conditions={"category_ids": [CATEGORY]})
    assert report(selling(book(one), *shop(100))).is_complete
    assert not report(selling(book(one), *shop(101))).is_complete
    named = time_price("t", -1, conditions={"product_ids": [shop(7)[6].product_id]})
    assert report(selling(book(named), *shop(1001))).is_complete


def test_demand_prices_without_their_flag_never_count() -> None:
    demand = {
        "window_hours": 5,
        "expected_per_hour": 9,
        "percent_per_10_percent": 3,
        "max_percent": 1,
        "min_percent": -30,
    }
    rulebook = selling(book(rule("t", "DEMAND_PRICE", demand)), COSTLY)
    (found,) = [each for each in report(rulebook).findings if each.rows[0].name == "t"]
    assert (found.code, "dynamic_pricing" in found.why) == ("rule-never-counts", True)


def test_price_rules_make_no_findings_that_are_about_fees_or_discounts() -> None:
    rows = [
        time_price("a", -10),
        time_price("b", -20),
        rule("c", "USER_TIER_PRICE", {"tiers": {"gold": {"percent": -30}}, "exclusive": True}),
        rule("d", "USER_TIER_PRICE", {"tiers": {"gold": {"percent": -30}}}),
    ]
    assert report(selling(book(*rows), product())).findings == []


def test_a_rule_that_reaches_further_down_the_tree_is_not_covered_by_one_that_does_not() -> None:
    """Proofs that a rule never acts know that its categories have others below them."""

    def half(name: str, priority: int, **conditions: Any) -> StoredRule:
        configuration = {"kind": "percent", "value": 50, "exclusive": True}
        given = {"category_ids": [CATEGORY], **conditions}
        return rule(name, "PROMOTION", configuration, priority=priority, conditions=given)

    wide, narrow = half("below", 0, includes_children=True), half("alone", 1)
    assert "rule-never-chosen" not in [each.code for each in report(book(wide, narrow)).findings]
    covered = [half("below", 1, includes_children=True), half("alone", 0)]
    assert "rule-never-chosen" in [each.code for each in report(book(*covered)).findings]
