"""The price of a campaign at an hour: examples, and laws against a model in fractions.

Source: docs/spec/campaigns.md#the-price-at-an-hour.
"""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quote_service.shop.campaigns.model.campaign_price import CampaignPrice, campaign_price
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds
from tests.campaigns.model import model_price

PERCENT = 10**6
TERMS = CampaignTerms(10, 20 * PERCENT, 100)

terms_drawn = st.builds(
    CampaignTerms,
    st.integers(1, 40) | st.integers(1, 87_600),
    st.integers(0, 100).map(lambda whole: whole * PERCENT) | st.integers(0, 100 * PERCENT),
    st.integers(1, 200) | st.integers(1, 10**9),
)


@st.composite
def bounds_drawn(draw: st.DrawFn) -> PriceBounds:
    starting = draw(st.integers(0, 300) | st.integers(0, 10**15))
    least = draw(st.just(0) | st.integers(0, starting * 2))
    return PriceBounds(starting, least, draw(st.none() | st.integers(least, least + starting * 2)))


@st.composite
def moments(draw: st.DrawFn) -> tuple[CampaignTerms, PriceBounds, int, int]:
    """A campaign at an hour, often with sales that are just those expected."""
    terms = draw(terms_drawn)
    hour = draw(st.integers(0, terms.duration_hours + 2))
    near = terms.target_sales_count * hour // terms.duration_hours
    sold = draw(st.integers(max(near - 1, 0), near + 1) | st.integers(0, 10**9))
    return terms, draw(bounds_drawn()), hour, sold


def by_model(terms: CampaignTerms, bounds: PriceBounds, hour: int, sold: int) -> int:
    limit = Fraction(terms.limit_percent_micro, PERCENT)
    duration, target = terms.duration_hours, terms.target_sales_count
    return model_price(duration, limit, target, bounds.starting_minor, bounds.min_minor, bounds.max_minor, hour, sold)


@pytest.mark.parametrize(
    ("hour", "sold", "price", "coefficient", "move"),
    [
        (0, 0, 10_000, None, 0),
        (0, 7, 10_000, None, 0),  # sold in the first hour, which is not full yet
        (1, 50, 10_200, 5, 2),
        (1, 10, 10_000, 1, 0),
        (1, 0, 9_800, 0, -2),
        (5, 49, 9_000, Fraction(49, 50), -10),
        (5, 50, 10_000, 1, 0),
        (5, 51, 11_000, Fraction(51, 50), 10),
        (9, 1000, 11_800, Fraction(100, 9), 18),
        (10, 1000, 10_000, 10, 0),
        (11, 1000, 10_000, 10, 0),
        (10**9, 0, 10_000, 0, 0),
    ],
)
def test_the_price_of_an_hour(hour: int, sold: int, price: int, coefficient: Fraction | None, move: int) -> None:
    found = campaign_price(TERMS, PriceBounds(10_000), hour, sold)
    assert found.price_minor == price
    assert found.demand_coefficient == coefficient
    assert found.move_percent == move
    assert found.held_by is None
    assert found.is_ended is (hour >= 10)


def test_the_figures_explain_the_price() -> None:
    found = campaign_price(CampaignTerms(7, 12_500_000, 30), PriceBounds(999), 3, 13)
    assert found.expected_rate == Fraction(30, 7)
    assert found.current_rate == Fraction(13, 3)
    assert found.remaining_time == Fraction(7, 3)
    assert found.demand_coefficient == Fraction(91, 90)
    assert found.move_percent == Fraction(75, 14)
    assert found.price_minor == 1053  # 999 x (1 + 75/1400) = 1052.51...


@pytest.mark.parametrize(
    ("limit_micro", "bounds", "hour", "sold", "price", "held_by"),
    [
        (700_000, PriceBounds(100), 9, 1000, 100, "limit"),  # 100.63 rounds to 101, and 100.7 is the limit
        (700_000, PriceBounds(100), 9, 0, 100, "limit"),
        (20 * PERCENT, PriceBounds(10_000, 9_500), 9, 0, 9_500, "min_price"),
        (20 * PERCENT, PriceBounds(10_000, 0, 10_500), 9, 1000, 10_500, "max_price"),
        (20 * PERCENT, PriceBounds(10_000, 9_500), 2, 0, 9_600, None),
        (20 * PERCENT, PriceBounds(10_000, 10_500), 10, 0, 10_500, "min_price"),  # the bound moved meanwhile
        (20 * PERCENT, PriceBounds(10_000, 0, 9_000), 0, 0, 9_000, "max_price"),
        (100 * PERCENT, PriceBounds(5), 9, 0, 1, None),  # half a cent, away from zero
        (100 * PERCENT, PriceBounds(4), 9, 0, 0, None),
        (50 * PERCENT, PriceBounds(10), 5, 1000, 13, None),  # 12.5
        (50 * PERCENT, PriceBounds(10), 5, 0, 8, None),  # 7.5
        (0, PriceBounds(10), 5, 1000, 10, None),
    ],
)
def test_what_holds_the_price(
    limit_micro: int, bounds: PriceBounds, hour: int, sold: int, price: int, held_by: str | None
) -> None:
    found = campaign_price(CampaignTerms(10, limit_micro, 100), bounds, hour, sold)
    assert (found.price_minor, found.held_by) == (price, held_by)


@pytest.mark.parametrize(("hour", "sold"), [(-1, 0), (0, -1), (20, -1)])
def test_before_the_beginning_there_is_no_price(hour: int, sold: int) -> None:
    with pytest.raises(ValueError, match=r"not begun|less than nothing"):
        campaign_price(TERMS, PriceBounds(10_000), hour, sold)


@pytest.mark.parametrize(
    "figures", [(0, 0, 1), (87_601, 0, 1), (1, -1, 1), (1, 100_000_001, 1), (1, 0, 0), (1, 0, 10**9 + 1)]
)
def test_terms_outside_their_bounds_are_refused(figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="campaign"):
        CampaignTerms(*figures)


@pytest.mark.parametrize("prices", [(-1, 0, None), (1, -1, None), (1, 5, 4)])
def test_bounds_that_hold_nothing_are_refused(prices: tuple[int, int, int | None]) -> None:
    with pytest.raises(ValueError, match="price"):
        PriceBounds(*prices)


@given(moments())
@example((CampaignTerms(10, 700_000, 100), PriceBounds(100), 9, 1000))
def test_the_price_is_that_of_the_model(moment: tuple[CampaignTerms, PriceBounds, int, int]) -> None:
    found = campaign_price(*moment)
    assert found.price_minor == by_model(*moment)
    assert type(found.price_minor) is int


@given(moments())
def test_no_bound_is_ever_passed(moment: tuple[CampaignTerms, PriceBounds, int, int]) -> None:
    terms, bounds, _, _ = moment
    found = campaign_price(*moment)
    assert found.price_minor >= bounds.min_minor
    assert bounds.max_minor is None or found.price_minor <= bounds.max_minor
    moved = abs(found.price_minor - bounds.starting_minor)
    if found.held_by in (None, "limit"):
        assert moved * 100 * PERCENT <= bounds.starting_minor * terms.limit_percent_micro
    else:
        assert found.price_minor == (bounds.min_minor if found.held_by == "min_price" else bounds.max_minor)


@given(moments())
def test_the_explanation_gives_the_price(moment: tuple[CampaignTerms, PriceBounds, int, int]) -> None:
    terms, bounds, hour, _ = moment
    found = campaign_price(*moment)
    coefficient, remaining = found.demand_coefficient, found.remaining_time
    if coefficient is None or remaining is None:
        assert hour == 0
        assert found.move_percent == 0
    elif found.is_ended:
        assert found.move_percent == 0
    else:
        sign = (coefficient > 1) - (coefficient < 1)
        assert found.move_percent == sign * Fraction(terms.limit_percent_micro, PERCENT) / remaining
    if found.held_by is None:
        exact = bounds.starting_minor * (1 + found.move_percent / 100)
        assert abs(found.price_minor - exact) <= Fraction(1, 2)


@given(moments(), st.integers(0, 10**9))
def test_more_sales_never_make_it_cheaper(moment: tuple[CampaignTerms, PriceBounds, int, int], more: int) -> None:
    terms, bounds, hour, sold = moment
    assert (
        campaign_price(terms, bounds, hour, sold).price_minor
        <= campaign_price(terms, bounds, hour, sold + more).price_minor
    )


@given(moments(), st.integers(0, 10**6))
def test_at_the_end_and_before_the_first_hour_it_is_the_starting_price(
    moment: tuple[CampaignTerms, PriceBounds, int, int], later: int
) -> None:
    terms, bounds, _, sold = moment
    most = bounds.starting_minor if bounds.max_minor is None else bounds.max_minor
    starting = max(bounds.min_minor, min(bounds.starting_minor, most))
    ended: CampaignPrice = campaign_price(terms, bounds, terms.duration_hours + later, sold)
    assert ended.price_minor == starting
    assert ended == campaign_price(terms, bounds, terms.duration_hours, sold)
    assert campaign_price(terms, bounds, 0, sold).price_minor == starting
