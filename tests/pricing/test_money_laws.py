"""Rounding and splitting, against exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.money.amounts import (
    amount_text,
    decimal_text,
    percent_of,
    read_scaled,
    round_half_away,
    split_by_weights,
    unit_price_text,
)
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import NotANumber
from quote_service.quotes.answer.value_texts import AMOUNT_TEXTS
from tests.pricing.laws import laws
from tests.pricing.oracle import largest_remainder

AMOUNTS = st.integers(-(10**18), 10**18)
WEIGHTS = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 10**15)), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("numerator", "denominator", "whole"),
    [
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (5, 2, 3),
        (1, 3, 0),
        (2, 3, 1),
        (-2, 3, -1),
        (0, 7, 0),
        (14, 7, 2),
    ],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, whole: int) -> None:
    assert round_half_away(numerator, denominator) == whole


@laws(300)
@given(AMOUNTS, st.integers(1, 10**12))
def test_rounding_is_symmetric_nearest_and_exact_on_wholes(numerator: int, denominator: int) -> None:
    whole = round_half_away(numerator, denominator)
    exact = Fraction(numerator, denominator)
    assert abs(exact - whole) <= Fraction(1, 2)
    assert round_half_away(-numerator, denominator) == -whole
    if abs(exact - whole) == Fraction(1, 2):
        assert abs(whole) > abs(exact)
    assert round_half_away(whole * denominator, denominator) == whole


@laws(300)
@given(AMOUNTS, AMOUNTS, st.integers(1, 10**9))
def test_rounding_keeps_order(one: int, other: int, denominator: int) -> None:
    low, high = sorted((one, other))
    assert round_half_away(low, denominator) <= round_half_away(high, denominator)


@laws(300)
@given(st.integers(0, 10**15), st.integers(0, 10**8))
def test_a_percentage_is_rounded_once(base: int, percent_micro: int) -> None:
    assert percent_of(base, percent_micro) == round_half_away(base * percent_micro, 10**8)
    assert 0 <= percent_of(base, percent_micro) <= base


@laws(300)
@given(AMOUNTS, WEIGHTS)
def test_a_split_adds_up_and_no_part_strays_a_unit(amount: int, weights: list[int]) -> None:
    parts = split_by_weights(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(amount * weight, whole) if whole else Fraction(amount, len(weights))
        assert abs(part - exact) < 1
    if whole:
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@laws(300)
@given(st.integers(0, 10**15), WEIGHTS)
def test_a_split_is_by_largest_remainder(amount: int, weights: list[int]) -> None:
    assert split_by_weights(amount, weights) == largest_remainder(amount, weights)


@laws(200)
@given(AMOUNTS, WEIGHTS, st.integers(1, 1000))
def test_a_split_depends_on_the_weights_ratios_alone(amount: int, weights: list[int], factor: int) -> None:
    assert split_by_weights(amount, [weight * factor for weight in weights]) == split_by_weights(amount, weights)
    assert split_by_weights(-amount, weights) == [-part for part in split_by_weights(amount, weights)]


@laws(200)
@given(st.integers(0, 10**12), st.integers(1, 30))
def test_ties_go_to_the_earliest(amount: int, count: int) -> None:
    parts = split_by_weights(amount, [7] * count)
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@laws(200)
@given(WEIGHTS, st.data())
def test_a_part_of_a_discount_fits_into_its_line(lines: list[int], data: st.DataObject) -> None:
    discount = data.draw(st.integers(0, sum(lines)))
    assert all(part <= line for part, line in zip(split_by_weights(discount, lines), lines, strict=True))


def test_an_amount_over_nothing_is_spread_evenly() -> None:
    assert split_by_weights(5, [0, 0, 0]) == [2, 2, 1]
    assert split_by_weights(0, [0, 0]) == [0, 0]
    assert split_by_weights(0, []) == []


@laws(300)
@given(AMOUNTS, st.sampled_from(sorted(set(EXPONENTS.values()))))
def test_an_amount_has_exactly_its_currencys_digits(amount: int, exponent: int) -> None:
    text = amount_text(amount, exponent)
    assert AMOUNT_TEXTS[exponent][amount] == text
    assert Decimal(text) == Decimal(amount).scaleb(-exponent)
    assert len(text.partition(".")[2]) == exponent
    assert ("." in text) is (exponent > 0)


@laws(300)
@given(st.integers(0, 10**19), st.sampled_from([0, 2, 3, 4]))
def test_a_unit_price_has_its_currencys_digits_or_more(price_micro: int, exponent: int) -> None:
    text = unit_price_text(price_micro, exponent)
    assert read_scaled(text.encode(), 6) == price_micro
    decimals = text.partition(".")[2]
    assert exponent <= len(decimals) <= 6
    assert len(decimals) == exponent or decimals[-1] != "0"


@laws(300)
@given(st.integers(-(10**18), 10**18), st.integers(1, 12))
def test_a_decimal_is_written_and_read_back(scaled: int, places: int) -> None:
    assert read_scaled(decimal_text(scaled, places).encode(), places) == scaled


@laws(300)
@given(st.decimals(allow_nan=True, allow_infinity=True), st.integers(0, 12))
def test_a_number_is_read_exactly_or_refused(number: Decimal, places: int) -> None:
    try:
        scaled = read_scaled(str(number).encode(), places)
    except NotANumber:
        return
    assert Fraction(scaled, 10**places) == Fraction(number)


def test_every_currency_has_digits_of_iso_4217() -> None:
    assert {code: EXPONENTS[code] for code in ("TRY", "EUR", "USD", "JPY", "KRW", "KWD", "BHD", "TND", "CLF", "HUF")} == {
        "TRY": 2, "EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "TND": 3, "CLF": 4, "HUF": 2,
    }  # fmt: skip
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
