"""Simulated price paths: the same function, hour by hour.

Source: docs/spec/campaigns.md#simulation.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.shop.campaigns.model.campaign_price import campaign_price
from quote_service.shop.campaigns.model.price_path import simulate_price_path
from quote_service.shop.campaigns.model.sales import CampaignSales
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds
from tests.campaigns.test_campaign_price import PERCENT, TERMS, bounds_drawn, by_model, terms_drawn

sales_drawn = st.lists(st.integers(0, 30) | st.integers(0, 10**6), max_size=30)


def test_a_path_by_hand() -> None:
    path = simulate_price_path(TERMS, PriceBounds(10_000), [50, 5, 0, 0, 0, 0, 30, 30, 0, 0])
    prices = [each.price.price_minor for each in path.hours]
    assert prices == [10_000, 10_200, 10_400, 10_600, 10_800, 11_000, 8_800, 11_400, 11_600, 11_800, 10_000]
    assert [each.units for each in path.hours] == [50, 5, 0, 0, 0, 0, 30, 30, 0, 0, 0]
    assert path.sales == CampaignSales(115, 50 * 10_000 + 5 * 10_200 + 30 * 8_800 + 30 * 11_400)
    assert path.sales.average_minor == 10_061  # 1157000 / 115 = 10060.87
    assert path.hours[-1].price.is_ended


def test_without_sales_there_is_no_average() -> None:
    assert simulate_price_path(TERMS, PriceBounds(10_000), []).sales.average_minor is None


@pytest.mark.parametrize("hourly", [[0] * 11, [-1], [1, 2, -3]])
def test_sales_that_cannot_be_are_refused(hourly: list[int]) -> None:
    with pytest.raises(ValueError, match=r"lasts 10 hours|less than nothing"):
        simulate_price_path(TERMS, PriceBounds(10_000), hourly)


@given(terms_drawn, bounds_drawn(), sales_drawn)
def test_each_hour_depends_on_the_sales_before_it_alone(
    terms: CampaignTerms, bounds: PriceBounds, hourly: list[int]
) -> None:
    hourly = hourly[: terms.duration_hours]
    path = simulate_price_path(terms, bounds, hourly)
    assert len(path.hours) == len(hourly) + 1
    for hour, each in enumerate(path.hours):
        assert each.price.price_minor == by_model(terms, bounds, hour, sum(hourly[:hour]))
    assert path.sales.units == sum(hourly)
    assert path.sales.turnover_minor == sum(each.units * each.price.price_minor for each in path.hours)


@given(terms_drawn, bounds_drawn(), sales_drawn)
def test_it_does_not_compound(terms: CampaignTerms, bounds: PriceBounds, hourly: list[int]) -> None:
    """The same sales in another order lead to the same price: what it was on the way does not count."""
    hourly = hourly[: terms.duration_hours]
    last = simulate_price_path(terms, bounds, hourly).hours[-1].price
    assert simulate_price_path(terms, bounds, sorted(hourly)).hours[-1].price == last
    assert campaign_price(terms, bounds, len(hourly), sum(hourly)) == last


@given(st.integers(1, 10**6), st.integers(1, 3), sales_drawn)
def test_a_currency_of_any_exponent_is_whole_units(yen: int, exponent: int, hourly: list[int]) -> None:
    """Percentages that come out even in yen are as even in cents and mills."""
    terms = CampaignTerms(100, 10 * PERCENT, 50)
    scale = 10**exponent
    of_yen = simulate_price_path(terms, PriceBounds(yen * 1000), hourly)
    of_parts = simulate_price_path(terms, PriceBounds(yen * 1000 * scale), hourly)
    assert [each.price.price_minor * scale for each in of_yen.hours] == [
        each.price.price_minor for each in of_parts.hours
    ]
