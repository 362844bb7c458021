"""What must not get worse for the customers who get a flag, and what was found of it.

Source: docs/spec/experiments.md#guardrails.
"""

import math
from typing import Literal

import msgspec

from quote_service.pricing.flags.guardrails import Direction, FlagGuardrail, Measure

GuardrailReason = Literal[
    "harm_shown",
    "no_harm_shown",
    "contradictory_figures",
    "too_few_exposures",
    "too_few_events",
    "nothing_recorded",
    "sample_ratio_mismatch",
]


class Guardrail(msgspec.Struct, frozen=True, kw_only=True):
    """A metric, which side of it is harm, and how much of that is put up with.

    `max_regression` is a share of the control's value: 0.1 puts up with errors of 2.2 % where the control has 2 %.
    `min_exposures` counts customers of each arm, and for a `mean` those with a value; `min_events` counts the customers of
    both arms together for whom anything was recorded.

    Raises:
        ValueError: A bound makes no sense; decoding reports it as a validation error.
    """

    metric: str
    direction: Direction
    measure: Measure
    max_regression: float = 0.0
    min_exposures: int = 500
    min_events: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.max_regression < math.inf:
            raise ValueError("max_regression must be 0 or more")
        if self.direction == "higher_is_better" and self.max_regression >= 1:
            raise ValueError(
                "max_regression must be below 1 where higher is better: nothing falls by more than all of it"
            )
        # Rates are exact from the first customer on; with fewer values than that, the variance of a mean is a guess.
        fewest = 1 if self.measure == "rate" else 100
        if self.min_exposures < fewest:
            raise ValueError(f"min_exposures must be {fewest} or more for this measure")
        if self.min_events < 1:
            raise ValueError("min_events must be 1 or more")

    @classmethod
    def of_flag(cls, written: FlagGuardrail) -> "Guardrail":
        """What an admin wrote, as it is decided by."""
        return cls(
            metric=written.metric,
            direction=written.direction,
            measure=written.measured_by,
            max_regression=float(written.max_regression),
            min_exposures=written.min_exposures,
            min_events=written.min_events,
        )


class GuardrailVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a guardrail finds at one look, with the figures that it rests on.

    `level` is the chance that this guardrail ever shows harm where there is none. `control` and `treatment` are the rate or
    mean of each arm, None without anything to divide by; `tolerated` is what the treatment may have. One of the last two
    is there once there was enough to decide on: of rates `log_e_value`, which shows harm from ln(1 / level) on; of means
    `bound`, by how much at least the treatment is worse than tolerated, which shows harm above 0.
    """

    metric: str
    reason: GuardrailReason
    level: float
    control: float | None = None
    treatment: float | None = None
    tolerated: float | None = None
    log_e_value: float | None = None
    bound: float | None = None

    @property
    def rolls_back(self) -> bool:
        """Whether the flag is to be taken back; for any other reason it is left as it is."""
        return self.reason == "harm_shown"
