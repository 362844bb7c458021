"""What came of a flag: who was shown which arm, how they differ, and what its guardrails find.

Source: docs/spec/web.md#flags.
"""

from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.rendering.intervals_chart import intervals
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.subjects.subject import may_write, subject_for

_FLAGS = "/api/v1/feature-flags"
_AREA = "flags"
_LOWER_IS_BETTER = frozenset({"error", "timeout", "slow", "latency_ms"})
_HIGHER_IS_BETTER = frozenset({"conversion", "revenue"})


@get("/admin/{area:str}/{object_id:str}/experiment", opt={"page": FOR_STAFF})
async def show_experiment(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The experiment of the flag, or of one of its versions."""
    page = page_of(request)
    if area != _AREA:
        raise NotFoundException
    subject = subject_for(page, area)
    flag = (await page.api.get(f"{_FLAGS}/{object_id}"))["data"]
    version = request.query_params.get("version", "")
    answer = page.api.require(
        await page.api.call("GET", f"{_FLAGS}/{flag['key']}/experiment", query={"version": version})
    )
    report = answer.data
    return page.show(
        "flags/experiment.html",
        flag=flag,
        report=report,
        metrics=[_metric(metric, report["guardrails"]) for metric in report["metrics"]],
        version=version,
        may_change=may_write(page, subject),
    )


def _metric(metric: dict[str, Any], guardrails: list[dict[str, Any]]) -> dict[str, Any]:
    lower_is_better = _is_lower_better(metric["metric"], guardrails)
    drawn = intervals([arm["difference"] for arm in metric["arms"]])
    arms = []
    for arm, interval in zip(metric["arms"], drawn, strict=True):
        is_better = None
        if interval is not None and interval.side and lower_is_better is not None:
            is_better = (interval.side == "below") == lower_is_better
        arms.append({**arm, "interval": interval, "is_better": is_better})
    return {**metric, "arms": arms}


def _is_lower_better(metric: str, guardrails: list[dict[str, Any]]) -> bool | None:
    """Which values are better, as a guardrail says or as the metric is known; None for what nobody has said it of."""
    said = next((each["direction"] for each in guardrails if each["metric"] == metric), None)
    if said is not None:
        return bool(said == "lower_is_better")
    name = metric.partition(".")[0]
    return True if name in _LOWER_IS_BETTER else False if name in _HIGHER_IS_BETTER else None
