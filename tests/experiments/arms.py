"""Arms of simulated customers, and how often a guardrail rolls back when it is looked at every 100 exposures."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from quote_service.rulebook.experiments.model.arm_figures import ArmFigures
from quote_service.rulebook.experiments.model.decide_guardrail import decide_guardrail
from quote_service.rulebook.experiments.model.guardrail import Guardrail

PER_LOOK = 100


def rates(random: Any, looks: int, control: float, treatment: float) -> Iterator[tuple[ArmFigures, ArmFigures]]:
    """Both arms at each look; customers fall into one by chance, and have an event by chance."""
    treated = random.binomial(PER_LOOK, 0.5, looks)
    events = (random.binomial(PER_LOOK - treated, control), random.binomial(treated, treatment))
    arms = [
        [ArmFigures(exposures=seen, events=had) for seen, had in zip(exposed, counted, strict=True)]
        for exposed, counted in zip(
            ((PER_LOOK - treated).cumsum().tolist(), treated.cumsum().tolist()),
            (counts.cumsum().tolist() for counts in events),
            strict=True,
        )
    ]
    return zip(*arms, strict=True)


def values(random: Any, looks: int, draw: Any, times: float = 1.0) -> Iterator[tuple[ArmFigures, ArmFigures]]:
    """Both arms at each look, where every customer has a whole-numbered value; those of the treatment are `times` as large."""
    treated = random.random((looks, PER_LOOK)) < 0.5
    drawn = draw((looks, PER_LOOK))
    drawn = np.rint(np.where(treated, drawn * times, drawn)).astype(np.int64)
    arms = []
    for inside in (~treated, treated):
        mine = drawn * inside
        counts, sums, squares = (part.sum(axis=1).cumsum().tolist() for part in (inside, mine, mine * mine))
        arms.append(
            [
                ArmFigures(exposures=count, events=count, total=total, squares=square)
                for count, total, square in zip(counts, sums, squares, strict=True)
            ]
        )
    return zip(*arms, strict=True)


def rolled_back_at(
    guardrail: Guardrail, looks: Iterator[tuple[ArmFigures, ArmFigures]], guardrails: int = 1
) -> int | None:
    """The exposures of the treatment at the look that rolls it back; None if none does."""
    for control, treatment in looks:
        if decide_guardrail(guardrail, control, treatment, guardrails=guardrails).rolls_back:
            return treatment.exposures
    return None
