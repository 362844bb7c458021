"""The routes of experiments: what came of a flag, and what other programs report.

Source: docs/spec/experiments.md#report; docs/spec/experiments.md#reported-metrics.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS, granted
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.answers import JSON, one_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
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
    """How far apart points are: `hour` (the last 7 days) or `day` (the last 366 days), in UTC."""


@get(
    "/feature-flags/{key:str}/experiment",
    opt={
        "access": FLAG_READERS,
        "described": Described(
            answer=ExperimentReport, answer_example=REPORT, message="Experiment", query=ExperimentQuery
        ),
    },
)
async def show_flag_experiment(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
    """Get the experiment of a feature flag.

    Per arm exposures and outcomes, differences from the control with intervals that hold at every look, and what each
    guardrail finds. Figures are seconds old.
    """
    asked = read_filters(request.scope["query_string"], ExperimentQuery)
    async with parts_of(request)[Database].read() as connection:
        report = await show_experiment(connection, key, asked.version)
    return one_answer(report, "Experiment")


@get(
    "/feature-flags/{key:str}/experiment/history",
    opt={
        "access": FLAG_READERS,
        "described": Described(
            answer=ExperimentHistory, answer_example=HISTORY, message="Experiment over time", query=HistoryQuery
        ),
    },
)
async def show_experiment_history(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
    """Get a metric of an experiment over time.

    The figures of each arm as they stood at the end of each hour or day, with the difference from the control and its
    interval. Figures count from the beginning of the experiment. The last point is at most a minute old.
    """
    asked = read_filters(request.scope["query_string"], HistoryQuery)
    async with parts_of(request)[Database].read() as connection:
        history = await show_history(connection, key, asked.version, asked.metric, asked.interval)
    return one_answer(history, "Experiment over time")


@post(
    "/telemetry/metrics",
    status_code=202,
    opt={
        "access": granted(scopes=("telemetry:write",)),
        "described": Described(
            body=ReportedMetrics,
            body_example=REPORTED,
            answer=MetricReceipt,
            answer_example=RECEIPT,
            message="Metrics accepted",
            tag="Feature flags",
        ),
    },
)
async def report_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Report outcomes of customers.

    Each counts for the experiments that its customer is in. Accepted quotes and purchases report `conversion` and
    `revenue` by themselves. All outcomes are accepted, or none.
    """
    report = read_document(await request.body(), ReportedMetrics)
    async with parts_of(request)[Database].transaction() as connection:
        receipt = await record_metrics(connection, change_of(request), report)
    return Response(envelope(receipt, "Metrics accepted"), status_code=202, media_type=JSON)


experiments = Router("/api/v1", route_handlers=[show_flag_experiment, show_experiment_history, report_metrics])
