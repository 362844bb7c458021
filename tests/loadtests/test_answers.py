"""A wrong cent in an answer is found, whichever it is."""

import copy
from decimal import Decimal
from typing import Any

import pytest

from loadtests.answers import quote_faults, read_answer
from loadtests.bench.baskets import basket_format, item_total_cents, write_basket
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import empty_rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.reading.decode_basket import decode_basket

NUMBER, LINES = 3, 2


def example() -> dict[str, Any]:
    """A quote by hand: two lines of 10.42 x 5 and 10.55 x 6, delivery 20.00, 18 % tax on the lines, two commissions."""
    return copy.deepcopy(
        read_answer(
            b"""{"data": {
            "subtotal": 115.40, "discount_amount": 0.00, "tax_amount": 20.77, "delivery_fee": 20.00,
            "small_basket_fee": 0.00, "total_amount": 156.17,
            "items": [
                {"unit_price": 10.42, "quantity": 5, "line_total": 52.10, "discount_amount": 0.00},
                {"unit_price": 10.55, "quantity": 6, "line_total": 63.30, "discount_amount": 0.00}],
            "commission_breakdown": {"total_commission": 8.00, "seller_commission": 6.00, "category_commission": 2.00,
                "logistics_commission": 0.00, "details": [
                {"amount": 6.00, "seller_commission": 6.00, "category_commission": 0.00, "logistics_commission": 0.00},
                {"amount": 2.00, "seller_commission": 0.00, "category_commission": 2.00, "logistics_commission": 0.00}]},
            "payouts": [{"item_total": 115.40, "seller_discount": 0.00, "commission": 8.00, "payout": 107.40}],
            "platform_funded_discount": 0.00, "discount_details": [{"amount": 0.00, "platform_funded": 0.00}],
            "pricing_breakdown": {"item_total": 115.40, "subtotal": 115.40, "tax_amount": 20.77, "delivery_fee": 20.00,
                "small_basket_fee": 0.00, "total_amount": 156.17, "calculations": [
                {"step": "items", "amount": 115.40}, {"step": "delivery", "amount": 20.00},
                {"step": "tax", "amount": 20.77}, {"step": "tax", "amount": 5.00, "included": true}]}}}"""
        )
    )


AMOUNTS = [
    ("total_amount",),
    ("subtotal",),
    ("discount_amount",),
    ("tax_amount",),
    ("delivery_fee",),
    ("small_basket_fee",),
    ("items", 0, "line_total"),
    ("items", 1, "unit_price"),
    ("items", 1, "discount_amount"),
    ("commission_breakdown", "total_commission"),
    ("commission_breakdown", "seller_commission"),
    ("commission_breakdown", "details", 0, "amount"),
    ("commission_breakdown", "details", 1, "category_commission"),
    ("payouts", 0, "payout"),
    ("platform_funded_discount",),
    ("discount_details", 0, "amount"),
    ("discount_details", 0, "platform_funded"),
    ("pricing_breakdown", "item_total"),
    ("pricing_breakdown", "tax_amount"),
    ("pricing_breakdown", "calculations", 1, "amount"),
    ("pricing_breakdown", "calculations", 2, "amount"),
]


def test_a_right_quote_has_no_fault() -> None:
    assert quote_faults(example(), 11_540) == []


@pytest.mark.parametrize("path", AMOUNTS, ids=lambda path: ".".join(map(str, path)))
def test_one_cent_off_is_found(path: tuple[str | int, ...]) -> None:
    quote = example()
    holder: Any = quote
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] += Decimal("0.01")
    assert quote_faults(quote, 11_540)


def test_another_basket_than_was_sent_is_found() -> None:
    assert quote_faults(example(), 11_541) == ["the item total: 115.40 instead of 115.41"]


def test_what_the_engine_writes_has_no_fault() -> None:
    basket = decode_basket(write_basket(basket_format(), NUMBER, LINES))
    text = write_quote(price_quote(QuoteBasis(empty_rulebook(), basket, 0)), "id", 0, 0)
    data = f'{text.head}{text.flags}{text.middle}"miss"{text.tail}}}'
    assert quote_faults(read_answer(b'{"data":%b}' % data.encode()), item_total_cents(NUMBER, LINES)) == []
