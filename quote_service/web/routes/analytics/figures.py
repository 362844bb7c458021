"""What was quoted, sold and earned: the reports of the analytics, as tables and charts.

Source: docs/spec/web.md#analytics.
"""

from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.model.periods import periods_of, present
from quote_service.web.rendering.columns_chart import columns_chart
from quote_service.web.routes.analytics.keys import keys_of_report, names_by_id
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of, with_zone

_PATH = "/api/v1/analytics"
_REPORTS = {"pricing": "Pricing", "commission": "Commission", "flags": "Flags", "honoured": "Honoured prices"}
_GROUPS = ("day", "hour", "weekday", "region", "category", "seller", "product", "rule", "flag", "tier")
_FILTERS = ("from", "to", "currency", "group_by")


@get("/admin/analytics", opt={"page": FOR_STAFF})
async def show_figures(request: PageRequest) -> Response[str]:
    """A report for a time, by a dimension."""
    page = page_of(request)
    report = request.query_params.get("report", "pricing")
    if report not in _REPORTS:
        raise NotFoundException
    given = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    asked = with_zone(request, {name: value for name, value in given.items() if value})
    if report in ("pricing", "commission"):
        asked.setdefault("group_by", "day" if report == "pricing" else "seller")
    if report == "honoured":
        asked.pop("group_by", None)
    if report == "flags":
        asked.pop("group_by", None)
    compared = {"compare": "previous"} if report == "pricing" else {}
    answer = await page.api.call("GET", f"{_PATH}/{report}", query={**asked, **compared})
    document = answer.document or {}
    data = document.get("data") if answer.is_good else None
    return page.show(
        "analytics/figures.html",
        status=200 if answer.is_good else answer.status,
        report=report,
        reports=_REPORTS,
        groups=_GROUPS,
        given={**given, "group_by": asked.get("group_by", "")},
        data=data,
        names=await names_by_id(page, keys_of_report(data)) if data else {},
        charts=_charts(data) if report == "pricing" and data else {},
        faults=answer.fault_texts,
        export=f"/admin/analytics/{report}/csv",
        asked=asked,
        periods=periods_of(present(), data["time_zone"] if data else page.time_zone),
    )


@get("/admin/analytics/{report:str}/csv", opt={"page": FOR_STAFF})
async def export_figures(request: PageRequest, report: FromPath[str]) -> Response[bytes]:
    """The same as a file for a spreadsheet."""
    if report not in _REPORTS:
        raise NotFoundException
    asked = {name: value for name in _FILTERS if (value := request.query_params.get(name, "").strip())}
    asked = with_zone(request, asked)
    api = page_of(request).api
    answer = api.require(await api.call("GET", f"{_PATH}/{report}", query=asked, headers={"Accept": "text/csv"}))
    headers = {"Content-Disposition": f'attachment; filename="{report}.csv"'}
    return Response(answer.body, media_type="text/csv; charset=utf-8", headers=headers)


def _charts(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """For each currency, what was sold and what was quoted over time, where days or hours are the groups."""
    group_by = data["group_by"]
    if group_by not in (["day"], ["hour"], ["weekday"]):
        return {}
    charts = {}
    for block in data["currencies"]:
        groups = sorted(block["groups"], key=lambda group: str(group["keys"][group_by[0]]))
        labels = [str(group["keys"][group_by[0]]) for group in groups]
        sold = [group["figures"]["sold"]["total"] for group in groups]
        quoted = [group["figures"]["quoted"]["answers"] for group in groups]
        charts[block["currency"]] = {"Sold": columns_chart(list(zip(labels, sold, strict=True)))}
        if None not in quoted:  # of lines and rules answers are not counted
            charts[block["currency"]]["Quotes answered"] = columns_chart(list(zip(labels, quoted, strict=True)))
    return charts
