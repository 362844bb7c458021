"""Legal prices, against a search through every price. Source: docs/spec/demand.md#price-points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.optimiser.price_points import MOST_CANDIDATES, PricePoints, candidate_prices


@st.composite
def any_points(draw: st.DrawFn) -> PricePoints:
    every = draw(st.integers(1, 120))
    endings = draw(st.sets(st.integers(0, every - 1), min_size=1, max_size=4))
    return PricePoints(every_minor=every, endings_minor=tuple(endings))


@given(any_points(), st.integers(-5, 400), st.integers(-5, 400), st.integers(0, 300))
def test_neighbours_are_those_that_a_search_finds(points: PricePoints, price: int, low: int, wide: int) -> None:
    legal = [one for one in range(1, 1_000) if one % points.every_minor in points.endings_minor]
    high = low + wide
    inside = [one for one in legal if low <= one <= high]
    assert points.at_or_below(price) == max((one for one in legal if one <= price), default=None)
    assert points.at_or_above(price) == min(one for one in legal if one >= price)
    assert list(points.between(low, high)) == inside
    assert points.nearest_within(price, low, high) == min(inside, key=lambda one: (abs(one - price), one), default=None)
    assert all(points.allows(one) for one in inside)


@given(any_points(), st.integers(1, 10**12), st.integers(0, 10**12), st.integers(1, 10**12))
def test_candidates_are_few_legal_ascending_and_hold_both_ends(
    points: PricePoints, low: int, wide: int, current: int
) -> None:
    high = low + wide
    found = candidate_prices(points, low, high, current)
    assert len(found) <= MOST_CANDIDATES + 1
    assert found == sorted(set(found))
    assert all(points.allows(price) and low <= price <= high for price in found)
    first, last = points.at_or_above(low), points.at_or_below(high)
    if first <= high:
        assert (found[0], found[-1]) == (first, last)
    else:
        assert found == []
    assert (current in found) or not (low <= current <= high and points.allows(current))


def test_every_legal_price_is_a_candidate_where_they_are_few() -> None:
    points = PricePoints(every_minor=100, endings_minor=(95, 99))
    assert candidate_prices(points, 190, 400, 250) == [195, 199, 295, 299, 395, 399]


@pytest.mark.parametrize(("every", "endings"), [(0, (0,)), (10, ()), (10, (10,)), (10, (-1,))])
def test_points_that_allow_nothing_are_refused(every: int, endings: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"repeat|ending"):
        PricePoints(every_minor=every, endings_minor=endings)
