"""What is told of an experiment over time.

Source: docs/spec/experiments.md#over-time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.pricing.flags.guardrails import Measure
from quote_service.rulebook.experiments.model.experiment import Experiment, Sums
from quote_service.rulebook.experiments.model.report import MetricArm, measures_of, report_metric
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord

Grain = Literal["hour", "day"]


class Note(NamedTuple):
    """The figures of one metric as they were at an instant: by arm, without what is 0."""

    at: datetime
    exposures: dict[str, int]
    sums: dict[tuple[str, str], Sums]


class HistoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The experiment as it stood at one moment; figures are of all that had happened by then."""

    at: datetime
    """When the figures were noted: the last time within the hour or day."""
    exposures: list[int]
    """Customers of each arm, in the order of `arms`."""
    arms: list[MetricArm]
    """By arm, the control first."""


class MeasureHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over time, compared in one way."""

    measure: Measure
    """How it is compared: `rate` events / exposures, `mean` of customers' means, `mean_per_exposure` sum / exposures."""
    points: list[HistoryPoint]
    """In the order of time; an hour or day in which no background process ran is missing."""


class ExperimentHistory(msgspec.Struct, frozen=True, kw_only=True):
    """How one metric of an experiment came about."""

    key: str
    """The flag's key."""
    flag_id: UUID
    """The flag."""
    version: int | None
    """The version of the flag that is told of; null if nobody has been exposed to any."""
    stage: int | None
    """The stage of its ramp, from 0."""
    began_at: Annotated[datetime | None, Renamed("started_at")]
    """When the first customer was exposed."""
    ended_at: datetime | None
    """When another version or stage took its place, or the flag was switched off; null while it runs."""
    metric: str
    """The metric."""
    interval: Grain
    """How far apart points are: `hour` or `day`."""
    time_zone: str
    """IANA time zone of hours and days."""
    measures: list[MeasureHistory]
    """By the measures that the report compares the metric by."""


def history_of_metric(
    flag: FlagRecord, experiment: Experiment | None, metric: str, grain: Grain, zone: str, notes: Sequence[Note]
) -> ExperimentHistory:
    """Put together what is told of a metric over time; nothing before the first note."""
    measures = []
    if experiment is not None:
        moments = [(note, experiment._replace(exposures=note.exposures, sums=note.sums)) for note in notes]
        measures = [
            MeasureHistory(
                measure=measure,
                points=[
                    HistoryPoint(
                        at=note.at,
                        exposures=[note.exposures.get(arm, 0) for arm, _ in then.arms],
                        arms=report_metric(then, metric, measure).arms,
                    )
                    for note, then in moments
                ],
            )
            for measure in measures_of(experiment, metric)
        ]
    return ExperimentHistory(
        key=flag.key,
        flag_id=flag.id,
        version=None if experiment is None else experiment.version,
        stage=None if experiment is None else experiment.stage,
        began_at=None if experiment is None else experiment.began_at,
        ended_at=None if experiment is None else experiment.ended_at,
        metric=metric,
        interval=grain,
        time_zone=zone,
        measures=measures,
    )
