"""Whole sets at one price: which units make them up, what they cost, and how long that takes to work out.

Source: docs/spec/pricing-rules.md#bundles; docs/decisions/bundles.md.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.quote import Quote
from tests.pricing import oracle
from tests.pricing.books import answer_text, book_of, priced, read_answer
from tests.pricing.figures import figures_of_answer, figures_of_opinion
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT

SHIRT, SHOES, SOCKS, HAT = (f"b0000000-0000-4000-8000-00000000000{n}" for n in range(4))
CLOTHES = "c0000000-0000-4000-8000-000000000001"


def line(product: str, quantity: int, price: float, *tags: str, category: str = CLOTHES) -> dict[str, Any]:
    fields = {"product_id": product, "quantity": quantity, "unit_price": Decimal(str(price)), "category_id": category}
    return fields | {"tags": list(tags)}


def basket(*lines: dict[str, Any], codes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "customer_id": "d0000000-0000-4000-8000-000000000000",
        "seller_id": "a0000000-0000-4000-8000-000000000000",
        "items": list(lines),
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
        "coupon_codes": list(codes),
    }


def bundle(value: float, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    configuration = {"kind": "bundle", "value": value, "items": list(items), **more}
    return {"id": "b", "name": "b", "type": "PROMOTION", "currency": "TRY", "configuration": configuration}


def quoted(rule: dict[str, Any], *lines: dict[str, Any]) -> Quote:
    """The quote, on which the oracle agrees."""
    setup, request = {"pricing_rules": [rule]}, basket(*lines)
    quote = priced(book_of(setup), request, AT)
    assert figures_of_answer(read_answer(answer_text(quote, AT))) == figures_of_opinion(
        oracle.price(setup, request, AT)
    )
    return quote


OUTFIT = bundle(99, {"product_ids": [SHIRT]}, {"product_ids": [SHOES]})


@pytest.mark.parametrize(
    ("shirts", "shoes", "off"),
    [
        (1, 1, 10100),  # 100 + 100 for 99
        (100, 100, 100 * 10100),  # each pair costs 99, not the lot
        (3, 1, 10100),
        (2, 0, 0),  # two of one alone are no set
        (0, 2, 0),
    ],
)
def test_every_whole_set_costs_its_price(shirts: int, shoes: int, off: int) -> None:
    lines = [line(product, count, 100) for product, count in ((SHIRT, shirts), (SHOES, shoes)) if count]
    quote = priced(book_of({"pricing_rules": [OUTFIT]}), basket(*lines), AT)
    assert quote.discount_minor == off


def test_sets_are_made_of_the_dearest_units_and_a_cheaper_one_is_left_alone() -> None:
    three = bundle(30, {"category_ids": [CLOTHES], "quantity": 3})
    quote = quoted(three, line(SHIRT, 2, 20), line(SHOES, 2, 15), line(SOCKS, 3, 5))
    # 20 + 20 + 15 = 55 for 30; 15 + 5 + 5 = 25 is below 30 already; one unit is left over.
    assert quote.discount_minor == 2500
    assert [each.discount_minor for each in quote.lines] == [1818, 682, 0]
    assert quote.calculations[1].inputs == DiscountInputs(
        covered_lines=3, base_amount=8500, sets=1, set_price=3000, sets_before=5500, platform_funded=0
    )
    assert quote.calculations[1].description == "b: 30.00 a set"


def test_no_more_sets_than_the_rule_allows() -> None:
    two = bundle(50, {"product_ids": [SHIRT]}, {"product_ids": [SHOES]}, max_sets=2)
    assert quoted(two, line(SHIRT, 5, 40), line(SHOES, 4, 40)).discount_minor == 2 * 3000


def test_of_equal_units_the_earlier_line_is_taken() -> None:
    quote = priced(
        book_of({"pricing_rules": [bundle(15, {"category_ids": [CLOTHES], "quantity": 2})]}),
        basket(line(SHIRT, 1, 10), line(SHOES, 1, 10), line(SOCKS, 1, 10)),
        AT,
    )
    assert [each.discount_minor for each in quote.lines] == [250, 250, 0]


def test_a_unit_that_fits_two_places_goes_where_most_sets_come_of_it() -> None:
    """The most expensive shirt fits both places, and only shirts fit the first: taken twice there would be one set, not two."""
    rule = bundle(10, {"product_ids": [SHIRT]}, {"category_ids": [CLOTHES]})
    quote = quoted(rule, line(SHIRT, 2, 20), line(SOCKS, 2, 5))
    assert quote.discount_minor == 2 * 1500
    # With units enough for that the most expensive go together, and what is left is cheaper than the set.
    assert quoted(rule, line(SHIRT, 2, 20), line(HAT, 1, 4)).discount_minor == 3000


def test_two_equal_places_take_the_two_dearest() -> None:
    rule = bundle(99, {"category_ids": [CLOTHES]}, {"category_ids": [CLOTHES]})
    assert quoted(rule, line(SHIRT, 2, 100), line(SOCKS, 2, 10)).discount_minor == 10100


def test_a_bundle_acts_on_what_earlier_discounts_left() -> None:
    tenth = {
        "id": "p",
        "name": "p",
        "type": "PROMOTION",
        "priority": 1,
        "configuration": {"kind": "percent", "value": 10},
    }
    setup = {"pricing_rules": [OUTFIT, tenth]}
    quote = priced(book_of(setup), basket(line(SHIRT, 1, 100), line(SHOES, 1, 100)), AT)
    assert quote.subtotal_minor == 9900
    coupon = {**OUTFIT, "type": "COUPON", "configuration": {**OUTFIT["configuration"], "code": "SET"}}
    request = basket(line(SHIRT, 2, 100), codes=("set",))
    refused = priced(book_of({"pricing_rules": [coupon]}), request, AT)
    assert refused.coupons[0].reason == "nothing_to_discount"


@pytest.mark.parametrize("places", [1, 2, 5])
@pytest.mark.parametrize("overlap", [False, True])
def test_five_hundred_lines_of_a_million_units_are_no_more_work_than_their_lines(places: int, overlap: bool) -> None:
    """Unit by unit this would not end: there are half a thousand million of them."""
    items = [
        {"tags_any": [f"t{n}", *([f"t{n + 1}", "t0"] if overlap else [])], "quantity": 3 + n} for n in range(places)
    ]
    lines = [line(SHIRT, 1_000_000 - n, 1 + n % 97, f"t{n % (places + 1)}") for n in range(500)]
    quote = priced(book_of({"pricing_rules": [bundle(1, *items)]}), basket(*lines), AT)
    assert quote.discount_minor > 0
    assert sum(each.discount_minor for each in quote.lines) == quote.discount_minor


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    random = Random(draw(st.integers(0, 2**40)))
    tags = ["x", "y", "z"]
    items = [
        {"tags_any": random.sample(tags, random.choice([1, 1, 2])), "quantity": random.choice([1, 1, 2])}
        for _ in range(random.randint(1, 4))
    ]
    more: dict[str, Any] = {"max_sets": 2} if random.random() < 0.2 else {}
    rule = bundle(random.choice([0, 5, 12, 30]), *items, **more)
    lines = [
        line(
            f"b0000000-0000-4000-8000-00000000001{n}",
            random.randint(1, 5),
            random.choice([1, 3, 3.33, 7, 9.99, 20]),
            *random.sample(tags, random.randint(0, 3)),
        )
        for n in range(random.randint(1, 6))
    ]
    return rule, lines


@laws(400)
@given(cases())
def test_runs_of_units_come_to_what_units_one_by_one_do(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    rule, lines = case
    quote = quoted(rule, *lines)
    assert all(0 <= each.discount_minor <= each.total_minor for each in quote.lines)
