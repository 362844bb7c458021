"""Discounts that end all others, and coupons that stand without promotions: what acts, what does not, and why.

Source: docs/spec/pricing-rules.md#discounts; docs/decisions/exclusive-discounts.md.
"""

from __future__ import annotations

from typing import Any

import pytest

from quote_service.pricing.explain.explain_pricing import explain_pricing
from quote_service.pricing.quote import Quote
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing import oracle
from tests.pricing.books import _encode, answer_text, book_of, instant_us, priced, read_answer, stored_rules
from tests.pricing.figures import figures_of_answer, figures_of_opinion
from tests.pricing.rulebooks import AT


def rule(name: str, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "currency": "TRY", "configuration": configuration, **fields}


def promotion(name: str, percent: int, priority: int = 0, **more: Any) -> dict[str, Any]:
    return rule(name, "PROMOTION", {"kind": "percent", "value": percent, **more}, priority=priority)


def coupon(name: str, percent: int, **more: Any) -> dict[str, Any]:
    return rule(name, "COUPON", {"kind": "percent", "value": percent, "code": name, **more})


def request(*codes: str, express: bool = False) -> dict[str, Any]:
    return {
        "customer_id": "d0000000-0000-4000-8000-000000000000",
        "seller_id": "a0000000-0000-4000-8000-000000000000",
        "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}],
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
        "coupon_codes": list(codes),
        "is_express_delivery": express,
    }


def quoted(rules: list[dict[str, Any]], *codes: str, express: bool = False) -> Quote:
    """The quote, on which the oracle agrees."""
    setup, basket = {"pricing_rules": rules}, request(*codes, express=express)
    quote = priced(book_of(setup), basket, AT)
    answer = read_answer(answer_text(quote, AT))
    assert figures_of_answer(answer) == figures_of_opinion(oracle.price(setup, basket, AT))
    return quote


def reasons(quote: Quote) -> list[str | None]:
    return [each.reason for each in quote.coupons]


def applied(quote: Quote) -> list[str]:
    return [each.name for each in quote.applied_rules]


def why(rules: list[dict[str, Any]], *codes: str) -> dict[str, tuple[str, str | None]]:
    """Each rule's reason in the explanation, and the rule that it names."""
    rows = RulebookChanges(
        version=1, is_complete=True, rates=[], ended_rate_ids=[], rules=stored_rules(rules), flags=[], exhaustions=[]
    )
    explained = explain_pricing(rows, decode_basket(_encode(request(*codes))), instant_us(AT), None)
    return {each.name: (each.reason, each.beaten_by) for each in explained.rules}


ALL, LATER = promotion("all", 10, 2, exclusive="all"), promotion("later", 20, 1)


def test_a_promotion_that_ends_all_discounts_stops_promotions_and_coupons() -> None:
    rules = [ALL, LATER, coupon("SAVE", 30)]
    quote = quoted(rules, "SAVE", "nothing")
    assert (applied(quote), quote.discount_minor) == (["all"], 1000)
    assert reasons(quote) == ["excluded", "unknown"]
    answer = read_answer(answer_text(quote, AT))
    assert answer["coupons"][0]["excluded_by"] == {"id": "all", "name": "all"}
    assert "excluded_by" not in answer["coupons"][1]
    explained = why(rules, "SAVE")
    assert explained["later"] == ("stopped by an exclusive rule", "all")
    assert explained["SAVE"] == ("stopped by an exclusive rule", "all")


def test_an_exclusive_promotion_still_lets_coupons_act() -> None:
    quote = quoted([promotion("own", 10, 2, exclusive=True), LATER, coupon("SAVE", 30)], "SAVE")
    assert (applied(quote), reasons(quote)) == (["own", "SAVE"], [None])


def test_what_takes_nothing_off_ends_nothing() -> None:
    nothing = promotion("nothing", 0, 2, exclusive="all")
    elsewhere = {**promotion("elsewhere", 50, 3, exclusive="all"), "conditions": {"customer_tiers": ["gold"]}}
    assert reasons(quoted([nothing, elsewhere, coupon("SAVE", 30)], "SAVE")) == [None]


def test_a_coupon_that_ends_all_discounts_stops_the_coupons_after_it() -> None:
    rules = [coupon("A", 10), coupon("B", 10, exclusive="all"), coupon("C", 10), LATER]
    quote = quoted(rules, "A", "B", "C")
    assert (applied(quote), reasons(quote)) == (["later", "A", "B"], [None, None, "excluded"])
    assert quote.coupons[2].excluded_by.name == "B"


def test_a_discount_on_delivery_can_end_all_discounts() -> None:
    fee = rule("fee", "DELIVERY_FEE", {"base_fee": 20})
    free = promotion("free", 100, 2, exclusive="all", applies_to="delivery")
    quote = quoted([fee, free, coupon("SAVE", 30)], "SAVE")
    assert (quote.delivery_fee_minor, quote.discount_minor, reasons(quote)) == (0, 0, ["excluded"])


ALONE = coupon("ALONE", 30, with_promotions=False)


@pytest.mark.parametrize(
    ("percent", "acts", "reason"),
    [(20, ["ALONE"], None), (30, ["promotion"], "not_with_promotions"), (40, ["promotion"], "not_with_promotions")],
)
def test_a_coupon_without_promotions_or_they_whichever_costs_less(
    percent: int, acts: list[str], reason: str | None
) -> None:
    rules = [promotion("promotion", percent), ALONE]
    quote = quoted(rules, "ALONE")
    assert (applied(quote), reasons(quote)) == (acts, [reason])
    codes = [(each.code, each.pointer) for each in quote.warnings if each.code == "promotions_excluded"]
    explained = why(rules, "ALONE")
    if reason is None:
        assert codes == [("promotions_excluded", "/coupon_codes/0")]
        assert explained["promotion"] == ("a coupon without promotions costs less", "ALONE")
    else:
        assert not codes
        assert explained["ALONE"] == ("not with promotions", None)


def test_without_promotions_that_act_it_is_a_coupon_like_any_other() -> None:
    idle = {**promotion("idle", 50), "conditions": {"min_subtotal": 1000}}
    quote = quoted([idle, ALONE], "ALONE")
    assert (applied(quote), reasons(quote)) == (["ALONE"], [None])
    assert "promotions_excluded" not in [each.code for each in quote.warnings]


def test_what_costs_less_is_reported_by_the_total_and_not_by_the_discount() -> None:
    """30 off the goods costs the free delivery that 90.00 would have: 70 + 25 is more than 90."""
    fee = rule("fee", "DELIVERY_FEE", {"base_fee": 25})
    free = rule("free", "FREE_DELIVERY", {"min_subtotal": 80})
    quote = quoted([fee, free, promotion("promotion", 10), ALONE], "ALONE")
    assert (quote.total_minor, reasons(quote)) == (9000, ["not_with_promotions"])
    express = rule("express", "EXPRESS_FEE", {"base_fee": 40})
    quote = quoted([fee, free, express, promotion("promotion", 10), ALONE], "ALONE", express=True)
    assert (quote.total_minor, reasons(quote)) == (11000, [None])


def test_a_tax_is_part_of_what_is_compared() -> None:
    """Dear goods are taxed at nothing: with 90.00 there is no tax, with 70.00 there is half."""
    taxes = [
        rule("dear", "TAX", {"rate": 0}, priority=1, conditions={"min_subtotal": 80}),
        rule("cheap", "TAX", {"rate": 50}),
    ]
    quote = quoted([*taxes, promotion("promotion", 10), ALONE], "ALONE")
    assert (quote.total_minor, reasons(quote)) == (9000, ["not_with_promotions"])


def test_other_coupons_act_on_both_sides() -> None:
    """50 % and 10 % more against 20 % and 10 % more: the promotion's side wins with the other coupon in it."""
    rules = [promotion("promotion", 50), coupon("ALONE", 20, with_promotions=False), coupon("MORE", 10)]
    quote = quoted(rules, "ALONE", "MORE")
    assert (quote.total_minor, reasons(quote)) == (4500, ["not_with_promotions", None])
    quote = quoted([promotion("promotion", 10), *rules[1:]], "ALONE", "MORE")
    assert (quote.total_minor, reasons(quote)) == (7200, [None, None])


def test_two_of_them_stand_together_against_the_promotions() -> None:
    rules = [promotion("promotion", 35), ALONE, coupon("TOO", 10, with_promotions=False)]
    assert reasons(quoted(rules, "ALONE", "TOO")) == [None, None]
    assert reasons(quoted(rules, "ALONE")) == ["not_with_promotions"]


def test_one_that_stands_alone_among_coupons_too_counts_only_where_it_acts() -> None:
    alone = coupon("ALONE", 30, with_promotions=False, combinable=False)
    rules = [promotion("promotion", 10), alone, coupon("MORE", 5)]
    assert reasons(quoted(rules, "ALONE", "MORE")) == [None, "not_combinable"]
    # Behind another coupon it cannot act, so the promotions are not given up for it.
    quote = quoted(rules, "MORE", "ALONE")
    assert (applied(quote), reasons(quote)) == (["promotion", "MORE"], [None, "not_combinable"])


def test_a_promotion_that_ends_all_discounts_gives_way_to_a_cheaper_coupon_that_stands_alone() -> None:
    assert (applied(quoted([ALL, ALONE], "ALONE"))) == ["ALONE"]
    dearer = quoted([ALL, coupon("ALONE", 5, with_promotions=False)], "ALONE")
    assert (applied(dearer), reasons(dearer)) == (["all"], ["excluded"])


def test_a_coupon_on_delivery_without_a_fee_says_so() -> None:
    lone = coupon("ALONE", 50, with_promotions=False, applies_to="delivery")
    quote = quoted([promotion("promotion", 10), lone], "ALONE")
    assert (applied(quote), reasons(quote)) == (["promotion"], ["nothing_to_discount"])


def test_a_promotion_on_delivery_that_finds_no_fee_stands_in_nobodys_way() -> None:
    quote = quoted([promotion("free", 100, applies_to="delivery"), coupon("ALONE", 5, with_promotions=False)], "ALONE")
    assert (applied(quote), reasons(quote)) == (["ALONE"], [None])
    assert "promotions_excluded" not in [each.code for each in quote.warnings]
