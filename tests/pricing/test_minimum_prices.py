"""Discounts leave lines at the `min_price` of their products, unless they say otherwise.

Source: docs/spec/pricing-rules.md#minimum-prices.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.money.amounts import decimal_text, split_within
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_amounts, price_quote
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.quotes.model.issued_quote import read_issued
from quote_service.quotes.model.kept_bytes import kept_request
from quote_service.quotes.operations.issued_prices import issued_sales, take_issued_prices
from quote_service.quotes.reading.decode_basket import decode_kept_basket
from tests.pricing.books import answer_text
from tests.pricing.catalog.price_books import rule
from tests.pricing.catalog.products import AT_US, a_basket, a_line, a_price, book_with, completed
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT

MICRO = 1_000_000
_IDS = [f"01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b{number:02x}" for number in range(6)]
_EXPONENTS = {"TRY": 2, "JPY": 0, "KWD": 3}


def sold(number: int, price: int, least: int, currency: str = "TRY", cost: int | None = None) -> ProductPrice:
    """A product by what a unit of it costs and costs at least, in major units."""
    return a_price(
        product_id=_IDS[number],
        variant_id=None,
        currency=currency,
        current_micro=price * MICRO,
        min_micro=least * MICRO,
        max_micro=None,
        cost_micro=None if cost is None else cost * MICRO,
    )


def promotion(name: str, **configuration: Any) -> dict[str, Any]:
    given = {"kind": "percent", "value": 50, **configuration}
    return rule(name, "PROMOTION", given, currency="TRY")


def lines_of(context: PricingContext) -> list[int]:
    return [line.discount_minor for line in context.lines]


def priced(products: list[ProductPrice], rules: list[dict[str, Any]], *quantities: int, **more: Any) -> PricingContext:
    """The basket of each product, so many units."""
    book = book_with(products, {"pricing_rules": rules})
    items = [
        a_line(product_id=each.product_id, variant_id=None, quantity=quantity)
        for each, quantity in zip(products, quantities, strict=True)
    ]
    return price_amounts(
        QuoteBasis(book, completed(book, a_basket(*items, currency=products[0].currency, **more)), AT_US)
    )


TWO = [sold(0, 100, 90), sold(1, 100, 0)]


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({}, [1000, 9000]),  # 50 % of the basket is 100.00: what the first has no room for goes to the second
        ({"applies_to": "lines"}, [1000, 5000]),  # each line by itself: what is cut off is not given
        ({"respects_min_price": False}, [5000, 5000]),
        ({"kind": "amount", "value": 30}, [1000, 2000]),
        ({"kind": "amount", "value": 18}, [900, 900]),
        ({"kind": "amount", "value": 500}, [1000, 10000]),
        ({"kind": "amount", "value": 30, "applies_to": "lines"}, [1000, 3000]),
        ({"kind": "fixed_price", "value": 20, "applies_to": "lines"}, [1000, 8000]),
        ({"max_discount": 30}, [1000, 2000]),
        ({"applies_to": "lines", "max_discount": 30}, [1000, 2000]),
        ({"kind": "buy_x_get_y", "value": None, "buy": 1, "get": 1}, [1000, 0]),
        ({"kind": "tiered_percent", "value": None, "tiers": [{"from": 10, "percent": 20}]}, [1000, 3000]),
        (
            {"kind": "bundle", "value": 120, "items": [{"product_ids": _IDS[:1]}, {"product_ids": _IDS[1:2]}]},
            [1000, 7000],
        ),
    ],
)
def test_what_each_kind_takes(configuration: dict[str, Any], expected: list[int]) -> None:
    given = {name: value for name, value in configuration.items() if value is not None}
    base = {} if "value" in configuration and configuration["value"] is None else {"value": 50}
    held = rule("p", "PROMOTION", {"kind": "percent", **base, **given}, currency="TRY")
    assert lines_of(priced(TWO, [held], 1, 1)) == expected


def test_the_minimum_is_of_each_unit() -> None:
    context = priced([sold(0, 100, 45)], [promotion("p", value=80)], 3)
    assert context.lines[0].net_minor == 3 * 4500


def test_a_minimum_finer_than_the_currency_is_rounded_up() -> None:
    product = a_price(
        product_id=_IDS[0], variant_id=None, current_micro=100 * MICRO, min_micro=90_004_000, max_micro=None
    )
    context = priced([product], [promotion("p")], 1)
    assert context.lines[0].net_minor == 9001


def test_discounts_stack_down_to_the_minimum_and_no_further() -> None:
    rules = [promotion("a", value=30), promotion("b", value=30), promotion("c", value=30)]
    context = priced([sold(0, 100, 60)], rules, 1)
    assert [detail.amount_minor for detail in context.discount_details] == [3000, 1000]
    assert [each.name for each in context.applied_rules] == ["a", "b"]
    assert [each.name for each in context.held_rules] == ["c"]
    below = priced([sold(0, 100, 60)], [*rules, promotion("d", value=50, respects_min_price=False)], 1)
    assert below.lines[0].net_minor == 3000


def test_the_step_says_what_was_cut() -> None:
    context = priced([sold(0, 100, 60)], [promotion("a", value=50)], 1)
    step = next(each for each in context.calculations if each.step == "promotion")
    assert step.description == "a: 50 % off, held at minimum prices"
    assert (step.amount_minor, getattr(step.inputs, "min_price_cut", None)) == (-4000, 1000)
    # Where others took it nothing was cut off the whole.
    moved = priced(TWO, [promotion("a", value=20)], 1, 1)
    step = next(each for each in moved.calculations if each.step == "promotion")
    assert step.description == "a: 20 % off, held at minimum prices"
    assert "min_price_cut" not in json.loads(answer_text(moved, AT))["pricing_breakdown"]["calculations"][1]["inputs"]


def test_a_coupon_that_finds_no_room_is_refused() -> None:
    coupon = rule("c", "COUPON", {"kind": "percent", "value": 10, "code": "TEN"}, currency="TRY")
    context = priced([sold(0, 100, 100)], [coupon], 1, coupon_codes=["TEN"])
    assert [(each.reason, each.amount_minor) for each in context.coupons] == [("nothing_to_discount", 0)]
    open_one = rule(
        "c", "COUPON", {"kind": "percent", "value": 10, "code": "TEN", "respects_min_price": False}, currency="TRY"
    )
    assert priced([sold(0, 100, 100)], [open_one], 1, coupon_codes=["TEN"]).coupons[0].amount_minor == 1000


def test_a_line_on_sale_below_its_minimum_is_discounted_no_further() -> None:
    products = [sold(0, 100, 90), sold(1, 100, 0)]
    book = book_with(products, {"pricing_rules": [promotion("p", value=10)]})
    checked = completed(
        book, a_basket(*(a_line(product_id=each.product_id, variant_id=None, quantity=1) for each in products))
    )
    on_sale = {_IDS[0]: SalePrice(1, _IDS[5], "TRY", 50 * MICRO, AT_US - 1, AT_US + 10**9)}
    context = price_amounts(QuoteBasis(book, checked, AT_US, find_sales(on_sale, checked, AT_US)))
    assert [(line.total_minor, line.discount_minor) for line in context.lines] == [(5000, 0), (10000, 1500)]


def test_a_quote_is_another_one_when_its_minimum_moves() -> None:
    rules = {"pricing_rules": [promotion("p")]}
    seen = set()
    for least in (0, 40, 60):
        book = book_with([sold(0, 100, least)], rules)
        basket = completed(book, a_basket(a_line(product_id=_IDS[0], variant_id=None, quantity=1)))
        seen.add(fingerprint_bits(QuoteBasis(book, basket, AT_US), b"s" * 32))
    assert len(seen) == 3


WORLDS = st.integers(0, 2**32)


def a_world(seed: int, currency: str) -> tuple[list[ProductPrice], list[int], list[dict[str, Any]], list[str]]:
    """Products with minimum prices, units of each, and discounts of all kinds that respect them."""
    random = Random(seed)
    step = 10 ** (6 - _EXPONENTS[currency])
    products, quantities = [], []
    for number in range(random.randint(1, 5)):
        price = random.randint(1, 30_000) * step
        least = random.choice([0, price, random.randint(0, price), random.randint(0, price)])
        products.append(
            a_price(
                product_id=_IDS[number],
                variant_id=None,
                currency=currency,
                current_micro=price,
                min_micro=least,
                max_micro=None,
            )
        )
        quantities.append(random.randint(1, 4))
    rules: list[dict[str, Any]] = []
    for number in range(random.randint(1, 4)):
        money = decimal_text(random.randint(1, 40_000) * step, 6)
        kind: dict[str, Any] = random.choice(
            [
                {"kind": "percent", "value": random.randint(1, 100)},
                {"kind": "percent", "value": random.randint(1, 100), "applies_to": "lines"},
                {"kind": "amount", "value": money},
                {"kind": "amount", "value": money, "applies_to": "lines"},
                {"kind": "fixed_price", "value": money, "applies_to": "lines"},
                {"kind": "buy_x_get_y", "buy": 1, "get": random.randint(1, 2)},
                {"kind": "tiered_percent", "tiers": [{"from": 0, "percent": random.randint(1, 100)}]},
                {"kind": "bundle", "value": money, "items": [{"product_ids": _IDS[:2], "quantity": 2}]},
            ]
        )
        if random.random() < 0.3:
            kind["max_discount"] = money
        funded: dict[str, Any] = random.choice(
            [{}, {"funded_by": "platform"}, {"funded_by": "shared", "platform_percent": 30}]
        )
        code = {"code": f"C{number}"} if random.random() < 0.4 else {}
        rules.append(
            rule(f"r{number}", "COUPON" if code else "PROMOTION", {**kind, **funded, **code}, currency=currency)
        )
    return products, quantities, rules, [each["configuration"]["code"] for each in rules if each["type"] == "COUPON"]


@laws(300)
@given(WORLDS, st.sampled_from(sorted(_EXPONENTS)))
def test_no_line_goes_below_its_minimum_and_the_parts_add_up(seed: int, currency: str) -> None:
    products, quantities, rules, codes = a_world(seed, currency)
    context = priced(products, rules, *quantities, coupon_codes=codes)
    scale = 10 ** (6 - _EXPONENTS[currency])
    for line, product in zip(context.lines, products, strict=True):
        floor = -(-product.min_micro * line.item.quantity // scale)
        assert line.discount_minor >= 0
        assert line.net_minor >= min(floor, line.total_minor)
        details = [each for each in context.discount_details if each.line is line]
        assert sum(each.amount_minor for each in details) == line.discount_minor
        assert sum(each.seller_minor for each in details) == line.seller_discount_minor
    assert sum(lines_of(context)) == context.discount_minor
    steps = [each.amount_minor for each in context.calculations if each.step in {"promotion", "coupon"}]
    assert -sum(steps) == context.discount_minor
    # With one rule there is nothing for it to act on that another has left: it never gives more than it promises.
    if len(rules) == 1:
        free = [{**rules[0], "configuration": {**rules[0]["configuration"], "respects_min_price": False}}]
        assert context.discount_minor <= priced(products, free, *quantities, coupon_codes=codes).discount_minor


@laws(300)
@given(WORLDS, st.sampled_from(sorted(_EXPONENTS)))
def test_the_order_of_lines_does_not_matter(seed: int, currency: str) -> None:
    products, quantities, rules, codes = a_world(seed, currency)
    rules = [each for each in rules if each["configuration"]["kind"] not in {"buy_x_get_y", "bundle"}][:1]
    order = list(range(len(products)))
    Random(seed).shuffle(order)
    one = priced(products, rules, *quantities, coupon_codes=codes)
    other = priced([products[i] for i in order], rules, *(quantities[i] for i in order), coupon_codes=codes)
    assert one.discount_minor == other.discount_minor
    if any(each.description.endswith("minimum prices") for each in one.calculations):
        taken = {line.product_id: line.discount_minor for line in one.lines}
        assert taken == {line.product_id: line.discount_minor for line in other.lines}


@laws(200)
@given(WORLDS, st.sampled_from(sorted(_EXPONENTS)))
def test_a_quote_is_priced_again_from_what_is_kept_of_it(seed: int, currency: str) -> None:
    products, quantities, rules, codes = a_world(seed, currency)
    random = Random(seed)
    for each in rules:
        each["configuration"]["respects_min_price"] = random.random() < 0.8
        if each["type"] == "COUPON":
            each["configuration"]["with_promotions"] = random.random() < 0.5
    book = book_with(products, {"pricing_rules": rules})
    lines = [
        a_line(product_id=each.product_id, variant_id=None, quantity=quantity)
        for each, quantity in zip(products, quantities, strict=True)
    ]
    checked = completed(book, a_basket(*lines, currency=currency, coupon_codes=codes))
    quote = price_quote(QuoteBasis(book, checked, AT_US))
    text = answer_text(quote, AT)
    request = kept_request(checked.basket, quote.floors_minor)
    again, shown = decode_kept_basket(request), read_issued(text)
    take_issued_prices(shown, request, again, book.rules)
    assert answer_text(price_quote(QuoteBasis(book, again, AT_US, issued_sales(shown))), AT) == text


@laws(500)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=6), st.integers(0, 200))
def test_a_split_within_rooms(pairs: list[tuple[int, int]], amount: int) -> None:
    names = [str(index) for index in range(len(pairs))]
    weights, rooms = [each[0] for each in pairs], [each[1] for each in pairs]
    parts = split_within(amount, weights, rooms, names)
    assert all(0 <= part <= room for part, room in zip(parts, rooms, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    assert sum(parts) == min(amount, sum(room for weight, room in pairs if weight))
    backwards = split_within(amount, weights[::-1], rooms[::-1], names[::-1])
    assert backwards == parts[::-1]
    # Of two that have room left, the heavier gets no less.
    free = [index for index in range(len(pairs)) if parts[index] < rooms[index]]
    assert all(parts[a] <= parts[b] or weights[a] >= weights[b] for a in free for b in free)
