"""By how much an arm differs from the control, with an interval that holds however often it is looked at.

Source: docs/spec/experiments.md#differences.
"""

import math

import msgspec

from quote_service.pricing.flags.guardrails import Measure
from quote_service.rulebook.experiments.model.arm_figures import ArmFigures, sample_of
from quote_service.rulebook.experiments.model.confidence_sequence import two_sided_half_width


class Difference(msgspec.Struct, frozen=True):
    """Treatment less control, in the metric's unit, and the interval that the true difference lies in."""

    estimate: float
    """The difference as it was observed."""
    low: float
    """The lowest value that the true difference may have."""
    high: float
    """The highest value that the true difference may have."""


def difference(
    measure: Measure, control: ArmFigures, treatment: ArmFigures, *, level: float = 0.05
) -> Difference | None:
    """The difference of two arms; the interval is wrong at any look with a probability of about `level`, over all looks.

    Returns:
        None where an arm has fewer than two numbers or figures that contradict each other.
    """
    if control.contradictory() or treatment.contradictory():
        return None
    before, after = sample_of(control, measure), sample_of(treatment, measure)
    if before is None or after is None:
        return None
    estimate = after.mean - before.mean
    variance = before.variance_of_mean + after.variance_of_mean
    half = two_sided_half_width(variance, before.count + after.count, level)
    # A rate differs by no more than all customers.
    widest = 1.0 if measure == "rate" else math.inf
    return Difference(estimate, max(estimate - half, -widest), min(estimate + half, widest))
