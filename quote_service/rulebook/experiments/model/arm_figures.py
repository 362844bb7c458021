"""What is known of one arm: how many customers it was shown to, and what came of it, as counts and sums.

Source: docs/spec/experiments.md#figures-of-an-arm.
"""

import msgspec

from quote_service.pricing.flags.guardrails import Measure


class ArmFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and sums of one metric in one arm since the flag's version began; whole numbers, so that sums are exact.

    A customer counts once: `exposures` at the first evaluation, `events` where anything was recorded. `total` and
    `squares` are the sum of the customers' values and of their squares, in the metric's smallest unit; a rate needs neither.
    """

    exposures: int
    events: int
    total: int = 0
    squares: int = 0

    def contradictory(self) -> bool:
        """Whether no customers at all could have these figures, as where only a part of them has arrived."""
        return (
            not 0 <= self.events <= self.exposures
            or (self.events == 0 and self.squares != 0)
            or self.total * self.total > self.squares * self.events
        )


class Sample(msgspec.Struct, frozen=True):
    """Numbers whose mean is looked at: how many, their mean, and the variance of that mean."""

    count: int
    mean: float
    variance_of_mean: float


def sample_of(arm: ArmFigures, measure: Measure) -> Sample | None:
    """What a measure looks at; None for fewer than two numbers, whose variance nobody knows.

    The variance of a rate is taken at (events + 1) / (exposures + 2): no error among 500 customers is no proof that there
    are none. Sums are subtracted as whole numbers, so large values lose no digits.
    """
    count = arm.events if measure == "mean" else arm.exposures
    if count < 2:
        return None
    if measure == "rate":
        smoothed = (arm.events + 1) / (arm.exposures + 2)
        return Sample(count, arm.events / count, smoothed * (1 - smoothed) / count)
    spread = count * arm.squares - arm.total * arm.total
    return Sample(count, arm.total / count, spread / (count * count * (count - 1)))
