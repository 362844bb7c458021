"""What came of a flag: who was shown which arm, how they differ, and what its guardrails find.

Source: docs/spec/web.md#flags.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.rendering.differences_chart import DifferencesChart, differences_charts
from quote_service.web.rendering.intervals_chart import intervals
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, clock_of, page_of
from quote_service.web.routes.subjects.subject import may_write, subject_for

_FLAGS = "/api/v1/feature-flags"
_AREA = "flags"
_LOWER_IS_BETTER = frozenset({"error", "timeout", "slow", "latency_ms"})
_HIGHER_IS_BETTER = frozenset({"conversion", "revenue"})
# Before that there are few days to draw, and all its hours are kept.
_DRAWN_BY_HOUR = timedelta(days=4)


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
    over_time = await _over_time(page, report)
    return page.show(
        "flags/experiment.html",
        flag=flag,
        report=report,
        metrics=[
            {
                **_metric(metric, report["guardrails"]),
                "over_time": over_time.get((metric["metric"], metric["measure"]), []),
            }
            for metric in report["metrics"]
        ],
        version=version,
        may_change=may_write(page, subject),
    )


async def _over_time(page: Page, report: dict[str, Any]) -> dict[tuple[str, str], list[DifferencesChart]]:
    """The drawings of each metric by each measure; a report is shown without them where they cannot be had."""
    names = sorted({metric["metric"] for metric in report["metrics"]})
    if not names:
        return {}
    is_recent = datetime.now(UTC) - datetime.fromisoformat(report["started_at"]) < _DRAWN_BY_HOUR
    asked = {"version": str(report["version"]), "interval": "hour" if is_recent else "day", **clock_of(page)}
    path = f"{_FLAGS}/{report['key']}/experiment/history"
    found = await asyncio.gather(*(page.api.find(path, {**asked, "metric": name}) for name in names))
    return {
        (history["metric"], measured["measure"]): differences_charts(measured)
        for history in found
        if history is not None
        for measured in history["measures"]
    }


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
