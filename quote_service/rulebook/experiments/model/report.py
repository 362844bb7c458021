"""What is told of the experiment of a flag.

Source: docs/spec/experiments.md#report.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.pricing.flags.flag import FlagState
from quote_service.pricing.flags.guardrails import Direction, Measure, usual_measure
from quote_service.rulebook.experiments.model.arm_figures import sample_of
from quote_service.rulebook.experiments.model.differences import Difference, difference
from quote_service.rulebook.experiments.model.experiment import Experiment, judge_experiment
from quote_service.rulebook.experiments.model.guardrail import GuardrailReason
from quote_service.rulebook.experiments.model.observations import ONE
from quote_service.rulebook.experiments.model.sample_ratio import SampleRatio, sample_ratio
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, FlagRollback


class ArmReport(msgspec.Struct, frozen=True, kw_only=True):
    """An arm, and who was shown it."""

    arm: str
    """The variant, or `on` and `off`."""
    is_control: bool
    """Whether the other arms are compared with this one."""
    planned_share: float
    """The share of this arm among the customers of all arms, as planned."""
    exposures: int
    """Customers who were shown it."""


class MetricArm(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a metric in one arm."""

    arm: str
    """The arm."""
    events: int
    """Customers with an outcome."""
    value: float | None
    """The rate or mean; null while there are fewer than two numbers."""
    difference: Difference | None
    """This arm less the control, with an interval that holds at every look; null for the control, and without enough figures."""


class MetricReport(msgspec.Struct, frozen=True, kw_only=True):
    """A metric, compared in one way."""

    metric: str
    """Its name."""
    measure: Measure
    """How it is compared: `rate` events / exposures, `mean` of customers' means, `mean_per_exposure` sum / exposures."""
    arms: list[MetricArm]
    """By arm, the control first."""


class GuardrailReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a guardrail finds of an arm."""

    arm: str
    """The arm that is judged."""
    metric: str
    """The guardrail's metric."""
    measure: Measure
    """How it is compared."""
    direction: Direction
    """Which values are better."""
    reason: GuardrailReason
    """What is found; only `harm_shown` rolls back."""
    level: float
    """The chance that this guardrail ever shows harm where there is none."""
    control: float | None
    """The control's rate or mean."""
    treatment: float | None
    """The arm's rate or mean."""
    tolerated: float | None
    """What the arm may have."""
    log_e_value: float | None
    """Of rates: harm is shown from ln(1 / `level`) on."""
    bound: float | None
    """Of means: by how much the arm is at least worse than tolerated; harm is shown above 0."""


class ExperimentReport(msgspec.Struct, frozen=True, kw_only=True):
    """The latest experiment of a flag, or of one of its versions."""

    key: str
    """The flag's key."""
    flag_id: UUID
    """The flag."""
    state: Annotated[FlagState, Renamed("status")]
    """`ROLLED_BACK` while the flag is off because it did harm."""
    version: int | None
    """The version of the flag that is told of; null if nobody has been exposed to any."""
    stage: int | None
    """The stage of its ramp, from 0."""
    began_at: Annotated[datetime | None, Renamed("started_at")]
    """When the first customer was exposed."""
    ended_at: datetime | None
    """When another version or stage took its place, or the flag was switched off; null while it runs."""
    arms: list[ArmReport]
    """The arms, the control first."""
    sample_ratio: SampleRatio | None
    """Whether the arms have the sizes that were planned; null without exposures."""
    metrics: list[MetricReport]
    """What came of it, by metric. Amounts are told by currency."""
    guardrails: list[GuardrailReport]
    """What each guardrail finds of each arm but the control."""
    rollback: FlagRollback | None
    """What showed harm, while the flag is rolled back for it."""


def report_experiment(flag: FlagRecord, experiment: Experiment | None) -> ExperimentReport:
    """Put together what is told of a flag's experiment."""
    if experiment is None:
        return ExperimentReport(
            key=flag.key,
            flag_id=flag.id,
            state=flag.state,
            version=None,
            stage=None,
            began_at=None,
            ended_at=None,
            arms=[],
            sample_ratio=None,
            metrics=[],
            guardrails=[],
            rollback=flag.rollback,
        )
    exposures = [experiment.exposures.get(arm, 0) for arm, _ in experiment.arms]
    weights = [weight for _, weight in experiment.arms]
    return ExperimentReport(
        key=flag.key,
        flag_id=flag.id,
        state=flag.state,
        version=experiment.version,
        stage=experiment.stage,
        began_at=experiment.began_at,
        ended_at=experiment.ended_at,
        arms=[
            ArmReport(arm=arm, is_control=place == 0, planned_share=weight / sum(weights), exposures=exposures[place])
            for place, (arm, weight) in enumerate(experiment.arms)
        ],
        sample_ratio=sample_ratio(exposures, weights) if sum(exposures) else None,
        metrics=[
            report_metric(experiment, metric, measure)
            for metric in experiment.metrics
            for measure in measures_of(experiment, metric)
        ],
        guardrails=_judgements(experiment),
        rollback=flag.rollback,
    )


def measures_of(experiment: Experiment, metric: str) -> list[Measure]:
    """How a metric is compared: as its guardrails say, and as is usual for it."""
    guarded = {guardrail.measured_by for guardrail in experiment.guardrails if guardrail.metric == metric}
    usual = usual_measure(metric)
    if usual is not None:
        return sorted(guarded | {usual})
    return sorted(guarded) or ["mean_per_exposure", "rate"]


def report_metric(experiment: Experiment, metric: str, measure: Measure) -> MetricReport:
    """What is told of one metric by one measure."""
    control = experiment.figures(experiment.control, metric, measure)
    unit = 1 if measure == "rate" else ONE
    arms = []
    for arm, _ in experiment.arms:
        figures = experiment.figures(arm, metric, measure)
        sample = sample_of(figures, measure)
        found = None if arm == experiment.control else difference(measure, control, figures)
        arms.append(
            MetricArm(
                arm=arm,
                events=figures.events,
                value=None if sample is None else sample.mean / unit,
                difference=found and Difference(found.estimate / unit, found.low / unit, found.high / unit),
            )
        )
    return MetricReport(metric=metric, measure=measure, arms=arms)


def _judgements(experiment: Experiment) -> list[GuardrailReport]:
    return [
        GuardrailReport(
            arm=judged.arm,
            metric=judged.guardrail.metric,
            measure=judged.guardrail.measure,
            direction=judged.guardrail.direction,
            reason=judged.verdict.reason,
            level=judged.verdict.level,
            control=judged.verdict.control,
            treatment=judged.verdict.treatment,
            tolerated=judged.verdict.tolerated,
            log_e_value=judged.verdict.log_e_value,
            bound=judged.verdict.bound,
        )
        for judged in judge_experiment(experiment)
    ]
