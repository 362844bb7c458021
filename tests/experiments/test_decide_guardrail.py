"""What a guardrail decides: harm, no harm, and figures that do not suffice.

Source: docs/spec/experiments.md#decision.
"""

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.rulebook.experiments.model.arm_figures import ArmFigures
from quote_service.rulebook.experiments.model.confidence_sequence import one_sided_half_width
from quote_service.rulebook.experiments.model.decide_guardrail import decide_guardrail
from quote_service.rulebook.experiments.model.guardrail import Guardrail, GuardrailReason

ERRORS = Guardrail(metric="errors", direction="lower_is_better", measure="rate")
CONVERSION = Guardrail(metric="conversion", direction="higher_is_better", measure="rate")
LATENCY = Guardrail(metric="latency", direction="lower_is_better", measure="mean")
MARGIN = Guardrail(metric="margin", direction="higher_is_better", measure="mean")
REVENUE = Guardrail(metric="revenue", direction="higher_is_better", measure="mean_per_exposure")


def rate(events: int, exposures: int = 1_000) -> ArmFigures:
    return ArmFigures(exposures=exposures, events=events)


def spread(mean: int, events: int = 1_000, exposures: int = 1_000) -> ArmFigures:
    """Values that are half of the time 10 below the mean, and half 10 above it."""
    return ArmFigures(exposures=exposures, events=events, total=mean * events, squares=(mean * mean + 100) * events)


@pytest.mark.parametrize(
    ("guardrail", "control", "treatment", "reason"),
    [
        (ERRORS, rate(10), rate(40), "harm_shown"),
        (ERRORS, rate(0), rate(20), "harm_shown"),
        (ERRORS, rate(10), rate(12), "no_harm_shown"),
        (ERRORS, rate(40), rate(10), "no_harm_shown"),
        (ERRORS, rate(1, 499), rate(200, 500), "too_few_exposures"),
        (ERRORS, rate(1, 500), rate(200, 499), "too_few_exposures"),
        (ERRORS, rate(0), rate(9), "too_few_events"),
        (ERRORS, rate(0, 0), rate(0, 0), "too_few_exposures"),
        (ERRORS, rate(10), rate(400, 2_000), "sample_ratio_mismatch"),
        (ERRORS, rate(10), rate(1_001), "contradictory_figures"),
        (ERRORS, rate(-1), rate(40), "contradictory_figures"),
        (CONVERSION, rate(100), rate(40), "harm_shown"),
        (CONVERSION, rate(100), rate(95), "no_harm_shown"),
        (CONVERSION, rate(40), rate(100), "no_harm_shown"),
        (CONVERSION, rate(100), rate(0), "nothing_recorded"),
        (CONVERSION, rate(0), rate(100), "nothing_recorded"),
        (LATENCY, spread(100), spread(103), "harm_shown"),
        (LATENCY, spread(100), spread(101), "no_harm_shown"),
        (LATENCY, spread(103), spread(100), "no_harm_shown"),
        (LATENCY, spread(100, 400), spread(150), "too_few_events"),
        (LATENCY, spread(100, 0), spread(150), "nothing_recorded"),
        (LATENCY, spread(100), ArmFigures(exposures=1_000, events=10, total=99, squares=0), "contradictory_figures"),
        (LATENCY, spread(100), ArmFigures(exposures=1_000, events=0, total=0, squares=9), "contradictory_figures"),
        (MARGIN, spread(-100), spread(-103), "harm_shown"),
        (MARGIN, spread(100), spread(103), "no_harm_shown"),
        (REVENUE, spread(1_000, 300), spread(1_000, 150), "harm_shown"),
        (REVENUE, spread(1_000, 300), spread(1_000, 290), "no_harm_shown"),
        (REVENUE, spread(1_000, 300), spread(1_000, 0), "nothing_recorded"),
        (REVENUE, spread(1_000, 4), spread(1_000, 5), "too_few_events"),
    ],
)
def test_what_is_decided(
    guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures, reason: GuardrailReason
) -> None:
    verdict = decide_guardrail(guardrail, control, treatment)
    assert verdict.reason == reason
    assert verdict.rolls_back == (reason == "harm_shown")
    assert verdict.metric == guardrail.metric


@pytest.mark.parametrize(
    ("guardrail", "control", "treatment", "enough"),
    [
        (ERRORS, rate(10), rate(40), 2.0),
        (CONVERSION, rate(200), rate(100), 0.5),
        (LATENCY, spread(100), spread(103), 0.05),
        (MARGIN, spread(-100), spread(-103), 0.05),
        (MARGIN, spread(100), spread(97), 0.05),
    ],
)
def test_what_is_put_up_with_is_no_harm(
    guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures, enough: float
) -> None:
    assert decide_guardrail(guardrail, control, treatment).rolls_back
    lenient = msgspec.structs.replace(guardrail, max_regression=enough)
    verdict = decide_guardrail(lenient, control, treatment)
    assert verdict.reason == "no_harm_shown"
    assert verdict.control is not None
    worse = 1 if guardrail.direction == "lower_is_better" else -1
    assert verdict.tolerated == pytest.approx(verdict.control + worse * enough * abs(verdict.control))


def test_guardrails_share_the_level() -> None:
    alone = decide_guardrail(ERRORS, rate(10), rate(29))
    of_ten = decide_guardrail(ERRORS, rate(10), rate(29), guardrails=10)
    assert (alone.rolls_back, of_ten.rolls_back) == (True, False)
    assert alone.log_e_value == of_ten.log_e_value
    assert alone.log_e_value is not None
    assert -math.log(alone.level) <= alone.log_e_value < -math.log(of_ten.level)
    means = [decide_guardrail(LATENCY, spread(100), spread(102), guardrails=count).bound for count in (1, 10)]
    assert means[0] is not None
    assert means[1] is not None
    assert means[1] < means[0]


def test_a_smaller_arm_may_have_its_share_of_the_events() -> None:
    control, treatment = rate(90, 9_000), rate(12, 1_000)
    assert decide_guardrail(ERRORS, control, treatment, share=0.1).reason == "no_harm_shown"
    assert decide_guardrail(ERRORS, control, treatment).reason == "sample_ratio_mismatch"
    assert decide_guardrail(ERRORS, control, rate(40, 1_000), share=0.1).reason == "harm_shown"
    assert decide_guardrail(CONVERSION, rate(900, 9_000), rate(40, 1_000), share=0.1).reason == "harm_shown"


def test_more_events_of_even_more_customers_are_no_harm() -> None:
    """An excess of exposures that is not yet proven to be a mismatch."""
    verdict = decide_guardrail(ERRORS, rate(1_000, 1_000), rate(1_164, 1_165))
    assert verdict.log_e_value is not None
    assert verdict.log_e_value > -math.log(verdict.level)
    assert verdict.reason == "no_harm_shown"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("guardrail", [LATENCY, MARGIN], ids=lambda guardrail: str(guardrail.metric))
def test_the_bound_of_a_mean_counts_the_variance_of_what_is_tolerated(guardrail: Guardrail, sign: int) -> None:
    random = np.random.default_rng(31)
    before, after = (sign * random.integers(1, 1_000, size) for size in (600, 650))
    control, treatment = (
        ArmFigures(exposures=len(each), events=len(each), total=int(each.sum()), squares=int((each * each).sum()))
        for each in (before, after)
    )
    verdict = decide_guardrail(msgspec.structs.replace(guardrail, max_regression=0.2), control, treatment)
    worse = 1 if guardrail is LATENCY else -1
    # What 20 % more than a value above 0 is, is 20 % less of one below.
    limit = before * (1 + 0.2 * worse * sign)
    variance = after.var(ddof=1) / 650 + limit.var(ddof=1) / 600
    expected = worse * (after.mean() - limit.mean()) - one_sided_half_width(float(variance), 1_250, 0.05)
    assert verdict.bound == pytest.approx(float(expected), rel=1e-9)


def test_values_that_never_vary_are_compared_as_they_are() -> None:
    same = [ArmFigures(exposures=600, events=600, total=600 * each, squares=600 * each**2) for each in (100, 120)]
    assert decide_guardrail(LATENCY, same[0], same[1]).rolls_back
    assert not decide_guardrail(LATENCY, same[0], same[0]).rolls_back


def test_sums_of_large_amounts_lose_no_digits() -> None:
    """Amounts of 10^12 that differ by 3: in floating point their variance would be nothing but rounding."""
    control, treatment = spread(10**12), spread(10**12 + 3)
    verdict = decide_guardrail(LATENCY, control, treatment)
    small = decide_guardrail(LATENCY, spread(100), spread(103))
    assert verdict.bound == pytest.approx(small.bound, rel=1e-3)


COUNT = st.integers(-5, 3_000)


@given(
    guardrail=st.sampled_from([ERRORS, CONVERSION, LATENCY, MARGIN, REVENUE]),
    control=st.builds(ArmFigures, exposures=COUNT, events=COUNT, total=st.integers(), squares=st.integers()),
    treatment=st.builds(ArmFigures, exposures=COUNT, events=COUNT, total=st.integers(), squares=st.integers()),
)
def test_no_figures_are_refused_and_too_few_never_roll_back(
    guardrail: Guardrail, control: ArmFigures, treatment: ArmFigures
) -> None:
    verdict = decide_guardrail(guardrail, control, treatment)
    if verdict.rolls_back:
        assert min(control.exposures, treatment.exposures) >= guardrail.min_exposures
        assert control.events + treatment.events >= guardrail.min_events
        assert not control.contradictory()
        assert not treatment.contradictory()


@given(events=st.tuples(st.integers(1, 1_000), st.integers(1, 1_000)))
def test_two_arms_never_both_harm_each_other(events: tuple[int, int]) -> None:
    for guardrail in (ERRORS, CONVERSION):
        one, other = rate(events[0]), rate(events[1])
        there, back = decide_guardrail(guardrail, one, other), decide_guardrail(guardrail, other, one)
        assert not (there.rolls_back and back.rolls_back)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_regression", -0.1),
        ("max_regression", math.nan),
        ("max_regression", math.inf),
        ("max_regression", 1.0),
        ("min_exposures", 0),
        ("min_events", 0),
    ],
)
def test_bounds_that_make_no_sense_are_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        msgspec.structs.replace(CONVERSION, **{field: value})


def test_means_need_a_hundred_customers_and_rates_none_but_what_is_said() -> None:
    assert msgspec.structs.replace(ERRORS, min_exposures=1).min_exposures == 1
    with pytest.raises(ValueError, match="min_exposures must be 100"):
        msgspec.structs.replace(LATENCY, min_exposures=99)


def test_a_guardrail_is_decoded_with_its_bounds() -> None:
    given: dict[str, Any] = {"metric": "errors", "direction": "lower_is_better", "measure": "rate"}
    assert msgspec.convert(given, Guardrail) == ERRORS
    with pytest.raises(msgspec.ValidationError, match="max_regression"):
        msgspec.convert(given | {"max_regression": -1}, Guardrail)
