"""Elasticity: the line through logarithms, and when too little is known to draw one.

Source: docs/spec/analytics.md#elasticity.
"""

from __future__ import annotations

import math
import random

import pytest

from quote_service.steering.analytics.model.reports.elasticity import (
    DAYS_MIN,
    Fit,
    PricedDay,
    fit_elasticity,
    price_spread,
    student_quantile,
)

# Of the usual tables: 97.5 % by degrees of freedom.
TABLE = {
    1: 12.706,
    2: 4.3027,
    3: 3.1824,
    4: 2.7764,
    5: 2.5706,
    8: 2.3060,
    9: 2.2622,
    28: 2.0484,
    100: 1.9840,
    364: 1.9665,
}


@pytest.mark.parametrize(("freedom", "value"), TABLE.items())
def test_students_quantiles_are_those_of_the_tables(freedom: int, value: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(value, abs=1e-3)


def test_an_exact_law_is_found_exactly() -> None:
    days = [
        PricedDay(price, round(10**9 * price**-1.5)) for price in (80.0, 85.0, 90.0, 95.0, 100.0, 105.0) for _ in "ab"
    ]
    found = fit_elasticity(days)
    assert isinstance(found, Fit)
    assert found.elasticity == pytest.approx(-1.5, abs=1e-4)
    assert found.low <= found.elasticity <= found.high
    assert found.r_squared == pytest.approx(1, abs=1e-6)


def test_the_interval_is_that_of_least_squares() -> None:
    """Slope and standard error by the normal equations, another way than the module goes."""
    chance = random.Random(3)
    days = [PricedDay(chance.uniform(50, 150), chance.randint(20, 60)) for _ in range(40)]
    xs, ys = [math.log(day.price) for day in days], [math.log(day.units) for day in days]
    n, sx, sy = len(days), sum(xs), sum(ys)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    start = (sy - slope * sx) / n
    squares = sum((y - start - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    half = 2.0244 * math.sqrt(squares / (n - 2) * n / (n * sxx - sx * sx))
    found = fit_elasticity(days)
    assert isinstance(found, Fit)
    assert found.elasticity == pytest.approx(slope, rel=1e-9)
    assert [found.low, found.high] == pytest.approx([slope - half, slope + half], abs=1e-3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance, held, rounds = random.Random(7), 0, 400
    for _ in range(rounds):
        prices = [chance.uniform(80, 120) for _ in range(60)]
        days = [
            PricedDay(price, round(10**6 * (price / 100) ** -1.2 * math.exp(chance.gauss(0, 0.3)))) for price in prices
        ]
        found = fit_elasticity(days)
        assert isinstance(found, Fit)
        held += found.low <= -1.2 <= found.high
    # Of 95 %, with five standard errors to each side: the seed is fixed, and so is the count.
    assert 0.89 < held / rounds < 1


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ([], "too_few_days"),
        ([PricedDay(100 + day, 50) for day in range(DAYS_MIN - 1)], "too_few_days"),
        ([PricedDay(100 + day, 1) for day in range(20)], "too_few_units"),
        ([PricedDay(100, 10 + day) for day in range(20)], "price_hardly_varied"),
        ([PricedDay(100 + day / 11, 10 + day) for day in range(20)], "price_hardly_varied"),
        ([PricedDay(100 + day / 5, 1 + 400 * (day % 2)) for day in range(20)], "interval_too_wide"),
    ],
)
def test_too_little_to_show(days: list[PricedDay], reason: str) -> None:
    assert fit_elasticity(days) == reason


def test_how_far_prices_spread() -> None:
    assert price_spread([]) is None
    assert price_spread([PricedDay(100, 1), PricedDay(125, 1), PricedDay(110, 1)]) == pytest.approx(0.25)
