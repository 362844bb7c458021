"""The service moves prices as a scenario does: the same sales give the same path.

Source: docs/spec/campaigns.md#the-price-at-an-hour; docs/spec/campaigns.md#prices-of-the-catalog.
"""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.pool import Database
from quote_service.shop.campaigns.model.campaign_price import campaign_price
from quote_service.shop.campaigns.model.catalog_prices import bounds_of
from quote_service.shop.campaigns.model.simulations import simulation_of
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds
from quote_service.shop.campaigns.scenario.outcomes import CampaignInfo, ProductInfo
from quote_service.shop.campaigns.scenario.shop import Shop
from quote_service.shop.catalog.model.prices import PriceDraft
from tests.campaigns.model import model_price
from tests.campaigns.running import Campaigns

TERMS = st.builds(
    CampaignTerms,
    st.integers(1, 50),
    st.integers(0, 100_000_000),
    st.integers(1, 500),
)


@given(
    terms=TERMS,
    start=st.integers(0, 10**7),
    bounds=st.tuples(st.integers(0, 10**7), st.none() | st.integers(0, 10**7)),
    hour=st.integers(0, 60),
    sold=st.integers(0, 1000),
    currency=st.sampled_from(["JPY", "TRY", "KWD", "CLF"]),
)
def test_a_price_of_the_catalog_is_the_price_in_minor_units(
    terms: CampaignTerms, start: int, bounds: tuple[int, int | None], hour: int, sold: int, currency: str
) -> None:
    lowest, highest = min(bounds[0], start), None if bounds[1] is None else max(bounds[1], start)
    exponent = EXPONENTS[currency]
    least, most = (None if each is None else Decimal(each).scaleb(-exponent) for each in (lowest, highest))
    assert least is not None
    catalog = bounds_of(Decimal(start).scaleb(-exponent), least, most, currency)
    assert catalog.step == 10 ** (6 - exponent)
    decided = campaign_price(terms, catalog, hour, sold)
    limit = Fraction(terms.limit_percent_micro, 10**6)
    t = min(hour, terms.duration_hours)
    expected = model_price(terms.duration_hours, limit, terms.target_sales_count, start, lowest, highest, t, sold)
    assert decided.price_minor == expected * 10 ** (6 - exponent)
    assert decided.held_by == campaign_price(terms, PriceBounds(start, lowest, highest), hour, sold).held_by


@given(
    terms=TERMS,
    start=st.integers(0, 10**9),
    slack=st.tuples(st.integers(0, 10**9), st.none() | st.integers(0, 10**9)),
    hour=st.integers(0, 60),
    sold=st.integers(0, 1000),
)
def test_a_price_of_any_digits_keeps_within_limit_and_bounds(
    terms: CampaignTerms, start: int, slack: tuple[int, int | None], hour: int, sold: int
) -> None:
    """In millionths, with bounds as fine as the catalog allows."""
    lowest = max(0, start - slack[0])
    highest = None if slack[1] is None else start + slack[1]
    numbers = [None if each is None else Decimal(each).scaleb(-6) for each in (start, lowest, highest)]
    assert numbers[0] is not None
    assert numbers[1] is not None
    bounds = bounds_of(numbers[0], numbers[1], numbers[2], "TRY")
    price = campaign_price(terms, bounds, hour, sold).price_minor
    assert lowest <= price
    assert highest is None or price <= highest
    limit = Fraction(terms.limit_percent_micro, 10**8)
    assert start * (1 - limit) <= price <= start * (1 + limit)
    if hour in (0, terms.duration_hours):
        assert price == start


@pytest.mark.parametrize("seed", range(4))
async def test_the_service_goes_the_way_of_a_scenario(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    campaigns, shop = Campaigns(database), Shop()
    minor, duration, target = chance.randint(100, 99_999), chance.randint(2, 30), chance.randint(1, 300)
    limit = chance.randint(0, 100_000_000)
    price = PriceDraft(currency="TRY", base_price=ExactNumber(Decimal(minor).scaleb(-2)))
    campaign = await campaigns.campaign(
        await campaigns.product(price),
        duration=duration,
        target_sales_count=target,
        price_manipulation_limit=Decimal(limit).scaleb(-6),
    )
    shop.create_product("P", minor, 10**9)
    shop.create_campaign("C", "P", duration, limit, target)
    hourly = []
    for hour in range(1, duration + 1):
        units = chance.choice([0, 0, 1, target // duration, target * 2 // duration])
        hourly.append(units)
        if units:
            order = shop.create_order("P", units)
            await campaigns.sell(campaign, hour - chance.uniform(0.001, 1), units, units * order.price_minor)
        shop.increase_time(1)
        if chance.random() < 0.7 or hour == duration:  # the others are missed
            await campaigns.tick(campaign, hour + chance.uniform(0, 0.9))
            shown = shop.get_product_info("P")
            assert isinstance(shown, ProductInfo)
            assert await campaigns.price(campaign) == Decimal(shown.price_minor).scaleb(-2)
    detail, messages = await campaigns.detail(campaign), shop.get_campaign_info("C")
    assert isinstance(messages, CampaignInfo)
    assert (detail.status, detail.total_sales) == (messages.status, messages.units)
    assert detail.turnover == Decimal(messages.turnover_minor).scaleb(-2)
    average = None if messages.average_minor is None else Decimal(messages.average_minor).scaleb(-2)
    assert detail.average_item_price == average
    # And so does a simulation.
    bounds = bounds_of(Decimal(minor).scaleb(-2), Decimal(0), None, "TRY")
    simulated = simulation_of(campaign.terms, bounds, hourly, "TRY")
    path = {point.hour: point for point in simulated.price_path}
    for point in detail.price_path:
        same = path[point.hour]
        assert (point.price, point.total_sales, point.demand_coefficient, point.held_by) == (
            same.price,
            same.total_sales,
            same.demand_coefficient,
            same.held_by,
        )
    assert (simulated.turnover, simulated.average_item_price) == (detail.turnover, detail.average_item_price)
