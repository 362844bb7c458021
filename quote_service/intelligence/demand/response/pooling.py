"""Elasticities lean on each other: a product on its category, a category on all.

A product with few prices says little by itself, and a wrong sign is nearly always noise. Each estimate is drawn towards the
mean of its category by as much as it is uncertain, compared with how much products of a category really differ.

Source: Gelman and Hill, Data Analysis Using Regression and Multilevel Models (2007), chapter 12; the spread by Paule and
Mandel (1982), as DerSimonian and Kacker (2007) give it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from quote_service.intelligence.demand.model import Elasticity, OwnEstimate
from quote_service.intelligence.demand.response.identification import doubts_about
from quote_service.intelligence.demand.response.truncated import interval_of, mean_of

# What is believed before any sale was seen: most consumer goods lie between -1 and -4 (Bijmolt, van Heerde and Pieters,
# 2005, 1851 estimates, mean -2.62).
PRIOR_MEAN, PRIOR_DEVIATION = -2.5, 1.0
# Demand that is less elastic has no best price, and more elastic is not seen for a shop's prices.
MOST_ELASTIC, LEAST_ELASTIC = -8.0, -1.05
# How much products of a category, and categories, differ when there are too few to say.
_USUAL_SPREAD, _USUAL_CATEGORY_SPREAD = 0.8, 0.5
_ENOUGH_TO_TELL = 5
# No estimate from sales is better than this, whatever its residuals say.
_BEST_ERROR = 0.02


@dataclass(frozen=True, slots=True)
class _Normal:
    mean: float
    variance: float


def pool_elasticities(estimates: Sequence[OwnEstimate]) -> list[Elasticity]:
    """Draw every estimate towards its category, and say how sure each is, in the order given."""
    reported = [_usable(estimate) for estimate in estimates]
    by_category: dict[str, list[_Normal]] = defaultdict(list)
    for estimate, own in zip(estimates, reported, strict=True):
        if own is not None:
            by_category[estimate.category].append(own)
    spread = _spread(list(by_category.values()), _USUAL_SPREAD)
    beliefs = _beliefs_about_categories(by_category, spread)
    everywhere = _overall(beliefs)
    return [
        _pooled(estimate, own, _expected(beliefs.get(estimate.category), everywhere, spread))
        for estimate, own in zip(estimates, reported, strict=True)
    ]


def _usable(estimate: OwnEstimate) -> _Normal | None:
    if estimate.elasticity is None or estimate.standard_error is None:
        return None
    return _Normal(estimate.elasticity, max(estimate.standard_error, _BEST_ERROR) ** 2)


def _beliefs_about_categories(by_category: dict[str, list[_Normal]], spread: float) -> dict[str, _Normal]:
    """The mean of each category after leaning on the mean of all."""
    means = {category: _weighted(own, spread) for category, own in by_category.items()}
    between = _spread([list(means.values())], _USUAL_CATEGORY_SPREAD)
    prior = _Normal(PRIOR_MEAN, PRIOR_DEVIATION**2)
    overall = _together(prior, _weighted(list(means.values()), between)) if means else prior
    around = _Normal(overall.mean, overall.variance + between**2)
    return {category: _together(around, mean) for category, mean in means.items()} | {"": around}


def _overall(beliefs: dict[str, _Normal]) -> _Normal:
    return beliefs[""]


def _expected(category: _Normal | None, everywhere: _Normal, spread: float) -> _Normal:
    believed = category or everywhere
    return _Normal(believed.mean, believed.variance + spread**2)


def _pooled(estimate: OwnEstimate, own: _Normal | None, expected: _Normal) -> Elasticity:
    known = expected if own is None else _together(expected, own)
    deviation = sqrt(known.variance)
    low, high = interval_of(known.mean, deviation, MOST_ELASTIC, LEAST_ELASTIC)
    return Elasticity(
        product=estimate.product,
        mean=mean_of(known.mean, deviation, MOST_ELASTIC, LEAST_ELASTIC),
        low=low,
        high=high,
        pooled_mean=known.mean,
        pooled_deviation=deviation,
        own_weight=0.0 if own is None else known.variance / own.variance,
        variation=estimate.variation,
        doubts=doubts_about(estimate, high - low),
    )


def _together(one: _Normal, other: _Normal) -> _Normal:
    variance = 1 / (1 / one.variance + 1 / other.variance)
    return _Normal(variance * (one.mean / one.variance + other.mean / other.variance), variance)


def _weighted(own: Sequence[_Normal], spread: float) -> _Normal:
    weights = [1 / (normal.variance + spread**2) for normal in own]
    return _Normal(sum(w * n.mean for w, n in zip(weights, own, strict=True)) / sum(weights), 1 / sum(weights))


def _spread(groups: Sequence[Sequence[_Normal]], usual: float) -> float:
    """How much members of a group really differ: what is left of their scatter when their errors are taken off."""
    freedom = sum(len(group) - 1 for group in groups if group)
    if freedom < _ENOUGH_TO_TELL - 1:
        return usual
    if _scatter(groups, 0.0) <= freedom:
        return 0.0
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _scatter(groups, middle) > freedom else (low, middle)
    return (low + high) / 2


def _scatter(groups: Sequence[Sequence[_Normal]], spread: float) -> float:
    total = 0.0
    for group in groups:
        mean = _weighted(group, spread).mean if group else 0.0
        total += sum((normal.mean - mean) ** 2 / (normal.variance + spread**2) for normal in group)
    return total
