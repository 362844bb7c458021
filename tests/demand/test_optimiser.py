"""The best legal price, against formulas and a search through everything.

Source: docs/spec/demand.md#optimiser; docs/spec/demand.md#families.
"""

from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.demand.model import Elasticity, PriceVariation
from quote_service.intelligence.demand.optimiser.choose_price import choose_price, sure_gain
from quote_service.intelligence.demand.optimiser.families import choose_ladder
from quote_service.intelligence.demand.optimiser.outlook import Offer, doubtful_ends, outlook, units_at

SEEN = PriceVariation(rows=500, distinct_prices=20, coefficient_of_variation=0.1, within=0.05)


def elasticity(mean: float, deviation: float = 0.01) -> Elasticity:
    return Elasticity("p", mean, mean - 2 * deviation, mean + 2 * deviation, mean, deviation, 1.0, SEEN, ())


def offer(**changes: Any) -> Offer:
    usual = Offer(current_minor=10_00, cost_minor=6_00, units=100.0, elasticity=elasticity(-2.5))
    return msgspec.structs.replace(usual, **changes)


PRICES = list(range(5_00, 20_00))


@pytest.mark.parametrize("mean", [-1.5, -2.0, -2.5, -4.0])
def test_a_sure_elasticity_gives_the_price_of_the_textbook(mean: float) -> None:
    chosen = choose_price(offer(elasticity=elasticity(mean, 1e-6)), list(range(5_00, 30_00)))
    assert chosen is not None
    assert chosen.price_minor == pytest.approx(6_00 * mean / (1 + mean), abs=1)


def test_the_less_is_known_the_less_a_price_moves() -> None:
    moves = []
    for deviation in (0.01, 0.3, 0.6, 1.2, 2.5):
        chosen = choose_price(offer(cost_minor=7_00, elasticity=elasticity(-2.5, deviation)), PRICES)
        assert chosen is not None
        moves.append(abs(chosen.price_minor - 10_00))
    assert moves == sorted(moves, reverse=True)
    assert moves[0] > 100
    assert moves[-1] == 0


def test_no_more_than_the_stock_is_sold_so_the_price_rises() -> None:
    free, short = choose_price(offer(), PRICES), choose_price(offer(stock=40), PRICES)
    assert free is not None
    assert short is not None
    assert short.price_minor > free.price_minor
    assert units_at(offer(stock=40), 1_00, -2.5) == 40


def test_a_target_is_reached_at_the_best_price_that_sells_it() -> None:
    chosen = choose_price(offer(target_units=150), PRICES)
    assert chosen is not None
    assert chosen.reaches_target
    assert units_at(offer(), chosen.price_minor, -2.5) >= 150
    assert units_at(offer(), chosen.price_minor + 5, -2.5) < 150
    beyond = choose_price(offer(target_units=10**9), PRICES)
    assert beyond is not None
    assert (beyond.price_minor, beyond.reaches_target) == (5_00, False)


def test_no_candidate_no_choice() -> None:
    assert choose_price(offer(), []) is None
    assert choose_ladder([offer(), offer()], [[10_00], [9_00]], [0]) is None
    assert choose_ladder([offer(), offer()], [[], [9_00]], [0]) is None


def test_an_outlook_is_what_the_elasticity_says() -> None:
    reported = outlook(offer(elasticity=elasticity(-2.0, 0.5)), 20_00)
    assert reported.units == pytest.approx(25)
    assert reported.units_low < reported.units < reported.units_high
    assert (reported.revenue_minor, reported.profit_minor) == (25 * 20_00, 25 * 14_00)
    now = outlook(offer(), 10_00)
    assert (now.units, now.units_low, now.units_high) == (100, 100, 100)


def test_odd_numbers_do_no_harm() -> None:
    assert units_at(offer(), 0, -2.5) == 0
    assert units_at(offer(stock=3, units=1e300, current_minor=10**9), 1, -8.0) == 3


offers = st.builds(
    Offer,
    current_minor=st.integers(1, 5_000),
    cost_minor=st.integers(0, 4_000),
    units=st.floats(0, 1e6),
    elasticity=st.builds(elasticity, st.floats(-8, -1.05), st.floats(0.01, 2)),
    stock=st.none() | st.integers(0, 1_000),
)
some_prices = st.lists(st.integers(1, 9_999), min_size=1, max_size=8, unique=True).map(sorted)


@given(offers, some_prices, st.floats(0.01, 0.5))
def test_a_choice_is_the_best_of_the_candidates(one: Offer, prices: list[int], risk: float) -> None:
    chosen = choose_price(one, prices, risk)
    assert chosen is not None
    ends = doubtful_ends(one.elasticity, risk)
    gains = {price: sure_gain(one, price, ends) for price in prices}
    assert gains[chosen.price_minor] == max(gains.values()) == chosen.sure_gain_minor
    if one.current_minor in prices:
        assert chosen.sure_gain_minor >= 0


@settings(max_examples=60)
@given(st.lists(st.tuples(offers, some_prices, st.integers(0, 500)), min_size=1, max_size=3))
def test_a_ladder_is_that_of_a_search(rungs: list[tuple[Offer, list[int], int]]) -> None:
    given_offers, candidates, steps = zip(*rungs, strict=True)
    found = choose_ladder(given_offers, candidates, steps[1:])
    ends = [doubtful_ends(one.elasticity, 0.25) for one in given_offers]

    def total(prices: tuple[int, ...] | list[int]) -> float:
        return sum(sure_gain(o, p, e) for o, p, e in zip(given_offers, prices, ends, strict=True))

    allowed = [
        prices
        for prices in product(*candidates)
        if all(b >= a + step for a, b, step in zip(prices, prices[1:], steps[1:], strict=False))
    ]
    if not allowed:
        assert found is None
    else:
        assert found is not None
        assert tuple(found) in allowed
        assert total(found) == pytest.approx(max(total(prices) for prices in allowed))
