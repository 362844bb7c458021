"""Differences of arms for a report: how wide their interval is, how often it is wrong, and what it says of nothing.

Source: docs/spec/experiments.md#differences.
"""

import numpy as np
import pytest
from scipy.stats import norm

from quote_service.rulebook.experiments.model.arm_figures import ArmFigures
from quote_service.rulebook.experiments.model.differences import difference
from tests.experiments.arms import rates, values


def test_it_is_the_difference_with_room_for_looking_often() -> None:
    """Against numpy's variances and the interval that scipy gives for a single look."""
    random = np.random.default_rng(21)
    before, after = (random.integers(0, 1_000, size) for size in (2_000, 2_100))
    control, treatment = (
        ArmFigures(exposures=len(each), events=len(each), total=int(each.sum()), squares=int((each * each).sum()))
        for each in (before, after)
    )
    found = difference("mean", control, treatment)
    assert found is not None
    assert found.estimate == pytest.approx(float(after.mean() - before.mean()))
    once = norm.isf(0.025) * (before.var(ddof=1) / 2_000 + after.var(ddof=1) / 2_100) ** 0.5
    assert found.high - found.estimate == pytest.approx(found.estimate - found.low)
    assert 1.2 < (found.high - found.estimate) / once < 1.7


def test_whoever_has_no_value_counts_as_nothing_in_a_mean_per_exposure() -> None:
    control = ArmFigures(exposures=1_000, events=100, total=50_000, squares=26_000_000)
    treatment = ArmFigures(exposures=1_000, events=200, total=90_000, squares=42_000_000)
    found = difference("mean_per_exposure", control, treatment)
    of_values = difference("mean", control, treatment)
    assert found is not None
    assert of_values is not None
    assert (found.estimate, of_values.estimate) == (40.0, -50.0)


def test_no_event_in_either_arm_is_no_certainty() -> None:
    found = difference("rate", ArmFigures(exposures=500, events=0), ArmFigures(exposures=500, events=0))
    assert found is not None
    assert found.estimate == 0
    assert found.high > 0.003
    few = difference("rate", ArmFigures(exposures=2, events=0), ArmFigures(exposures=2, events=2))
    assert few is not None
    assert (few.low, few.high) == (-1.0, 1.0)


@pytest.mark.parametrize("exposures", [0, 1])
def test_there_is_none_without_two_numbers_in_each_arm(exposures: int) -> None:
    few, many = ArmFigures(exposures=exposures, events=0), ArmFigures(exposures=500, events=5)
    assert difference("rate", few, many) is None
    assert difference("rate", many, few) is None


def test_there_is_none_of_figures_that_contradict_each_other() -> None:
    assert difference("rate", ArmFigures(exposures=500, events=501), ArmFigures(exposures=500, events=5)) is None


def test_the_true_difference_is_hardly_ever_outside_at_any_look() -> None:
    random, outside = np.random.default_rng(22), 0
    for _ in range(200):
        looks = list(rates(random, 100, 0.05, 0.06))[9:]
        found = [difference("rate", control, treatment) for control, treatment in looks]
        outside += any(each is not None and not each.low <= 0.01 <= each.high for each in found)
    assert outside <= 0.05 * 200


def test_so_it_is_with_means() -> None:
    random, outside = np.random.default_rng(23), 0
    for _ in range(200):
        looks = list(values(random, 100, lambda size: random.exponential(2_000, size), 1.1))[9:]
        found = [difference("mean", control, treatment) for control, treatment in looks]
        outside += any(each is not None and not each.low <= 200 <= each.high for each in found)
    assert outside <= 0.05 * 200
