"""What price rules do to a quote: its prices, its steps, and which baskets it is the quote of.

Source: docs/spec/quotes.md#catalog-prices; docs/spec/pricing-rules.md#price-rules.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import answer_text, instant_us
from tests.pricing.catalog.price_books import DYNAMIC, rule
from tests.pricing.catalog.products import (
    AT_US,
    CATEGORY,
    CUSTOMER,
    PRODUCT,
    STRANGER,
    VARIANT,
    a_basket,
    a_line,
    a_price,
    book_with,
    completed,
)
from tests.pricing.on_sale import SALE_ID
from tests.pricing.rulebooks import AT, CATEGORIES

PRODUCTS = [a_price(), a_price(variant_id=VARIANT, current_micro=120_000_000)]
TIME = rule("time", "TIME_PRICE", {"adjustment": {"percent": -12.5}})
GOLD = rule("gold", "USER_TIER_PRICE", {"tiers": {"gold": {"amount": -5}}})
TENS = rule("tens", "QUANTITY_PRICE", {"breaks": [{"min_quantity": 10, "adjustment": {"price": 80}}]})


def a_book(*rules: dict[str, Any], **setup: Any) -> Rulebook:
    return book_with(PRODUCTS, {"pricing_rules": list(rules), **setup})


def quoted(book: Rulebook, request: dict[str, Any], on_sale: dict[str, SalePrice] | None = None) -> dict[str, Any]:
    """The answer as a checkout reads it."""
    checked = completed(book, request)
    quote = price_quote(QuoteBasis(book, checked, AT_US, find_sales(on_sale or {}, checked, AT_US)))
    return dict(json.loads(answer_text(quote, AT)))


def prices(book: Rulebook, request: dict[str, Any]) -> list[float]:
    return [line["unit_price"] for line in quoted(book, request)["items"]]


def bits(book: Rulebook, request: dict[str, Any]) -> int:
    return fingerprint_bits(QuoteBasis(book, completed(book, request), AT_US), b"s" * 32)


def test_each_step_is_shown_with_its_rule_and_figures() -> None:
    answer = quoted(a_book(TIME, GOLD, TENS), a_basket(a_line(quantity=10), customer_tier="gold"))
    (line,) = answer["items"]
    assert (line["list_price"], line["unit_price"], line["price_source"]) == (100, 80, "catalog")
    assert line["price_adjustments"] == [
        {"kind": "time_price", "amount": -12.5, "rule_id": "rule time", "percent": -12.5},
        {"kind": "user_tier_price", "amount": -5, "rule_id": "rule gold"},
        {"kind": "quantity_price", "amount": -2.5, "rule_id": "rule tens", "price": 80},
    ]
    assert [each["name"] for each in answer["applied_rules"]] == ["time", "gold", "tens"]
    assert answer["total_amount"] == 800


def test_what_holds_a_price_within_its_bounds_is_a_step_without_a_rule() -> None:
    cut = rule("cut", "TIME_PRICE", {"adjustment": {"percent": -60}})
    (line,) = quoted(a_book(cut), a_basket(a_line()))["items"]
    assert [(each["kind"], each["amount"]) for each in line["price_adjustments"]] == [
        ("time_price", -60),
        ("min_price_applied", 10),
    ]
    assert "rule_id" not in line["price_adjustments"][1]


def test_a_sale_takes_its_step_from_what_the_rules_have_left() -> None:
    sale = SalePrice(7, SALE_ID, "TRY", 80_000_000, 0, AT_US + 1)
    (line,) = quoted(a_book(TIME), a_basket(a_line()), {PRODUCT: sale})["items"]
    assert (line["list_price"], line["unit_price"], line["price_source"]) == (100, 80, "flash_sale")
    assert line["price_adjustments"] == [
        {"kind": "time_price", "amount": -12.5, "rule_id": "rule time", "percent": -12.5},
        {"kind": "flash_sale", "flash_sale_id": SALE_ID, "amount": -7.5},
    ]
    dear = SalePrice(7, SALE_ID, "TRY", 90_000_000, 0, AT_US + 1)
    (line,) = quoted(a_book(TIME), a_basket(a_line()), {PRODUCT: dear})["items"]
    assert (line["unit_price"], line["price_source"]) == (87.5, "catalog"), "nobody pays more because of a sale"


@pytest.mark.parametrize(
    ("tier", "sent", "price"),
    [
        ("gold", {}, 95),
        (None, {}, 100),
        ("silver", {"customer_tier": "gold"}, 95),
        ("gold", {"customer_tier": "x"}, 100),
    ],
)
def test_the_tier_is_the_records_unless_it_is_given(tier: str | None, sent: dict[str, Any], price: int) -> None:
    book = a_book(GOLD)
    book.customers = CustomerSnapshot().with_changes([(CUSTOMER, (tier, ("vip",)))])
    assert prices(book, a_basket(a_line(), **sent)) == [price]
    assert completed(book, a_basket(a_line(), **sent)).basket.customer_segments == ["vip"]
    assert completed(book, a_basket(a_line(), customer_segments=[])).basket.customer_segments == []
    stranger = a_basket(a_line(), customer_id=STRANGER)
    assert prices(book, stranger) == [100]
    assert completed(book, stranger).basket.customer_segments is None


def test_the_record_counts_for_lines_that_are_not_of_the_catalog_too() -> None:
    percent = {"kind": "percent", "value": 10}
    book = book_with([], {"pricing_rules": [rule("p", "PROMOTION", percent, conditions={"customer_tiers": ["gold"]})]})
    book.customers = CustomerSnapshot().with_changes([(CUSTOMER, ("gold", ()))])
    answer = quoted(book, a_basket(a_line(STRANGER, unit_price=10)))
    assert answer["discount_amount"] == 2


def test_a_price_rule_goes_by_the_catalogs_category_and_a_promotion_by_the_lines() -> None:
    mine, other = {"category_ids": [CATEGORY]}, {"category_ids": [CATEGORIES[1]]}
    percent = {"kind": "percent", "value": 10}
    book = a_book(
        {**TIME, "conditions": mine},
        rule("never", "TIME_PRICE", {"adjustment": {"percent": -1}}, conditions=other),
        rule("p", "PROMOTION", percent, conditions=other),
        rule("q", "PROMOTION", percent, conditions=mine),
    )
    answer = quoted(book, a_basket(a_line(category_id=CATEGORIES[1])))
    assert [each["name"] for each in answer["applied_rules"]] == ["time", "p"]


def test_variants_of_a_product_add_up_where_the_rule_says_so() -> None:
    both = rule("both", "QUANTITY_PRICE", {**TENS["configuration"], "across_variants": True})
    lines = [a_line(quantity=4), a_line(variant_id=VARIANT, quantity=6)]
    assert prices(a_book(TENS), a_basket(*lines)) == [100, 120]
    assert prices(a_book(both), a_basket(*lines)) == [80, 80]
    assert prices(a_book(both), a_basket(lines[0], {**lines[1], "quantity": 5})) == [100, 120]


def test_a_price_that_is_sent_is_compared_with_what_is_charged_before_sales() -> None:
    book = a_book(TIME)
    assert completed(book, a_basket(a_line(unit_price=87.5))).price_warnings == ()
    (warning,) = completed(book, a_basket(a_line(unit_price=100))).price_warnings
    assert warning.detail == "the catalog's price is 87.50; 100.00 was sent"


def test_a_quote_is_found_by_its_prices_and_by_the_rules_that_made_them() -> None:
    request = a_basket(a_line(quantity=10))
    same = {**TIME, "id": "rule other", "name": "other"}
    found = [bits(a_book(*rules), request) for rules in ([], [TIME], [same], [TIME, TENS], [GOLD])]
    assert len(set(found)) == 4
    assert found[0] == found[4], "a rule that does nothing for this customer makes no other quote"


def test_the_clock_shows_in_the_price_and_nowhere_else() -> None:
    # Open at 10:30, when the quote is asked for, and shut a minute later.
    window = {"time_of_day": {"from": "10:30", "to": "10:31"}}
    book = a_book({**TIME, "conditions": window})
    plain, priced = a_basket(a_line(STRANGER, unit_price=1)), a_basket(a_line())

    def at(request: dict[str, Any], at_us: int) -> int:
        checked = complete_basket(QuoteBasis(book, decode_basket(write_document(request)), at_us)).checked
        return fingerprint_bits(QuoteBasis(book, checked, at_us), b"s" * 32)

    later_us = instant_us("2025-06-11T10:31:00Z")
    assert at(plain, AT_US) == at(plain, later_us)
    assert at(priced, AT_US) != at(priced, later_us)


def test_the_flag_switches_demand_prices_alone() -> None:
    demand = rule(
        "demand",
        "DEMAND_PRICE",
        {
            "window_hours": 1,
            "expected_per_hour": 10,
            "percent_per_10_percent": 1,
            "max_percent": 20,
            "min_percent": -20,
        },
    )
    for is_on, price in ((True, 78.75), (False, 87.5)):
        book = a_book(TIME, demand, feature_flags=[{**DYNAMIC, "is_enabled": is_on}])
        catalog = book.catalog
        book.catalog = catalog.with_figures({}, {}, {}, demand_hours=frozenset({1}))
        assert prices(book, a_basket(a_line())) == [price]
