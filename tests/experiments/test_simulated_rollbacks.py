"""How often guardrails roll back flags that do no harm, and flags that do, when looked at every 100 exposures.

All draws have fixed seeds. Source: docs/spec/experiments.md#what-it-achieves.
"""

from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.stats import binom

from quote_service.rulebook.experiments.model.decide_guardrail import FALSE_ROLLBACKS
from quote_service.rulebook.experiments.model.guardrail import Guardrail
from tests.experiments.arms import rates, rolled_back_at, values

ERRORS = Guardrail(metric="errors", direction="lower_is_better", measure="rate")
CONVERSION = Guardrail(metric="conversion", direction="higher_is_better", measure="rate")
LATENCY = Guardrail(metric="latency", direction="lower_is_better", measure="mean")
REVENUE = Guardrail(metric="revenue", direction="higher_is_better", measure="mean_per_exposure")


def times(random: Any) -> Any:
    return lambda size: random.exponential(200, size)


def prices(random: Any) -> Any:
    """Skewed as revenue is: most customers buy nothing, and a few much."""
    return lambda size: random.lognormal(8, 1, size) * (random.random(size) < 0.2)


@pytest.mark.parametrize(("rate", "seed"), [(0.01, 1), (0.001, 2)])
def test_errors_as_frequent_as_before_hardly_ever_roll_back(rate: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    wrong = sum(rolled_back_at(ERRORS, rates(random, 100, rate, rate)) is not None for _ in range(1_500))
    # Shown, and not only seen: were one flag in twenty rolled back, one of a thousand such tests would count so few.
    assert binom.cdf(wrong, 1_500, FALSE_ROLLBACKS) < 0.001


def test_errors_at_the_border_of_what_is_tolerated_hardly_ever_roll_back() -> None:
    random, half_more = np.random.default_rng(3), msgspec.structs.replace(ERRORS, max_regression=0.5)
    wrong = sum(rolled_back_at(half_more, rates(random, 150, 0.01, 0.015)) is not None for _ in range(200))
    assert wrong <= FALSE_ROLLBACKS * 200


def test_conversion_as_before_hardly_ever_rolls_back() -> None:
    random = np.random.default_rng(4)
    wrong = sum(rolled_back_at(CONVERSION, rates(random, 100, 0.05, 0.05)) is not None for _ in range(200))
    assert wrong <= FALSE_ROLLBACKS * 200


@pytest.mark.parametrize("guardrail", [LATENCY, REVENUE], ids=lambda guardrail: str(guardrail.metric))
def test_means_as_before_hardly_ever_roll_back(guardrail: Guardrail) -> None:
    random = np.random.default_rng(5)
    draw = times(random) if guardrail is LATENCY else prices(random)
    wrong = sum(rolled_back_at(guardrail, values(random, 150, draw)) is not None for _ in range(300))
    assert wrong <= FALSE_ROLLBACKS * 300


def test_four_guardrails_of_one_flag_together_hardly_ever_roll_back() -> None:
    random, wrong = np.random.default_rng(6), 0
    for _ in range(150):
        shown = [
            rolled_back_at(ERRORS, rates(random, 100, 0.02, 0.02), 4),
            rolled_back_at(CONVERSION, rates(random, 100, 0.05, 0.05), 4),
            rolled_back_at(LATENCY, values(random, 100, times(random)), 4),
            rolled_back_at(REVENUE, values(random, 100, prices(random)), 4),
        ]
        wrong += any(at is not None for at in shown)
    assert wrong <= FALSE_ROLLBACKS * 150


def test_errors_that_double_are_found_within_4_000_exposures_of_each_arm() -> None:
    random = np.random.default_rng(7)
    found = [rolled_back_at(ERRORS, rates(random, 80, 0.01, 0.02)) for _ in range(500)]
    times = sorted(at for at in found if at is not None)
    assert len(times) >= 0.8 * 500
    assert times[len(times) // 2] <= 2_000


def test_ten_times_the_errors_are_found_at_nearly_the_first_look_that_may_decide() -> None:
    random = np.random.default_rng(8)
    found = [rolled_back_at(ERRORS, rates(random, 80, 0.01, 0.1)) for _ in range(100)]
    assert all(at is not None and at <= 700 for at in found)


def test_less_conversion_and_longer_answers_are_found() -> None:
    random = np.random.default_rng(9)
    for _ in range(40):
        assert rolled_back_at(CONVERSION, rates(random, 200, 0.1, 0.07)) is not None
        assert rolled_back_at(LATENCY, values(random, 80, times(random), 1.3)) is not None


def test_fewer_errors_and_more_conversion_never_roll_back() -> None:
    random = np.random.default_rng(10)
    for _ in range(40):
        assert rolled_back_at(ERRORS, rates(random, 80, 0.02, 0.01)) is None
        assert rolled_back_at(CONVERSION, rates(random, 80, 0.05, 0.1)) is None
