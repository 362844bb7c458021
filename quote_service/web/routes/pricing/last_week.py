"""What a draft would have made of the quotes that were accepted in the last seven days.

Source: docs/spec/web.md#editors.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from quote_service.web.model.subjects.subject import Subject
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.pricing.drafts import drafts_of, given_draft, without_period

_REPLAYS = "/api/v1/analytics/replay"
_REPLAYED = timedelta(days=7)


@post(["/admin/rules/last-week", "/admin/rates/last-week"], status_code=200, opt={"page": FOR_STAFF})
async def replay_draft(request: PageRequest) -> Response[str]:
    """Begin to price last week's accepted quotes with the draft."""
    page = page_of(request)
    draft = await given_draft(request, page)
    answer = await page.api.call("POST", _REPLAYS, last_week_with(draft.subject, draft.document, draft.replaces))
    faults = {**draft.faults, **answer.faults}
    detail = "" if answer.is_good or faults else (answer.document or {}).get("detail", "")
    replay = answer.data if answer.is_good else None
    return page.show("pricing/last_week.html", replay=replay, faults=faults, detail=detail)


@get("/admin/last-week/{replay_id:str}", opt={"page": FOR_STAFF})
async def show_last_week(request: PageRequest, replay_id: FromPath[str]) -> Response[str]:
    """How far that is, and what came of it."""
    page = page_of(request)
    replay = (await page.api.get(f"{_REPLAYS}/{replay_id}"))["data"]
    return page.show("pricing/last_week.html", replay=replay, faults={}, detail="")


def last_week_with(subject: Subject, document: dict[str, Any], replaces: str) -> dict[str, Any]:
    """A replay in which the draft has counted all the time, and what it replaces has not."""
    until = datetime.now(UTC)
    asked: dict[str, Any] = {
        "from": _text(until - _REPLAYED),
        "to": _text(until),
        drafts_of(subject): [without_period(document)],
    }
    if replaces and subject.playground == "rate":
        asked["ended_rates"] = [replaces]
    return asked


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
