"""Prices that go by steps of more than one unit: the same price in a finer unit.

Source: docs/spec/campaigns.md#prices-of-the-catalog.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.shop.campaigns.model.campaign_price import campaign_price
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds

TERMS = st.builds(CampaignTerms, st.integers(1, 50), st.integers(0, 100_000_000), st.integers(1, 500))


@given(
    terms=TERMS,
    starting=st.integers(0, 10**6),
    bounds=st.tuples(st.integers(0, 10**6), st.none() | st.integers(0, 10**6)),
    hour=st.integers(0, 60),
    sold=st.integers(0, 1000),
    step=st.integers(1, 10_000),
)
def test_a_finer_unit_makes_no_other_price(
    terms: CampaignTerms, starting: int, bounds: tuple[int, int | None], hour: int, sold: int, step: int
) -> None:
    lowest, highest = bounds[0], None if bounds[1] is None else bounds[0] + bounds[1]
    coarse = campaign_price(terms, PriceBounds(starting, lowest, highest), hour, sold)
    finer = PriceBounds(starting * step, lowest * step, None if highest is None else highest * step, step)
    fine = campaign_price(terms, finer, hour, sold)
    assert fine.price_minor == coarse.price_minor * step
    assert fine.held_by == coarse.held_by


@pytest.mark.parametrize(("starting", "step"), [(101, 2), (100, 0), (100, -1)])
def test_a_starting_price_is_a_step(starting: int, step: int) -> None:
    with pytest.raises(ValueError, match="between two steps"):
        PriceBounds(starting, step=step)
