"""How units sold follow the price: a straight line through logarithms, day by day.

Statistics and no money: binary floats are good enough here, and figures are rounded to six decimals where they are shown.

Source: docs/spec/analytics.md#elasticity.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

DAYS_MIN: Final = 10
UNITS_MIN: Final = 30
#: The highest price is at least so much above the lowest, as a fraction of the lowest.
SPREAD_MIN: Final = 0.02
#: An interval wider than this says nothing of use.
WIDTH_MAX: Final = 6.0
CONFIDENCE: Final = 0.95

TooLittle = Literal["too_few_days", "too_few_units", "price_hardly_varied", "interval_too_wide"]


class PricedDay(NamedTuple):
    """A day with sales: the mean price of a unit, in any one measure, above 0; and units sold, above 0."""

    price: float
    units: int


class Fit(NamedTuple):
    """The line through the logarithms of price and units.

    Attributes:
        elasticity: Its slope: by how many percent units change when the price rises by one.
        low: Lower end of the interval that holds the slope with CONFIDENCE.
        high: Its upper end.
        r_squared: The share of the variation of units that the line explains.
    """

    elasticity: float
    low: float
    high: float
    r_squared: float


def price_spread(days: Sequence[PricedDay]) -> float | None:
    """How far the highest price is above the lowest, as a fraction of the lowest; None without a day."""
    if not days:
        return None
    prices = [day.price for day in days]
    return max(prices) / min(prices) - 1


def fit_elasticity(days: Sequence[PricedDay]) -> Fit | TooLittle:
    """The elasticity, or why too little is known to tell one."""
    if len(days) < DAYS_MIN:
        return "too_few_days"
    if sum(day.units for day in days) < UNITS_MIN:
        return "too_few_units"
    spread = price_spread(days)
    if spread is None or spread < SPREAD_MIN:
        return "price_hardly_varied"
    found = _fit(days)
    return "interval_too_wide" if found.high - found.low > WIDTH_MAX else found


def _fit(days: Sequence[PricedDay]) -> Fit:
    xs, ys = [math.log(day.price) for day in days], [math.log(day.units) for day in days]
    count = len(days)
    mean_x, mean_y = math.fsum(xs) / count, math.fsum(ys) / count
    xx = math.fsum((x - mean_x) ** 2 for x in xs)
    xy = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    yy = math.fsum((y - mean_y) ** 2 for y in ys)
    slope = xy / xx
    left = math.fsum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(xs, ys, strict=True))
    half = student_quantile((1 + CONFIDENCE) / 2, count - 2) * math.sqrt(left / (count - 2) / xx)
    return Fit(slope, slope - half, slope + half, 1 - left / yy if yy else 1.0)


def student_quantile(probability: float, freedom: int) -> float:
    """The value that Student's t with so many degrees of freedom stays below with a probability from 0.5 to 1."""
    low, high = 0.0, 1.0
    while _student_below(high, freedom) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if _student_below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _student_below(value: float, freedom: int) -> float:
    """P(T < value), by the closed sums for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(value / math.sqrt(freedom))
    cosine_squared, sine = math.cos(angle) ** 2, math.sin(angle)
    even = freedom % 2 == 0
    term = total = 1.0
    for step in range(2 if even else 3, freedom - 1, 2):
        term *= cosine_squared * (step - 1) / step
        total += term
    if even:
        return (1 + sine * total) / 2
    return 0.5 + (angle + (sine * math.cos(angle) * total if freedom > 1 else 0.0)) / math.pi
