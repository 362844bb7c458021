"""Order left to names, what no rule covers, and borders where the total jumps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pricing.check.rulebooks import applied_names, book, codes, only, quote_of, rate, rule

TRY: dict[str, Any] = {"currency": "TRY", "region": "TR"}


def found_codes(*rows: Any) -> set[str]:
    return set(codes(book(*rows)))


def test_fees_of_one_rank_are_chosen_by_name() -> None:
    one = rule("a-fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY, conditions={"express": False})
    other = rule("b-fee", "DELIVERY_FEE", {"base_fee": 12}, **TRY)
    rulebook = book(one, other)
    found = only(rulebook, "tie-decided-by-name")
    assert [row.name for row in found.rows] == ["a-fee", "b-fee"]
    assert applied_names(quote_of(rulebook, found.examples[0])) == ["a-fee"]
    assert "10.00" in found.why
    assert "12.00" in found.why


@pytest.mark.parametrize(
    "change",
    [{"priority": 1}, {"effective_from": "2025-02-01T00:00:00Z"}, {"region": "TR/Izmir"}, {"currency": "EUR"}],
)
def test_whatever_ranks_them_unties_them(change: dict[str, Any]) -> None:
    one = rule("a-fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY, conditions={"express": False})
    assert "tie-decided-by-name" not in found_codes(
        one, rule("b-fee", "DELIVERY_FEE", {"base_fee": 12}, **{**TRY, **change})
    )


def test_rules_that_never_meet_or_charge_alike_do_not_tie() -> None:
    one = rule("a-fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY, conditions={"express": False})
    apart = rule("b-fee", "DELIVERY_FEE", {"base_fee": 12}, **TRY, conditions={"express": True})
    assert "tie-decided-by-name" not in found_codes(one, apart)
    assert "tie-decided-by-name" not in found_codes(one, rule("b-fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY))


def test_a_bare_city_and_the_path_to_it_tie() -> None:
    one = rule("a-fee", "DELIVERY_FEE", {"base_fee": 10}, currency="TRY", region="istanbul")
    other = rule(
        "b-fee", "DELIVERY_FEE", {"base_fee": 12}, currency="TRY", region="TR/Istanbul", conditions={"express": False}
    )
    assert found_codes(one, other) & {"tie-decided-by-name", "rule-never-chosen"}


def test_promotions_whose_order_matters_tie() -> None:
    percent = rule("percent", "PROMOTION", {"kind": "percent", "value": 20})
    amount = rule("amount", "PROMOTION", {"kind": "amount", "value": 30}, currency="TRY")
    found = only(book(percent, amount), "tie-decided-by-name")
    assert {row.name for row in found.rows} == {"percent", "amount"}
    # Percentages may come in any order.
    assert "tie-decided-by-name" not in found_codes(
        percent, rule("more", "PROMOTION", {"kind": "percent", "value": 30})
    )


def test_thresholds_of_free_delivery_that_tie() -> None:
    fee = rule("fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY)
    one = rule("free-a", "FREE_DELIVERY", {"min_subtotal": 200}, **TRY, conditions={"express": False})
    other = rule("free-b", "FREE_DELIVERY", {"min_subtotal": 150}, **TRY)
    assert "tie-decided-by-name" in found_codes(fee, one, other)


def test_a_currency_without_delivery_or_tax() -> None:
    rulebook = book(rate(10, commission_type="FLAT", currency="EUR"))
    assert set(codes(rulebook)) == {"currency-without-delivery-rule", "currency-without-tax-rule"}
    found = only(rulebook, "currency-without-delivery-rule")
    assert {each.code for each in quote_of(rulebook, found.examples[0]).warnings} >= {"no_delivery_rule"}
    fee = rule("fee", "DELIVERY_FEE", {"base_fee": 1}, currency="EUR")
    assert found_codes(rate(10, commission_type="FLAT", currency="EUR"), fee, rule("vat", "TAX", {"rate": 18})) == set()


def test_a_gap_between_two_bounds() -> None:
    low = rule("low", "DELIVERY_FEE", {"base_fee": 10}, **TRY, conditions={"max_subtotal": 50})
    high = rule("high", "DELIVERY_FEE", {"base_fee": 8}, **TRY, conditions={"min_subtotal": 60})
    rulebook = book(low, high)
    found = only(rulebook, "subtotal-gap")
    assert str(found.examples[0].request["items"][0]["unit_price"]) == "50.01"
    warned = {each.code for each in quote_of(rulebook, found.examples[0]).warnings}
    assert "no_delivery_rule" in warned
    assert "subtotal-gap" not in found_codes(low, high, rule("rest", "DELIVERY_FEE", {"base_fee": 9}, currency="TRY"))
    joined = rule("high", "DELIVERY_FEE", {"base_fee": 8}, **TRY, conditions={"min_subtotal": "50.01"})
    assert "subtotal-gap" not in found_codes(low, joined)


def test_tiers_that_give_nothing_or_are_out_of_reach() -> None:
    tiers = [{"from": 0, "percent": 5}, {"from": 100, "percent": 0}, {"from": 200, "percent": 10}]
    gap = rule("gap", "PROMOTION", {"kind": "tiered_percent", "tiers": tiers}, currency="TRY")
    assert "tier-gap" in found_codes(gap)
    tall = rule(
        "tall",
        "PROMOTION",
        {"kind": "tiered_percent", "tiers": [tiers[0], tiers[2]]},
        currency="TRY",
        conditions={"max_subtotal": 150},
    )
    assert "tier-out-of-reach" in found_codes(tall)


def graduated(*percents: Any) -> Any:
    tiers = [{"up_to": 100 * place, "rate": percent} for place, percent in enumerate(percents, 1)]
    return rate(commission_type="TIERED", currency="TRY", tiers=[*tiers[:-1], {**tiers[-1], "up_to": None}])


def test_a_bracket_of_nothing_between_others_is_a_gap() -> None:
    row = graduated(10, 0, 8)
    rulebook = book(row)
    found = only(rulebook, "tier-gap")
    assert [named.id for named in found.rows] == [row.id]
    assert "100.00 and 200.00" in found.why
    (example,) = found.examples
    assert example.amounts.subtotal == 200
    assert example.amounts.total_commission == 10


@pytest.mark.parametrize("percents", [(10, 8), (0, 10), (10, 0), (0, 0, 8), (10, 0, 0), (0, 0, 0), (0,), (10, 9, 8)])
def test_an_allowance_at_either_end_is_no_gap(percents: tuple[int, ...]) -> None:
    assert "tier-gap" not in found_codes(graduated(*percents))


def test_the_small_basket_threshold_is_a_cliff_unless_it_tops_up() -> None:
    fixed = rule("small", "SMALL_BASKET_FEE", {"threshold": 50, "fee": 7.5}, **TRY)
    rulebook = book(fixed)
    found = only(rulebook, "price-cliff")
    assert [str(example.amounts.total_amount) for example in found.examples] == ["57.49", "50.00"]
    assert "price-cliff" not in found_codes(
        rule("small", "SMALL_BASKET_FEE", {"threshold": 50, "fee": 7.5, "mode": "top_up"}, **TRY)
    )


def test_the_cliff_is_found_where_discounts_have_moved_it() -> None:
    fixed = rule("small", "SMALL_BASKET_FEE", {"threshold": 50, "fee": 7.5}, **TRY)
    half = rule("half", "PROMOTION", {"kind": "percent", "value": 50})
    found = only(book(fixed, half), "price-cliff")
    assert [str(example.amounts.subtotal) for example in found.examples] == ["49.99", "50.00"]


def test_free_delivery_and_tiers_are_cliffs() -> None:
    fee = rule("fee", "DELIVERY_FEE", {"base_fee": 10}, **TRY)
    free = rule("free", "FREE_DELIVERY", {"min_subtotal": 200}, **TRY)
    assert only(book(fee, free), "price-cliff").rows[0].name == "free"
    tiers = [{"from": 0, "percent": 5}, {"from": 100, "percent": 10}]
    tiered = rule("tiered", "PROMOTION", {"kind": "tiered_percent", "tiers": tiers}, currency="TRY")
    assert [str(example.amounts.subtotal) for example in only(book(tiered), "price-cliff").examples] == [
        "94.99",
        "90.00",
    ]
    gentle = [{"from": 0, "percent": 5}, {"from": 100, "percent": 5.5}]
    assert "price-cliff" not in found_codes(
        rule("gentle", "PROMOTION", {"kind": "tiered_percent", "tiers": gentle}, currency="TRY")
    )


def test_a_promotion_that_ends_at_a_border_makes_the_next_basket_dear() -> None:
    ends = rule("ends", "PROMOTION", {"kind": "percent", "value": 30}, currency="TRY", conditions={"max_subtotal": 100})
    assert "a jump more" in only(book(ends), "price-cliff").why


def test_bundles_with_more_than_a_unit_free_are_cliffs() -> None:
    assert "price-cliff" in found_codes(rule("two", "PROMOTION", {"kind": "buy_x_get_y", "buy": 1, "get": 2}))
    assert "price-cliff" not in found_codes(rule("one", "PROMOTION", {"kind": "buy_x_get_y", "buy": 2, "get": 1}))


def test_a_code_of_two_coupons() -> None:
    one = rule("spring", "COUPON", {"kind": "percent", "value": 10, "code": "SAVE"})
    other = rule("summer", "COUPON", {"kind": "percent", "value": 20, "code": " save "})
    rulebook = book(one, other)
    found = only(rulebook, "coupon-code-shared")
    assert "their names" in found.why
    assert found.examples[0].request["coupon_codes"] == ["save"]
    abroad = rule("summer", "COUPON", {"kind": "percent", "value": 20, "code": "SAVE"}, region="DE")
    assert "coupon-code-shared" not in found_codes(
        rule("spring", "COUPON", {"kind": "percent", "value": 10, "code": "SAVE"}, region="TR"), abroad
    )
