"""Half widths of confidence sequences: the mixtures that they come from, worked out by scipy.

Source: docs/decisions/experiment-statistics.md.
"""

import math

import pytest
from scipy.integrate import quad
from scipy.stats import norm

from quote_service.rulebook.experiments.model.confidence_sequence import (
    TUNED_FOR,
    one_sided_half_width,
    two_sided_half_width,
)

LEVELS = [0.05, 0.01, 0.05 / 7]
COUNTS = [200, 1_000, 5_000, 80_000, 2_000_000]


def mixture(count: int, mean: float, deviation: float, *, one_sided: bool) -> float:
    """The likelihood ratio of a mean of numbers with variance 1 against 0, over effects drawn from a (half-)normal law."""
    # The effects that matter lie about the mean itself, within a few deviations of it.
    low, high = mean - 12 / math.sqrt(count), mean + 12 / math.sqrt(count)
    if one_sided:
        low = max(low, 0.0)
    density = 2 if one_sided else 1
    found, _ = quad(
        lambda effect: (
            density * norm.pdf(effect, scale=deviation) * math.exp(count * (effect * mean - effect * effect / 2))
        ),
        low,
        high,
        limit=200,
    )
    return float(found)


def deviation_of_effects(both_sides: float) -> float:
    """The tuning of Waudby-Smith et al., written down once more."""
    return math.sqrt((-2 * math.log(both_sides) + math.log(1 - 2 * math.log(both_sides))) / TUNED_FOR)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", COUNTS)
def test_two_sided_it_is_where_the_mixture_reaches_the_level(count: int, level: float) -> None:
    half = two_sided_half_width(1 / count, count, level)
    found = mixture(count, half, deviation_of_effects(level), one_sided=False)
    assert found == pytest.approx(1 / level, rel=1e-6)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", COUNTS)
def test_one_sided_it_is_never_narrower_than_the_mixture_allows(count: int, level: float) -> None:
    half = one_sided_half_width(1 / count, count, level)
    found = mixture(count, half, deviation_of_effects(2 * level), one_sided=True)
    assert 1 / level <= found < 1.5 / level


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", COUNTS)
def test_looking_at_all_times_costs_width_and_one_side_saves_some(count: int, level: float) -> None:
    once = float(norm.isf(level)) / math.sqrt(count)
    assert once < one_sided_half_width(1 / count, count, level) < two_sided_half_width(1 / count, count, level)


def test_it_grows_with_the_deviation_and_is_nothing_without_one() -> None:
    assert one_sided_half_width(0.0, 1_000, 0.05) == 0
    assert one_sided_half_width(4.0, 1_000, 0.05) == pytest.approx(2 * one_sided_half_width(1.0, 1_000, 0.05))
