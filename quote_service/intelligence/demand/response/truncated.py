"""A normal belief cut to bounds: its mean, its quantiles.

Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (1994), 13.10.
"""

from math import exp, pi, sqrt
from statistics import NormalDist

_STANDARD = NormalDist()
# Beyond this many deviations the normal tail has no digits left, and the belief stands at the bound.
_FAR = 8.0


def quantile_of(mean: float, deviation: float, low: float, high: float, share: float) -> float:
    """The value with `share` of the belief below it, of a normal cut to `low`..`high`. `share` lies between 0 and 1."""
    if deviation <= 0 or mean > high + _FAR * deviation or mean < low - _FAR * deviation:
        return min(max(mean, low), high)
    below, above = _STANDARD.cdf((low - mean) / deviation), _STANDARD.cdf((high - mean) / deviation)
    at = below + share * (above - below)
    if not 0 < at < 1:
        return low if at <= 0 else high
    return min(max(mean + deviation * _STANDARD.inv_cdf(at), low), high)


def mean_of(mean: float, deviation: float, low: float, high: float) -> float:
    """The mean of a normal cut to `low`..`high`."""
    if deviation <= 0 or mean > high + _FAR * deviation or mean < low - _FAR * deviation:
        return min(max(mean, low), high)
    a, b = (low - mean) / deviation, (high - mean) / deviation
    inside = _STANDARD.cdf(b) - _STANDARD.cdf(a)
    if inside <= 0:
        return min(max(mean, low), high)
    density = (exp(-a * a / 2) - exp(-b * b / 2)) / sqrt(2 * pi)
    return min(max(mean + deviation * density / inside, low), high)


def interval_of(mean: float, deviation: float, low: float, high: float, inside: float = 0.9) -> tuple[float, float]:
    """The middle part of the belief that holds `inside` of it."""
    outside = (1 - inside) / 2
    return (
        quantile_of(mean, deviation, low, high, outside),
        quantile_of(mean, deviation, low, high, 1 - outside),
    )
