"""Rates that no line pays, ties between rates, and commission past the price."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pricing.check.rulebooks import (
    CATEGORY,
    OTHER_SELLER,
    SELLER,
    book,
    codes,
    findings,
    only,
    quote_of,
    rate,
    rule,
)


def test_a_rate_behind_another_of_the_same_seller_is_never_taken() -> None:
    low, high = rate(10, seller_id=SELLER), rate(12, seller_id=SELLER, priority=1)
    rulebook = book(low, high)
    found = only(rulebook, "rate-never-taken")
    assert [row.id for row in found.rows] == [low.id, high.id]
    (detail,) = quote_of(rulebook, found.examples[0]).commission.details
    assert detail.rate.id == high.id


def test_one_that_names_more_is_kept_out_by_higher_priority_only() -> None:
    both = rate(10, seller_id=SELLER, category_id=CATEGORY)
    assert "rate-never-taken" not in codes(book(both, rate(12, seller_id=SELLER)))
    assert "rate-never-taken" in codes(book(both, rate(12, seller_id=SELLER, priority=1)))
    # One that names more, of higher priority, leaves the seller's rate the other categories.
    assert "rate-never-taken" not in codes(
        book(rate(10, seller_id=SELLER), rate(12, seller_id=SELLER, category_id=CATEGORY, priority=1))
    )


@pytest.mark.parametrize(
    "ahead",
    [
        {"seller_id": OTHER_SELLER},
        {"seller_id": SELLER, "region": "TR"},
        {"seller_id": SELLER, "currency": "TRY"},
        {"seller_id": SELLER, "effective_to": "2027-01-01T00:00:00Z"},
    ],
)
def test_a_rate_that_is_left_a_line_is_taken(ahead: dict[str, Any]) -> None:
    assert "rate-never-taken" not in codes(book(rate(10, seller_id=SELLER), rate(12, **{"priority": 1, **ahead})))


def test_rates_that_share_the_time_between_them_keep_one_out() -> None:
    low = rate(10, seller_id=SELLER)
    first = rate(11, seller_id=SELLER, priority=1, effective_to="2027-01-01T00:00:00Z")
    second = rate(12, seller_id=SELLER, priority=1, effective_from="2027-01-01T00:00:00Z")
    found = only(book(low, first, second), "rate-never-taken")
    assert {row.id for row in found.rows} == {low.id, first.id, second.id}


def test_a_written_rate_is_reported_which_others_it_keeps_out() -> None:
    low, high, apart = (
        rate(10, seller_id=SELLER),
        rate(12, seller_id=SELLER, priority=1),
        rate(1, seller_id=OTHER_SELLER),
    )
    rulebook = book(low, high, apart)
    assert codes(rulebook, high) == ["rate-never-taken"]
    assert codes(rulebook, apart) == []


def test_two_pairs_of_dimensions_tie_by_their_ids() -> None:
    one = rate(10, seller_id=SELLER, category_id=CATEGORY)
    other = rate(20, seller_id=SELLER, logistics_provider="swift")
    rulebook = book(one, other)
    found = only(rulebook, "tie-decided-by-id")
    assert {row.id for row in found.rows} == {one.id, other.id}
    assert {detail.rate.id for detail in quote_of(rulebook, found.examples[0]).commission.details} == {found.rows[0].id}
    assert "tie-decided-by-id" not in codes(
        book(one, rate(20, seller_id=SELLER, logistics_provider="swift", priority=1))
    )
    assert "tie-decided-by-id" not in codes(book(one, rate(20, seller_id=OTHER_SELLER, logistics_provider="swift")))


def test_rates_of_one_seller_with_and_without_currency_tie() -> None:
    assert "tie-decided-by-id" in codes(book(rate(10, seller_id=SELLER), rate(20, seller_id=SELLER, currency="TRY")))
    # Nobody can tell the difference between equal charges.
    assert "tie-decided-by-id" not in codes(
        book(rate(10, seller_id=SELLER), rate(10, seller_id=SELLER, currency="TRY"))
    )


def test_rates_that_together_take_more_than_the_price() -> None:
    rulebook = book(rate(60, seller_id=SELLER), rate(50, category_id=CATEGORY))
    found = only(rulebook, "commission-and-discount-above-price")
    assert len(found.rows) == 2
    quote = quote_of(rulebook, found.examples[0])
    assert quote.commission.total_minor > quote.item_total_minor
    assert codes(book(rate(60, seller_id=SELLER), rate(40, category_id=CATEGORY))) == []
    # They rank after each other, and only one is paid.
    assert "commission-and-discount-above-price" not in codes(
        book(rate(60, seller_id=SELLER), rate(50, seller_id=OTHER_SELLER))
    )


def test_a_discount_and_a_commission_above_the_price() -> None:
    deal = rule("deal", "PROMOTION", {"kind": "percent", "value": 90, "funded_by": "platform"})
    found = only(book(deal, rate(15)), "commission-and-discount-above-price")
    assert [row.kind for row in found.rows] == ["rule", "rate"]
    # The seller's part lowers what commission is charged on.
    sellers = rule("deal", "PROMOTION", {"kind": "percent", "value": 90})
    assert [each.code for each in findings(book(sellers, rate(15)))] == ["deep-discount"]


def test_a_fixed_commission_above_a_discounted_basket() -> None:
    deal = rule("deal", "PROMOTION", {"kind": "amount", "value": 50}, currency="TRY", conditions={"min_subtotal": 60})
    fixed = rate(20, commission_type="FLAT", currency="TRY")
    assert "commission-and-discount-above-price" in codes(book(deal, fixed))
    assert "commission-and-discount-above-price" not in codes(
        book(deal, rate(5, commission_type="FLAT", currency="TRY"))
    )
