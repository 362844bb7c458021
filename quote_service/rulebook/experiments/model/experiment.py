"""An experiment as it is decided on and shown: its arms, and what is known of them.

Source: docs/spec/experiments.md#figures-of-an-arm; docs/spec/experiments.md#decision.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.pricing.flags.guardrails import FlagGuardrail, Measure
from quote_service.pricing.flags.watched_flag import Arms
from quote_service.rulebook.experiments.model.arm_figures import ArmFigures
from quote_service.rulebook.experiments.model.decide_guardrail import decide_guardrail
from quote_service.rulebook.experiments.model.guardrail import Guardrail, GuardrailVerdict
from quote_service.rulebook.experiments.model.observations import ONE


class Sums(NamedTuple):
    """Of one metric in one arm: customers with an outcome, and sums over what each has in all, and over each one's mean."""

    events: int
    totals: int
    squares_of_totals: int
    means: int
    squares_of_means: int


class Experiment(NamedTuple):
    """A stage of a version of a flag; `sums` by arm and metric, `exposures` by arm, both without what is 0."""

    id: int
    flag_id: UUID
    version: int
    stage: int
    arms: Arms
    began_at: datetime
    ended_at: datetime | None
    guardrails: list[FlagGuardrail]
    exposures: dict[str, int]
    sums: dict[tuple[str, str], Sums]

    @property
    def control(self) -> str:
        """The arm that the others are compared with."""
        return self.arms[0][0]

    @property
    def metrics(self) -> list[str]:
        """What something is known of, or guarded."""
        known = {metric for _, metric in self.sums}
        return sorted(known | {guardrail.metric for guardrail in self.guardrails})

    def figures(self, arm: str, metric: str, measure: Measure) -> ArmFigures:
        """The figures of an arm, in millionths; each customer's mean where means are compared, else what each has in all."""
        exposures, sums = self.exposures.get(arm, 0), self.sums.get((arm, metric))
        if sums is None:
            return ArmFigures(exposures=exposures, events=0)
        total, squares = (
            (sums.means, sums.squares_of_means) if measure == "mean" else (sums.totals, sums.squares_of_totals)
        )
        return ArmFigures(exposures=exposures, events=sums.events, total=total, squares=squares)


class Judgement(NamedTuple):
    """What a guardrail finds of one arm."""

    arm: str
    guardrail: Guardrail
    verdict: GuardrailVerdict


def judge_experiment(experiment: Experiment) -> Iterator[Judgement]:
    """Judge every arm but the control by every guardrail; values are in the metric's own unit.

    All of them share the level, so that the whole experiment wrongly shows harm in at most 5 %.
    """
    control, control_weight = experiment.arms[0]
    judged = len(experiment.guardrails) * (len(experiment.arms) - 1)
    for arm, weight in experiment.arms[1:]:
        for written in experiment.guardrails:
            guardrail = Guardrail.of_flag(written)
            before = experiment.figures(control, guardrail.metric, guardrail.measure)
            after = experiment.figures(arm, guardrail.metric, guardrail.measure)
            share = weight / (weight + control_weight)
            verdict = decide_guardrail(guardrail, before, after, guardrails=judged, share=share)
            yield Judgement(arm, guardrail, _in_units(verdict, guardrail.measure))


def _in_units(verdict: GuardrailVerdict, measure: Measure) -> GuardrailVerdict:
    if measure == "rate":
        return verdict
    return msgspec.structs.replace(
        verdict,
        control=in_units(verdict.control),
        treatment=in_units(verdict.treatment),
        tolerated=in_units(verdict.tolerated),
        bound=in_units(verdict.bound),
    )


def in_units(millionths: float | None) -> float | None:
    """A mean in the metric's own unit."""
    return None if millionths is None else millionths / ONE
