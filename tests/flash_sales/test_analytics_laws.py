"""What holds of the figures whatever was counted, and one sale worked out by hand.

Source: docs/spec/flash-sales.md#analytics.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.renamed import without_former_names
from quote_service.selling.flash_sales.analytics.analyze_sale import analyze_sale
from quote_service.selling.flash_sales.analytics.local_periods import day_starts, hour_starts
from quote_service.selling.flash_sales.analytics.price_elasticity import (
    UNITS_WANTED,
    Point,
    Sold,
    arc_elasticity,
    compare,
)
from quote_service.selling.flash_sales.model.analytics import ProductAnalytics, SaleAnalytics
from quote_service.selling.flash_sales.model.counted import (
    Count,
    CountedBuyers,
    CountedPeak,
    CountedProduct,
    CountedSale,
    Peaks,
    SoldBefore,
)
from quote_service.selling.flash_sales.routes.analytics_examples import ANALYTICS

HOUR_US = 3600 * 10**6
START = datetime(2026, 11, 27, 9, tzinfo=UTC)
ZONES = ["UTC", "Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"]

units = st.integers(min_value=UNITS_WANTED, max_value=10**6)
prices = st.integers(min_value=0, max_value=10**12)
periods = st.integers(min_value=1, max_value=10**13)
sold = st.builds(lambda many, price, period: Sold(many, many * price, period), units, prices, periods)
counts = st.builds(
    lambda purchases, each, price: Count(purchases, purchases * each, purchases * each * price),
    st.integers(0, 1000),
    st.integers(1, 9),
    st.integers(0, 10**9),
)


def a_product(**fields: object) -> CountedProduct:
    plain = CountedProduct(
        product_id=uuid4(),
        currency="TRY",
        allocated=100,
        views=0,
        outcomes={},
        buyers=CountedBuyers(),
        days={},
        peaks=Peaks(),
        earlier_sales=SoldBefore(),
        accepted_quotes=SoldBefore(),
    )
    return msgspec.structs.replace(plain, **fields)


def a_sale(*products: CountedProduct, **fields: object) -> CountedSale:
    plain = CountedSale(
        sale_id=uuid4(),
        state="ended",
        starts_at=START,
        on_sale_until=START + timedelta(hours=2),
        at=START + timedelta(hours=9),
        timezone="UTC",
        days=[],
        customers=0,
        peaks=Peaks(),
        products=list(products),
    )
    return msgspec.structs.replace(plain, **fields)


def test_the_example_of_the_documentation() -> None:
    peaks = Peaks(CountedPeak(START, 9, 12), CountedPeak(START, 45, 61))
    bought = Count(60, 80, 12_000_00)
    product = a_product(
        product_id=UUID(ANALYTICS["products"][0]["product_id"]),
        views=800,
        outcomes={
            "confirmed": bought,
            "reserved": Count(1, 2, 300_00),
            "expired": Count(2, 2, 300_00),
            "cancelled": Count(1, 1, 150_00),
        },
        buyers=CountedBuyers(58, START, START + timedelta(minutes=100)),
        days={0: bought},
        peaks=peaks,
        accepted_quotes=SoldBefore(Count(70, 84, 16_800_00), START - timedelta(days=6, hours=20)),
    )
    sale = a_sale(
        product,
        sale_id=UUID(ANALYTICS["flash_sale_id"]),
        timezone="Europe/Istanbul",
        days=[datetime(2026, 11, 26, 21, tzinfo=UTC)],
        customers=58,
        peaks=peaks,
    )
    reported = write_document(analyze_sale(sale, ZoneInfo("Europe/Istanbul")))
    # Digits count: 12000.00 is not 12000.
    exact = json.loads(reported, parse_float=str, parse_int=str)
    assert without_former_names(exact) == json.loads(write_document(ANALYTICS), parse_float=str, parse_int=str)


def test_a_sale_without_anything_says_why() -> None:
    reported = analyze_sale(a_sale(a_product(), state="scheduled", on_sale_until=None), ZoneInfo("UTC"))
    [product], [currency] = reported.products, reported.currencies
    assert product.missing == {
        "conversion_rate": "no_views",
        "revenue_share": "no_revenue",
        "average_order": "no_purchases",
        "average_price": "no_purchases",
        "peak_minute": "no_purchases",
        "peak_hour": "no_purchases",
        "sold_out_at": "units_left",
        "time_to_sell_out_seconds": "units_left",
    }
    assert (product.purchases, product.units, str(product.revenue), str(product.sell_through)) == (0, 0, "0.00", "0")
    assert (reported.hours_on_sale, product.price_elasticity.not_enough_data) == (None, "not_on_sale")
    assert product.price_elasticity.comparison.sale is None
    assert str(product.price_elasticity.comparison.before.hours) == "168"
    assert currency.price_elasticity.not_enough_data == "not_on_sale"


@pytest.mark.parametrize(
    ("allocated", "outcomes", "reason"),
    [
        (0, {}, "nothing_allocated"),
        (10, {"confirmed": Count(9, 9, 9)}, "units_left"),
        (10, {"confirmed": Count(9, 9, 9), "cancelled": Count(1, 1, 1)}, "units_left"),
        (10, {"confirmed": Count(9, 9, 9), "reserved": Count(1, 1, 1)}, "units_reserved"),
    ],
)
def test_what_is_not_sold_out_says_why(allocated: int, outcomes: dict[str, Count], reason: str) -> None:
    buyers = CountedBuyers(9, START, START)
    reported = analyze_sale(a_sale(a_product(allocated=allocated, outcomes=outcomes, buyers=buyers)), ZoneInfo("UTC"))
    for figures in (reported, reported.products[0]):
        assert (figures.sold_out_at, figures.time_to_sell_out_seconds) == (None, None)
        assert figures.missing["time_to_sell_out_seconds"] == reason


def test_a_sale_is_sold_out_with_its_last_product() -> None:
    def gone(seconds: float) -> CountedProduct:
        last = START + timedelta(seconds=seconds)
        return a_product(outcomes={"confirmed": Count(60, 100, 1)}, buyers=CountedBuyers(60, START, last))

    reported = analyze_sale(a_sale(gone(12.5), gone(90), a_product(allocated=0)), ZoneInfo("UTC"))
    assert [str(product.time_to_sell_out_seconds) for product in reported.products] == ["12.5", "90", "None"]
    assert str(reported.time_to_sell_out_seconds) == "90"
    # By a clock that is behind, the last unit went before the sale began.
    assert str(analyze_sale(a_sale(gone(-1)), ZoneInfo("UTC")).time_to_sell_out_seconds) == "0"


def test_demand_is_measured_until_there_is_nothing_left() -> None:
    before = SoldBefore(Count(1, 48, 4800), START - timedelta(hours=30))
    bought = {"confirmed": Count(60, 100, 5000)}
    buyers = CountedBuyers(60, START, START + timedelta(minutes=30))
    [product] = analyze_sale(
        a_sale(a_product(outcomes=bought, buyers=buyers, earlier_sales=before)), ZoneInfo("UTC")
    ).products
    compared = product.price_elasticity.comparison
    assert compared.sale is not None
    assert (str(compared.sale.hours), str(compared.sale.units_per_hour)) == ("0.5", "200")
    assert (str(compared.before.hours), str(compared.before.units_per_hour)) == ("48", "1")
    # 199/201 over -50/150: units rise by 1.98, the price falls by 2/3 of its middle.
    assert str(product.price_elasticity.value) == "-2.970149"


@pytest.mark.parametrize(
    ("in_sale", "before", "reason"),
    [
        (None, Sold(10, 100, 1), "not_on_sale"),
        (Sold(10, 100, 1), Sold(0, 0, 1), "no_units_before"),
        (Sold(0, 0, 1), Sold(10, 100, 1), "too_few_units_in_sale"),
        (Sold(9, 90, 1), Sold(10, 110, 1), "too_few_units_in_sale"),
        (Sold(10, 90, 1), Sold(9, 100, 1), "too_few_units_before"),
        (Sold(10, 100, 1), Sold(20, 200, 1), "same_price"),
        (Sold(10, 0, 1), Sold(20, 0, 1), "same_price"),
    ],
)
def test_too_little_to_show(in_sale: Sold | None, before: Sold, reason: str) -> None:
    assert compare([(in_sale, before)])[:2] == (None, reason)


@given(sold, sold)
def test_elasticity_does_not_depend_on_the_order(one: Sold, other: Sold) -> None:
    there, back = compare([(one, other)]), compare([(other, one)])
    assert (there.value, there.not_enough_data) == (back.value, back.not_enough_data)


@given(sold, sold)
def test_elasticity_is_negative_where_the_cheaper_sells_faster(one: Sold, other: Sold) -> None:
    arc = compare([(one, other)])
    if one.average_price == other.average_price:
        assert arc.not_enough_data == "same_price"
        return
    assert arc.value is not None
    cheaper, dearer = sorted((one, other), key=lambda side: side.average_price)
    assert (arc.value < 0) == (cheaper.units_per_hour > dearer.units_per_hour)
    assert (arc.value == 0) == (cheaper.units_per_hour == dearer.units_per_hour)


@given(sold, sold, st.integers(2, 1000))
def test_elasticity_knows_no_unit_of_money_or_time(one: Sold, other: Sold, scale: int) -> None:
    scaled = [Sold(side.units, side.amount_minor * scale, side.period_us * scale) for side in (one, other)]
    assert compare([(scaled[0], scaled[1])]).value == compare([(one, other)]).value


@given(st.fractions(min_value=0, max_value=10**6).filter(bool), st.fractions(min_value=-3, max_value=3))
def test_a_demand_curve_of_constant_slope_is_found_again(price: Fraction, elasticity: Fraction) -> None:
    # Units whose relative change about the middle is elasticity times that of the price.
    change = Fraction(1, 10)
    low, high = (
        Point(1, 1 - elasticity * change, price * (1 - change)),
        Point(1, 1 + elasticity * change, price * (1 + change)),
    )
    assert arc_elasticity(low, high) == elasticity


@given(st.lists(st.tuples(sold, sold), min_size=1, max_size=4))
def test_several_products_at_the_ratio_of_one_are_as_elastic_as_it(sides: list[tuple[Sold, Sold]]) -> None:
    (first, before), *_ = sides
    alike = [
        (
            Sold(first.units * by, first.amount_minor * by * by, first.period_us),
            before._replace(units=before.units * by, amount_minor=before.amount_minor * by * by),
        )
        for by in range(1, len(sides) + 1)
    ]
    assert compare(alike).value == compare([(first, before)]).value


products = st.builds(
    lambda confirmed, reserved, rejected, currency, views, day: a_product(
        currency=currency,
        allocated=confirmed.units + reserved.units + views,
        views=views,
        outcomes={"confirmed": confirmed, "reserved": reserved, "rejected": rejected},
        buyers=CountedBuyers(confirmed.purchases, START, START),
        days={day: confirmed} if confirmed.purchases else {},
    ),
    counts,
    counts,
    counts,
    st.sampled_from(["TRY", "JPY", "KWD"]),
    st.integers(0, 10**6),
    st.integers(0, 2),
)


@given(st.lists(products, min_size=1, max_size=6))
def test_products_add_up_to_their_currency_and_shares_are_shares(made: list[CountedProduct]) -> None:
    days = [datetime(2026, 11, 27 + place, tzinfo=UTC) for place in range(3)]
    reported = analyze_sale(a_sale(*made, days=days), ZoneInfo("UTC"))
    assert sorted(each.currency for each in reported.currencies) == sorted({each.currency for each in made})
    for currency in reported.currencies:
        own = [each for each in reported.products if each.currency == currency.currency]
        assert currency.products == len(own)
        assert currency.revenue == sum(each.revenue for each in own)
        assert (currency.purchases, currency.units) == (sum(e.purchases for e in own), sum(e.units for e in own))
        for status in ("confirmed", "reserved", "rejected", "expired", "cancelled"):
            whole = getattr(currency.outcomes, status)
            parts = [getattr(each.outcomes, status) for each in own]
            assert whole.amount == sum(part.amount for part in parts)
            assert whole.purchases == sum(part.purchases for part in parts)
        assert sum(day.revenue for day in currency.revenue_per_day) == currency.revenue
        shares = [each.revenue_share for each in own if each.revenue_share is not None]
        assert len(shares) == (0 if currency.revenue == 0 else len(own))
        if shares:
            assert abs(sum(shares, Decimal(0)) - 1) <= Decimal("0.000001") * len(shares)
            assert all(0 <= share <= 1 for share in shares)
    assert reported.units == sum(each.units for each in reported.products)
    everything: list[SaleAnalytics | ProductAnalytics] = [reported, *reported.products]
    for figures in everything:
        assert figures.sell_through is None or 0 <= figures.sell_through <= 1
        assert (figures.conversion_rate is None) == (figures.views == 0 or figures.purchases > figures.views)
        assert figures.conversion_rate is None or 0 <= figures.conversion_rate <= 1


@given(
    st.sampled_from(ZONES),
    st.integers(0, 2 * 365 * 86400).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.integers(0, 72 * 60),
)
def test_days_and_hours_begin_when_the_clock_says_so(name: str, first: datetime, minutes: int) -> None:
    zone, last = ZoneInfo(name), first + timedelta(minutes=minutes)

    def day(instant: datetime) -> object:
        return instant.astimezone(zone).date()

    def hour(instant: datetime) -> object:
        local = instant.astimezone(zone)
        return local.date(), local.hour, local.utcoffset()

    for starts, of in ((day_starts(zone, first, last), day), (hour_starts(zone, first, last), hour)):
        assert starts == sorted(set(starts))
        assert starts[0] <= first
        assert starts[-1] <= last
        # Each begins at its start and not a moment earlier, and no other lies between.
        for start, following in zip(starts, [*starts[1:], last + timedelta(microseconds=1)], strict=True):
            assert of(start) != of(start - timedelta(microseconds=1))
            assert of(start) == of(following - timedelta(microseconds=1))
        assert of(starts[0]) == of(first)


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-10-04", 24),
    ],
)
def test_days_on_which_clocks_move(name: str, day: str, hours: int) -> None:
    zone = ZoneInfo(name)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone).astimezone(UTC)
    begin, end = day_starts(zone, noon, noon + timedelta(days=1))
    assert len(hour_starts(zone, begin, end - timedelta(seconds=1))) == hours
