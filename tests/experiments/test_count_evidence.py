"""The e-value of counts: scipy's integral, the law that lets one look at it at any time, and rare and frequent events.

Source: docs/decisions/experiment-statistics.md.
"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc, betaln

from quote_service.rulebook.experiments.model.count_evidence import log_excess_evidence

COUNTS = st.integers(0, 400)
SHARES = st.floats(0.05, 0.95)
TOLERANCES = st.floats(0.25, 4)


def boundary(share: float, tolerance: float) -> float:
    return tolerance * share / (tolerance * share + 1 - share)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.9])
@pytest.mark.parametrize("tolerance", [1.0, 1.2, 0.5])
@pytest.mark.parametrize(
    ("more", "fewer"),
    [(0, 0), (1, 0), (0, 1), (80, 40), (40, 80), (500, 500), (7, 0), (0, 30)],
)
def test_it_is_the_integral_over_all_larger_shares(more: int, fewer: int, share: float, tolerance: float) -> None:
    found = log_excess_evidence(more, fewer, share=share, tolerance=tolerance)
    assert found == pytest.approx(by_scipy(more, fewer, share, tolerance), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("more", "fewer"), [(10_400, 10_000), (10_000, 10_400), (300_000, 300_000)])
def test_it_is_so_of_many_events_too(more: int, fewer: int) -> None:
    found = log_excess_evidence(more, fewer, share=0.5, tolerance=1.0)
    assert found == pytest.approx(by_scipy(more, fewer, 0.5, 1.0), abs=1e-7)


def by_scipy(more: int, fewer: int, share: float, tolerance: float) -> float:
    p = boundary(share, tolerance)
    above = float(betainc(fewer + 1, more + 1, 1 - p))
    return float(betaln(more + 1, fewer + 1)) + math.log(above) - more * math.log(p) - (fewer + 1) * math.log1p(-p)


@given(more=COUNTS, fewer=COUNTS, share=SHARES, tolerance=TOLERANCES)
def test_what_the_next_event_is_expected_to_change_is_nothing(
    more: int, fewer: int, share: float, tolerance: float
) -> None:
    """The martingale law at the border of what is tolerated; where events are rarer still, evidence falls."""
    p = boundary(share, tolerance)
    now = log_excess_evidence(more, fewer, share=share, tolerance=tolerance)
    one_more = math.exp(log_excess_evidence(more + 1, fewer, share=share, tolerance=tolerance) - now)
    one_fewer = math.exp(log_excess_evidence(more, fewer + 1, share=share, tolerance=tolerance) - now)
    assert p * one_more + (1 - p) * one_fewer == pytest.approx(1, abs=1e-9)
    assert p / 2 * one_more + (1 - p / 2) * one_fewer <= 1


@given(more=COUNTS, fewer=COUNTS, share=SHARES)
def test_more_tolerance_leaves_less_evidence_where_there_is_any(more: int, fewer: int, share: float) -> None:
    strict, lenient = (log_excess_evidence(more, fewer, share=share, tolerance=by) for by in (1.0, 1.5))
    assert lenient <= max(strict, 0.0) + 1e-9


def test_without_events_there_is_no_evidence() -> None:
    assert log_excess_evidence(0, 0, share=0.5, tolerance=1.0) == 0


def test_millions_of_events_are_no_trouble() -> None:
    assert log_excess_evidence(10_000_000, 10_000_000, share=0.5, tolerance=1.0) < 0
    assert log_excess_evidence(10_100_000, 10_000_000, share=0.5, tolerance=1.0) > 100
    assert math.isfinite(log_excess_evidence(10_000_000, 0, share=0.5, tolerance=1.0))
    assert math.isfinite(log_excess_evidence(0, 10_000_000, share=0.5, tolerance=1.0))
