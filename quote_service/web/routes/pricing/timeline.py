"""What counts when, of rules and of rates.

Source: docs/spec/web.md#timeline.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get

from quote_service.web.model.timeline import Window, rate_lanes, rule_lanes
from quote_service.web.rendering.timeline_chart import timeline_chart
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.subjects.subject import schema_form, subject_for

_ROWS, _PAGES_MAX = 200, 5
_DAYS = {"30": "a month", "90": "three months", "365": "a year"}
_FAR = timedelta(days=36_500)
_BEFORE = 3  # a third of the window lies before today


@get(["/admin/rules/timeline", "/admin/rates/timeline"], opt={"page": FOR_STAFF})
async def show_timeline(request: PageRequest) -> Response[str]:
    """The timeline, by type, region and currency."""
    page, given = page_of(request), request.query_params
    subject = subject_for(page, request.url.path.split("/")[2])
    is_rules = subject.playground == "rule"
    days = given.get("days", "90") if given.get("days") in _DAYS else "90"
    now = datetime.now(UTC)
    window = _window(given.get("from", ""), int(days), now)
    filters = {
        name: given.get(name, "").strip() for name in ("type", "region", "currency") if is_rules or name != "type"
    }
    rows, is_complete, fault = await _rows(page.api, subject.path, filters)
    groups: list[tuple[str, Any]] = (
        list(rule_lanes(rows, window).items()) if is_rules else [("", rate_lanes(rows, window))]
    )
    groups = [(name.lower().replace("_", " ").capitalize(), lanes) for name, lanes in groups]
    form = await schema_form(request, page)
    types = form.variants({"$ref": f"#/components/schemas/{subject.draft}"}) if is_rules else {}
    step = timedelta(days=int(days) // 2)
    return page.show(
        "pricing/timeline.html",
        status=422 if fault else 200,
        subject=subject,
        chart=timeline_chart(groups, window, now) if rows else None,
        types=tuple(types),
        filters=filters,
        days=days,
        choices=_DAYS,
        start=f"{window.start:%Y-%m-%d}",
        end=f"{window.end:%Y-%m-%d}",
        earlier={**filters, "days": days, "from": f"{window.start - step:%Y-%m-%d}"},
        later={**filters, "days": days, "from": f"{window.start + step:%Y-%m-%d}"},
        is_complete=is_complete,
        fault=fault,
    )


def _window(start: str, days: int, now: datetime) -> Window:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=days // _BEFORE)
    try:
        wanted = datetime.strptime(start, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        wanted = first
    if abs(wanted - today) <= _FAR:
        first = wanted
    return Window(first, first + timedelta(days=days))


async def _rows(api: OwnApi, path: str, filters: dict[str, str]) -> tuple[list[dict[str, Any]], bool, str]:
    """The rows of a list, as many as are drawn; whether that is all; and why the API refused a filter."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(_PAGES_MAX):
        answer = await api.call("GET", path, query={**filters, "limit": _ROWS, "cursor": cursor})
        document = answer.document or {}
        if not answer.is_good:
            messages = [fault["detail"] for fault in document.get("errors", ())]
            return [], True, "; ".join(messages) or document.get("detail", "")
        rows += document["data"]
        cursor = document["next_cursor"]
        if not cursor:
            return rows, True, ""
    return rows, False, ""
