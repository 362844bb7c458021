"""Rules that cannot count or are never chosen; and those beside them that can be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pricing.check.rulebooks import CATEGORY, applied_names, book, codes, findings, flag, only, quote_of, rule

TRY: dict[str, Any] = {"currency": "TRY", "region": "TR"}


def delivery(name: str, fee: int = 10, **fields: Any) -> Any:
    return rule(name, "DELIVERY_FEE", {"base_fee": fee}, **{**TRY, **fields})


def test_a_rule_behind_one_of_higher_priority_is_never_chosen() -> None:
    rulebook = book(delivery("low", 10), delivery("high", 12, priority=1))
    found = only(rulebook, "rule-never-chosen")
    assert [row.name for row in found.rows] == ["low", "high"]
    assert "high (version 1)" in found.why
    assert applied_names(quote_of(rulebook, found.examples[0])) == ["high"]


@pytest.mark.parametrize(
    "ahead",
    [
        {"region": "TR/Istanbul"},  # the other still counts in the rest of the country
        {"region": None},  # less specific, so behind whatever its priority
        {"currency": "EUR"},
        {"effective_to": "2027-01-01T00:00:00Z"},
        {"conditions": {"express": True}},
        {"conditions": {"min_subtotal": 100}},
        {"conditions": {"weekdays": ["mon"]}},
        {"conditions": {"category_ids": [CATEGORY]}},
    ],
)
def test_a_rule_that_is_left_a_basket_is_chosen(ahead: dict[str, Any]) -> None:
    rulebook = book(delivery("low", 10), delivery("high", 12, priority=1, **ahead))
    assert "rule-never-chosen" not in codes(rulebook)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"min_subtotal": 100}, {"min_subtotal": 50}),
        ({"max_subtotal": 50}, {"max_subtotal": 100}),
        ({"customer_tiers": ["gold"]}, {"customer_tiers": ["gold", "silver"]}),
        ({"category_ids": [CATEGORY], "express": True}, {"express": True}),
        ({"weekdays": ["mon"]}, {"weekdays": [1]}),
    ],
)
def test_wider_conditions_ahead_leave_nothing(narrow: dict[str, Any], wide: dict[str, Any]) -> None:
    narrower = delivery("narrow", 10, conditions=narrow)
    assert "rule-never-chosen" in codes(book(narrower, delivery("wide", 12, priority=1, conditions=wide)))
    wider = delivery("wide", 10, conditions=wide)
    if narrow != {"weekdays": ["mon"]}:
        assert "rule-never-chosen" not in codes(book(wider, delivery("narrow", 12, priority=1, conditions=narrow)))


def test_rules_that_share_the_time_between_them_keep_one_out() -> None:
    first = delivery("first", 11, priority=1, effective_to="2027-01-01T00:00:00Z")
    second = delivery("second", 12, priority=1, effective_from="2027-01-01T00:00:00Z")
    assert "rule-never-chosen" not in codes(book(delivery("low"), first))
    found = only(book(delivery("low"), first, second), "rule-never-chosen")
    assert [row.name for row in found.rows] == ["low", "first", "second"]


def test_a_bare_city_of_higher_priority_covers_the_path_to_it() -> None:
    path = delivery("path", 10, region="TR/Istanbul")
    assert "rule-never-chosen" in codes(book(path, delivery("bare", 12, priority=1, region="istanbul")))
    assert "rule-never-chosen" not in codes(
        book(delivery("bare", 10, region="İstanbul"), delivery("path", 12, priority=1, region="TR/Istanbul"))
    )


def test_an_exclusive_promotion_keeps_later_ones_out() -> None:
    everything = rule("all", "PROMOTION", {"kind": "percent", "value": 20, "exclusive": True}, priority=5)
    later = rule("later", "PROMOTION", {"kind": "percent", "value": 50}, region="TR")
    found = only(book(everything, later), "rule-never-chosen")
    assert [row.name for row in found.rows] == ["later", "all"]
    free = rule("free", "PROMOTION", {"kind": "percent", "value": 0, "exclusive": True}, priority=5)
    assert "rule-never-chosen" not in codes(book(free, later))
    limited = {"kind": "percent", "value": 20, "exclusive": True, "budget": 500}
    till_used_up = rule("limited", "PROMOTION", limited, priority=5, currency="TRY")
    assert "rule-never-chosen" not in codes(book(till_used_up, later))
    assert "rule-never-chosen" not in codes(
        book(everything, rule("earlier", "PROMOTION", {"kind": "percent", "value": 50}, priority=6))
    )


@pytest.mark.parametrize(
    ("kind", "configuration", "conditions"),
    [
        ("TAX", {"rate": 18}, {"category_ids": []}),
        ("TAX", {"rate": 18}, {"flag": "nowhere"}),
        ("TAX", {"rate": 18}, {"flag": "number"}),
        ("EXPRESS_FEE", {"base_fee": 10}, {"express": False}),
        ("FREE_DELIVERY", {"min_subtotal": 100}, {"max_subtotal": 50}),
        ("FREE_DELIVERY", {}, {"express": True}),
        ("SMALL_BASKET_FEE", {"threshold": 50, "fee": 5}, {"min_subtotal": 50}),
        ("PROMOTION", {"kind": "percent", "value": 0}, None),
        ("PROMOTION", {"kind": "percent", "value": 10, "max_discount": 0}, None),
        ("PROMOTION", {"kind": "percent", "value": 10, "budget": 0}, None),
        ("PROMOTION", {"kind": "percent", "value": 10, "budget": 10, "budget_per_customer": 0}, None),
        ("PROMOTION", {"kind": "tiered_percent", "tiers": [{"from": 10, "percent": 0}]}, None),
    ],
)
def test_what_can_never_hold_is_found(
    kind: str, configuration: dict[str, Any], conditions: dict[str, Any] | None
) -> None:
    number = flag("number", type="NUMBER", value=1)
    found = [
        each
        for each in findings(book(number, rule("never", kind, configuration, conditions=conditions, **TRY)))
        if each.code == "rule-never-counts"
    ]
    assert [each.rows[0].name for each in found] == ["never"]


def test_a_window_that_is_shut_all_the_time_that_the_rule_has() -> None:
    week: dict[str, Any] = {"effective_from": "2026-03-03T00:00:00Z", "effective_to": "2026-03-06T00:00:00Z"}
    assert "rule-never-counts" in codes(book(delivery("shut", conditions={"weekdays": ["sun"]}, **week)))
    assert "rule-never-counts" not in codes(book(delivery("open", conditions={"weekdays": ["thu"]}, **week)))


def test_a_flag_that_is_there_is_no_finding() -> None:
    assert "rule-never-counts" not in codes(book(flag("deal"), delivery("dealt", conditions={"flag": "deal"})))


def test_a_planned_version_that_a_later_one_hides() -> None:
    planned = delivery("fee", 11, version=2, effective_from="2027-01-01T00:00:00Z")
    later = delivery("fee", 12, version=3)
    found = only(book(delivery("fee", 10), planned, later), "version-never-counts")
    assert [row.version for row in found.rows] == [2, 3]
    # The first is replaced, as versions are; the second still comes once it is the highest.
    assert "version-never-counts" not in codes(book(delivery("fee", 10), planned))


def test_versions_of_one_rule_do_not_compete() -> None:
    assert "rule-never-chosen" not in codes(book(delivery("fee", 10), delivery("fee", 12, version=2, priority=3)))


def test_a_rule_that_is_over_is_said_only_of_what_is_written() -> None:
    past = delivery("past", effective_to="2025-06-01T00:00:00Z")
    assert codes(book(past), past) == ["rule-never-counts"]
    assert codes(book(past)) == []


def test_a_write_is_reported_what_it_does_to_others_and_no_more() -> None:
    low, high = delivery("low", 10), delivery("high", 12, priority=1)
    elsewhere = delivery("elsewhere", 10, region="DE", conditions={"tags_any": []})
    assert codes(book(low, high, elsewhere), high).count("rule-never-chosen") == 1
    assert "rule-never-counts" not in codes(book(low, high, elsewhere), high)


def test_a_tax_on_commission_behind_one_of_higher_priority_is_never_chosen() -> None:
    low = rule("low", "COMMISSION_TAX", {"rate": 18}, region="TR")
    high = rule("high", "COMMISSION_TAX", {"rate": 20}, region="TR", priority=1)
    found = only(book(low, high), "rule-never-chosen")
    assert [row.name for row in found.rows] == ["low", "high"]
    elsewhere = rule("high", "COMMISSION_TAX", {"rate": 20}, region="DE", priority=1)
    assert "rule-never-chosen" not in codes(book(low, elsewhere))
