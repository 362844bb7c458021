"""What each type of price rule does to the price of a unit (docs/spec/pricing-rules.md#price-rules)."""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.platform.money.amounts import decimal_text
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.flags.decision import Subject
from tests.pricing.catalog.price_books import (
    CATEGORY,
    DYNAMIC,
    PRODUCT,
    SELLER,
    VARIANT,
    book,
    catalog_price,
    major,
    micro,
    product,
    rule,
    shown,
    time_price,
)


def unit(*rules: dict[str, Any], **asked: Any) -> str:
    """What a product of 100 costs by some rules."""
    return decimal_text(catalog_price(book(*rules), product(), **asked).unit_price_micro, 6)


def test_without_a_rule_the_list_price_stands_with_all_its_decimals() -> None:
    price = catalog_price(book(), product("19.999999"))
    assert (price.list_price_micro, price.unit_price_micro, price.adjustments) == (19_999_999, 19_999_999, [])


@pytest.mark.parametrize(
    ("adjustment", "expected", "step"),
    [
        ({"percent": -10}, "90", "-10"),
        ({"percent": "12.5"}, "112.5", "12.5"),
        ({"percent": -100}, "0", "-100"),
        ({"amount": "-5.25"}, "94.75", "-5.25"),
        ({"amount": 5}, "105", "5"),
        ({"amount": -500}, "0", "-100"),
        ({"price": "19.90"}, "19.90", "-80.1"),
        ({"price": 0}, "0", "-100"),
    ],
)
def test_an_adjustment(adjustment: dict[str, Any], expected: str, step: str) -> None:
    price = catalog_price(book(time_price("t", adjustment)), product())
    assert major(price.unit_price_micro) == major(micro(expected))
    assert shown(price) == [("time_price", step)]
    acted = price.adjustments[0]
    assert acted.rule.name == "t"
    assert acted.percent_micro == (micro(adjustment["percent"]) if "percent" in adjustment else None)
    assert acted.price_micro == (micro(adjustment["price"]) if "price" in adjustment else None)


def test_the_five_types_act_in_their_order_and_exactly() -> None:
    """Each percentage is of what the one before left; nothing is rounded until the end."""
    rules = (
        rule("a", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 2, "adjustment": {"percent": "-33.333333"}}]}),
        rule("b", "USER_TIER_PRICE", {"tiers": {"gold": {"amount": "-0.01"}}}),
        rule("c", "DEMAND_PRICE", demand(percent_per_10_percent=1)),
        rule("d", "INVENTORY_PRICE", {"low": {"below": 5, "adjustment": {"percent": "0.000001"}}}),
        time_price("e", {"percent": "-10"}),
    )
    catalog = CatalogSnapshot(stock={PRODUCT: 4}, demand={(PRODUCT, 2): 30})
    price = catalog_price(book(*rules, flags=(DYNAMIC,)), product("9.99"), 2, tier="gold", catalog=catalog)
    assert shown(price) == [
        ("time_price", "-0.999"),
        ("inventory_price", "0"),
        ("demand_price", "0.44955"),
        ("user_tier_price", "-0.01"),
        ("quantity_price", "-3.143517"),
        ("rounding", "0.002967"),
    ]
    assert price.unit_price_micro == micro("6.29")


def demand(**fields: Any) -> dict[str, Any]:
    return {
        "window_hours": 2,
        "expected_per_hour": 10,
        "percent_per_10_percent": 2,
        "max_percent": 30,
        "min_percent": -20,
        **fields,
    }


@pytest.mark.parametrize(
    ("sold", "expected"),
    [
        (20, "100.00"),  # as expected
        (30, "110.00"),  # five tenths more
        (21, "101.00"),
        (50, "130.00"),  # 30 percent exactly
        (51, "130.00"),
        (10, "90.00"),
        (0, "80.00"),
        (1, "81.00"),
        (None, "80.00"),  # nothing sold of it, in hours that are followed
    ],
)
def test_demand_moves_the_price_in_proportion(sold: int | None, expected: str) -> None:
    held = CatalogSnapshot(demand={} if sold is None else {(PRODUCT, 2): sold}, demand_hours=frozenset({2}))
    rules = book(rule("d", "DEMAND_PRICE", demand()), flags=(DYNAMIC,))
    assert f"{major(catalog_price(rules, product(), catalog=held).unit_price_micro):.2f}" == expected


def test_demand_is_an_exact_fraction() -> None:
    held = CatalogSnapshot(demand={(PRODUCT, 7): 1}, demand_hours=frozenset({7}))
    rules = book(
        rule("d", "DEMAND_PRICE", demand(window_hours=7, expected_per_hour=3, percent_per_10_percent=5)),
        time_price("t", {"percent": 0}),
        flags=(DYNAMIC,),
    )
    # 1/21 of what was expected: -50 x 20/21 percent, held to -20.
    price = catalog_price(rules, product(), catalog=held)
    assert price.adjustments[1].percent_micro == -20_000_000
    held = CatalogSnapshot(demand={(PRODUCT, 7): 20}, demand_hours=frozenset({7}))
    price = catalog_price(rules, product("21"), catalog=held)
    assert shown(price)[1:] == [("demand_price", "-0.5")]
    assert price.adjustments[1].percent_micro == -2_380_952


def test_demand_that_is_not_followed_yet_changes_nothing() -> None:
    rules = book(rule("d", "DEMAND_PRICE", demand()), flags=(DYNAMIC,))
    held = CatalogSnapshot(demand={(PRODUCT, 3): 99}, demand_hours=frozenset({3}))
    assert catalog_price(rules, product(), catalog=held).adjustments == []


@pytest.mark.parametrize("flags", [(), ({**DYNAMIC, "is_enabled": False},), ({**DYNAMIC, "value": False},)])
def test_the_flag_switches_demand_prices_and_nothing_else(flags: tuple[dict[str, Any], ...]) -> None:
    held = CatalogSnapshot(demand={(PRODUCT, 2): 30}, stock={PRODUCT: 1})
    rules = book(
        rule("d", "DEMAND_PRICE", demand()),
        rule("i", "INVENTORY_PRICE", {"low": {"below": 5, "adjustment": {"amount": 1}}}),
        time_price("t", {"amount": 1}),
        flags=flags,
    )
    kinds = [each.kind for each in catalog_price(rules, product(), catalog=held).adjustments]
    assert kinds == ["time_price", "inventory_price"]


def test_the_flags_percentage_is_who_gets_demand_prices() -> None:
    half = {**DYNAMIC, "rollout": {"percentage": 50}}
    rules = book(rule("d", "DEMAND_PRICE", demand()), flags=(half,))
    held = CatalogSnapshot(demand={(PRODUCT, 2): 30})
    ids = [f"d0000000-0000-4000-8000-{number:012d}" for number in range(60)]
    flag = rules.period_at(0).flags["dynamic_pricing"]
    for customer in ids:
        price = catalog_price(rules, product(), catalog=held, customer_id=customer)
        assert bool(price.adjustments) is is_on(flag, customer)
    assert 0 < sum(is_on(flag, customer) for customer in ids) < len(ids)


def is_on(flag: Any, customer: str) -> bool:
    return bool(flag.evaluate(Subject(customer, None, [], {})).is_true)


@pytest.mark.parametrize(
    ("stock", "expected"),
    [(0, "110"), (9, "110"), (10, None), (500, None), (501, "80"), (None, None)],
)
def test_stock_below_one_bound_or_above_the_other(stock: int | None, expected: str | None) -> None:
    low = {"below": 10, "adjustment": {"percent": 10}}
    high = {"above": 500, "adjustment": {"price": 80}}
    rules = book(rule("i", "INVENTORY_PRICE", {"low": low, "high": high}))
    held = CatalogSnapshot(stock={} if stock is None else {PRODUCT: stock})
    price = catalog_price(rules, product(), catalog=held)
    assert price.unit_price_micro == micro(expected or "100")
    assert bool(price.adjustments) is (expected is not None)


def test_a_variants_stock_is_its_own_or_else_its_products() -> None:
    rules = book(rule("i", "INVENTORY_PRICE", {"low": {"below": 10, "adjustment": {"amount": 1}}}))
    variant = product(variant_id=VARIANT)
    for stock, expected in (({PRODUCT: 1, VARIANT: 99}, "100"), ({PRODUCT: 1}, "101"), ({VARIANT: 0}, "101")):
        price = catalog_price(rules, variant, catalog=CatalogSnapshot(stock=stock))
        assert price.unit_price_micro == micro(expected)
    # A product without stock of its own does not take its variants'.
    assert not catalog_price(rules, product(), catalog=CatalogSnapshot(stock={VARIANT: 0})).adjustments


@pytest.mark.parametrize(("tier", "expected"), [("gold", "85"), ("silver", "95"), ("iron", "100"), (None, "100")])
def test_a_tiers_price(tier: str | None, expected: str) -> None:
    tiers = {"gold": {"percent": -15}, "silver": {"amount": -5}}
    assert unit(rule("u", "USER_TIER_PRICE", {"tiers": tiers}), tier=tier) == expected


@pytest.mark.parametrize(
    ("quantity", "together", "expected"),
    [(9, 9, "100"), (10, 10, "90"), (99, 99, "90"), (100, 100, "50"), (1, 10, "100")],
)
def test_the_highest_break_that_is_reached(quantity: int, together: int, expected: str) -> None:
    breaks = [
        {"min_quantity": 10, "adjustment": {"percent": -10}},
        {"min_quantity": 100, "adjustment": {"price": 50}},
    ]
    own = rule("q", "QUANTITY_PRICE", {"breaks": breaks})
    assert unit(own, quantity=quantity, product_quantity=together) == expected
    across = rule("q", "QUANTITY_PRICE", {"breaks": breaks, "across_variants": True})
    of_product = unit(across, quantity=quantity, product_quantity=together)
    assert of_product == ("90" if together == 10 else expected)


@pytest.mark.parametrize(
    ("list_price", "ending", "expected"),
    [
        ("19.30", "0.90", "18.90"),
        ("19.40", "0.90", "19.90"),  # a tie goes up
        ("19.399999", "0.90", "18.90"),
        ("0.20", "0.90", "0.90"),  # not -0.10
        ("0", "0.90", "0.90"),
        ("14.90", "9.90", "19.90"),
        ("14.89", "9.90", "9.90"),
        ("2.00", "9.90", "9.90"),
        ("148.99", "99", "99"),
        ("149", "99", "199"),
        ("149.50", "99", "199"),
        ("12.34", "0", "12"),
        ("12.50", "0", "13"),
        ("12.34", "0.05", "12.05"),
        ("7", "5", "5"),
        ("10", "5", "15"),
    ],
)
def test_an_ending_is_the_nearest_price_that_ends_so(list_price: str, ending: str, expected: str) -> None:
    price = catalog_price(book(time_price("t", {"percent": 0}, ending=ending)), product(list_price))
    assert price.unit_price_micro == micro(expected)


def test_the_ending_of_the_last_rule_that_acts_counts() -> None:
    rules = (
        time_price("a", {"percent": 0}, ending="0.90", priority=1),
        time_price("b", {"percent": 0}, ending="0.50"),
        time_price("c", {"percent": 0}, priority=-1),
        rule("q", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 9, "adjustment": {"percent": 0}}], "ending": "0.10"}),
    )
    assert unit(*rules) == "100.5"


def test_a_price_is_rounded_to_its_currency_once() -> None:
    thirds = [time_price(f"t{n}", {"percent": "-33.333333"}, currency=None, priority=-n) for n in range(3)]
    for currency, expected in (("TRY", "29.63"), ("JPY", "30"), ("KWD", "29.63")):
        price = catalog_price(book(*thirds), product(currency=currency))
        assert price.unit_price_micro == micro(expected)


def test_a_price_is_held_to_the_products_bounds_and_says_so() -> None:
    bounded = product(min_micro=micro("60.005"), max_micro=micro("120"))
    low = catalog_price(book(time_price("t", {"percent": -50}, ending="0.90")), bounded)
    assert shown(low) == [("time_price", "-50"), ("rounding", "-0.1"), ("min_price_applied", "10.105")]
    assert low.unit_price_micro == micro("60.005")
    high = catalog_price(book(time_price("t", {"price": 500})), bounded)
    assert shown(high) == [("time_price", "400"), ("max_price_applied", "-380")]


def test_an_exclusive_rule_ends_its_own_type_only_where_it_acts() -> None:
    first = time_price("a", {"percent": 0}, exclusive=True, priority=1, conditions={"tags_any": ["new"]})
    second = time_price("b", {"amount": -10})
    tier = rule("u", "USER_TIER_PRICE", {"tiers": {"gold": {"amount": -1}}})
    rules = book(first, second, tier)
    assert shown(catalog_price(rules, product(), tier="gold")) == [("time_price", "0"), ("user_tier_price", "-1")]
    assert shown(catalog_price(rules, product(tags=()), tier="gold")) == [
        ("time_price", "-10"),
        ("user_tier_price", "-1"),
    ]
    # It comes before others by priority alone.
    assert unit(time_price("a", {"percent": 0}, exclusive=True), time_price("b", {"amount": -10}, priority=1)) == "90"


@pytest.mark.parametrize(
    ("conditions", "holds", "fails"),
    [
        ({"product_ids": [PRODUCT]}, {}, {"product_id": VARIANT}),
        ({"category_ids": [CATEGORY]}, {}, {"category_id": None}),
        ({"seller_ids": [SELLER]}, {}, {"seller_id": VARIANT}),
        ({"tags_any": ["old", "new"]}, {}, {"tags": ()}),
        ({"tags_any": ["new"], "seller_ids": [SELLER]}, {}, {"seller_id": None}),
    ],
)
def test_conditions_about_products_go_by_the_catalog(
    conditions: dict[str, Any], holds: dict[str, Any], fails: dict[str, Any]
) -> None:
    rules = book(time_price("t", {"amount": -1}, conditions=conditions))
    assert catalog_price(rules, product(**holds)).adjustments
    assert not catalog_price(rules, product(**fails)).adjustments


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"conditions": {"customer_tiers": ["gold"]}}, {"tier": "gold"}),
        ({"conditions": {"customer_segments": ["vip", "x"]}}, {"segments": ("vip",)}),
        ({"conditions": {"weekdays": ["thursday"]}}, {"at": "2025-06-12T10:30:00Z"}),
        ({"conditions": {"time_of_day": {"from": "08:00", "to": "09:00"}}}, {"at": "2025-06-11T08:59:59Z"}),
        ({"effective_from": "2025-06-11T10:30:01Z"}, {"at": "2025-06-11T10:30:01Z"}),
        ({"region": "TR/Ankara"}, {"city": "Ankara"}),
    ],
)
def test_a_rule_counts_where_and_when_its_conditions_hold(fields: dict[str, Any], asked: dict[str, Any]) -> None:
    rules = book(time_price("t", {"amount": -1}, **fields))
    assert catalog_price(rules, product(), **asked).adjustments
    assert not catalog_price(rules, product()).adjustments


def test_rules_of_another_currency_do_not_count() -> None:
    rules = book(time_price("t", {"amount": -1}, currency="EUR"), time_price("u", {"percent": -1}, currency=None))
    assert [each.rule.name for each in catalog_price(rules, product()).adjustments] == ["u"]


def test_of_one_name_the_highest_version_counts() -> None:
    first = time_price("t", {"amount": -1})
    second = {**time_price("t", {"amount": -2}), "id": "rule t 2", "version": 2}
    assert unit(first, second) == "98"
