"""Odd prices by example, and laws. Source: docs/spec/demand.md#odd-prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.anomalies.score_price import score_price

OTHERS = [9_50, 9_90, 10_00, 10_20, 10_90, 11_50]
HISTORY = [10_00, 10_00, 9_80, 10_10, 7_50, 10_00]


@pytest.mark.parametrize(
    ("price", "oddities"),
    [
        (10_00, ()),
        (7_50, ()),  # a promotion that was there before
        (7_00, ()),  # a third off is a promotion
        (1_01, ("decimal_shift", "far_from_sellers", "far_from_history")),
        (1_010_00, ("decimal_shift", "far_from_sellers", "far_from_history")),
        (60_60, ("pack_size", "far_from_sellers", "far_from_history")),
        (17_00, ("far_from_sellers", "far_from_history")),
        (4_40, ("far_from_sellers", "far_from_history")),
    ],
)
def test_what_is_odd(price: int, oddities: tuple[str, ...]) -> None:
    scored = score_price(price, OTHERS, HISTORY)
    assert (scored.oddities, scored.is_odd) == (oddities, bool(oddities))
    assert scored.expected_minor == 10_10


def test_a_price_that_others_ask_too_is_not_odd() -> None:
    assert score_price(20_00, [*OTHERS, 20_10], HISTORY).is_odd is False
    assert score_price(20_00, OTHERS, HISTORY).is_odd is True


def test_with_few_sellers_the_history_counts_alone() -> None:
    assert score_price(20_00, [10_00, 10_00], HISTORY).oddities == ("pack_size", "far_from_history")
    assert score_price(10_00, [2_00, 2_00], HISTORY).is_odd is False
    assert score_price(20_00, [10_00, 10_00], []).is_odd is True


def test_with_nothing_to_compare_nothing_is_odd() -> None:
    scored = score_price(1, [], [])
    assert (scored.is_odd, scored.oddities, scored.expected_minor) == (False, ("nothing_to_compare",), None)


prices = st.integers(1, 10**7)


@given(prices, st.lists(prices, max_size=10), st.lists(prices, max_size=60))
def test_the_order_of_sellers_is_nothing_and_a_score_is_never_negative(
    price: int, others: list[int], history: list[int]
) -> None:
    scored = score_price(price, others, history)
    assert scored.score >= 0
    assert score_price(price, sorted(others), history) == scored
    assert not scored.is_odd or scored.oddities
    assert score_price(price, others, [1, *history] if len(history) >= 52 else history) == scored


@given(st.lists(prices, min_size=3, max_size=10), st.integers(2, 1_000))
def test_amounts_in_a_finer_unit_are_as_odd(others: list[int], finer: int) -> None:
    one = score_price(others[0], others[1:], [])
    other = score_price(others[0] * finer, [price * finer for price in others[1:]], [])
    assert other.score == pytest.approx(one.score, abs=1e-9)
