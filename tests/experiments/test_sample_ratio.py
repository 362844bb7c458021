"""Exposures by arm against their planned shares: scipy's likelihoods, the law of any time, small and lost shares.

Source: docs/spec/experiments.md#sample-ratio.
"""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, chisquare

from quote_service.rulebook.experiments.model.sample_ratio import MISMATCH_LEVEL, sample_ratio


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize(("control", "treatment"), [(5_000, 5_300), (900, 70), (46_000, 5_500)])
def test_the_p_value_is_one_by_the_ratio_of_likelihoods(control: int, treatment: int, share: float) -> None:
    customers = control + treatment
    log_e_value = float(betabinom.logpmf(treatment, customers, 100 * share, 100 * (1 - share)))
    log_e_value -= float(binom.logpmf(treatment, customers, share))
    found = sample_ratio((control, treatment), (1 - share, share))
    assert found.p_value == pytest.approx(math.exp(-max(log_e_value, 0.0)), rel=1e-7)
    assert found.mismatch == (found.p_value <= MISMATCH_LEVEL)


@given(exposures=st.lists(st.integers(0, 5_000), min_size=3, max_size=3))
def test_it_is_more_careful_than_a_chi_square_test_that_may_look_once(exposures: list[int]) -> None:
    expected = [sum(exposures) * weight / 100 for weight in (50, 30, 20)]
    assume(min(expected) >= 8)
    once = float(chisquare(exposures, expected).pvalue)
    # Further out the chi-square distribution is no good approximation.
    assert sample_ratio(exposures, (50, 30, 20)).p_value > once or once < 1e-6


def test_nothing_seen_or_as_planned_is_no_mismatch() -> None:
    assert sample_ratio((0, 0), (1, 1)).p_value == 1
    assert sample_ratio((70_000, 20_000, 10_000), (7, 2, 1)).p_value == 1


@pytest.mark.parametrize(
    ("exposures", "mismatch"),
    [((4_900, 5_100), False), ((29_400, 30_600), True), ((480, 520), False), ((600, 400), True), ((100, 0), True)],
)
def test_small_shifts_need_many_customers_and_a_lost_arm_few(exposures: tuple[int, int], mismatch: bool) -> None:
    assert sample_ratio(exposures, (1, 1)).mismatch is mismatch


def test_customers_who_fall_as_planned_are_hardly_ever_reported_whenever_one_looks() -> None:
    draws = np.random.default_rng(11).multinomial(100, (0.5, 0.5), size=(300, 200)).cumsum(axis=1)
    reported = sum(any(sample_ratio(look, (1, 1)).mismatch for look in run) for run in draws.tolist())
    assert reported <= 2
