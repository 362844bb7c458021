"""The routes of experiments: what came of a flag, and what other programs report.

Source: docs/spec/experiments.md#report; docs/spec/experiments.md#reported-metrics.
"""

from typing import Annotated

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS, granted
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.local_times import TimeZoneName, read_zone
from quote_service.platform.settings import Settings
from quote_service.pricing.flags.guardrails import MetricName
from quote_service.rulebook.experiments.model.history import ExperimentHistory, Grain
from quote_service.rulebook.experiments.model.report import ExperimentReport
from quote_service.rulebook.experiments.model.reported_metrics import MetricReceipt, ReportedMetrics
from quote_service.rulebook.experiments.operations.record_metrics import record_metrics
from quote_service.rulebook.experiments.operations.show_experiment import show_experiment
from quote_service.rulebook.experiments.operations.show_history import show_history
from quote_service.rulebook.experiments.routes.examples import HISTORY, RECEIPT, REPORT, REPORTED


class ExperimentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which experiment of a flag to show."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)] | None = None
    """The experiment of this version of the flag; by default the latest one."""


class HistoryQuery(ExperimentQuery, frozen=True, kw_only=True):
    """What of an experiment to tell over time."""

    metric: MetricName
    """The metric, as the experiment names it."""
    interval: Grain = "day"
    """How far apart points are: `hour` (the last 7 days) or `day` (the last 366 days)."""
    time_zone: TimeZoneName | None = None
    """IANA time zone of the hours and days; by default `QUOTE_TIME_ZONE`."""


@get("/feature-flags/{key:str}/experiment", access=FLAG_READERS, example=REPORT, message="Experiment")
async def show_flag_experiment(connection: Reading, key: FromPath[str], query: ExperimentQuery) -> ExperimentReport:
    """Get the experiment of a feature flag.

    Per arm exposures and outcomes, differences from the control with intervals that hold at every look, and what each
    guardrail finds. Figures are seconds old.
    """
    return await show_experiment(connection, key, query.version)


@get(
    "/feature-flags/{key:str}/experiment/history", access=FLAG_READERS, example=HISTORY, message="Experiment over time"
)
async def show_experiment_history(
    connection: Reading, key: FromPath[str], query: HistoryQuery, settings: Settings
) -> ExperimentHistory:
    """Get a metric of an experiment over time.

    The figures of each arm as they stood at the end of each hour or day, with the difference from the control and its
    interval. Figures count from the beginning of the experiment. The last point is at most a minute old.
    """
    zone = read_zone(query.time_zone, settings.time_zone)
    return await show_history(connection, key, query.version, query.metric, query.interval, zone.key)


@post(
    "/telemetry/metrics",
    status_code=202,
    access=granted(scopes=("telemetry:write",)),
    body_example=REPORTED,
    example=RECEIPT,
    message="Metrics accepted",
    tag="Feature flags",
)
async def report_metrics(change: WritingChange, data: ReportedMetrics) -> MetricReceipt:
    """Report outcomes of customers.

    Each counts for the experiments that its customer is in. Accepted quotes and purchases report `conversion` and
    `revenue` by themselves. All outcomes are accepted, or none.
    """
    return await record_metrics(change, data)


experiments = Router("/api/v1", route_handlers=[show_flag_experiment, show_experiment_history, report_metrics])
