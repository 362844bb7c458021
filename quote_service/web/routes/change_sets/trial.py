"""A change set tried out before it is published: checked, priced on the baskets accepted last, and replayed.

Source: docs/spec/web.md#change-sets.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.model.change_sets import changes_of
from quote_service.web.model.subjects.pricing import CHANGE_SETS
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of
from quote_service.web.routes.people_names import in_words, people_names

_BASKETS = 10
_REPLAYED = timedelta(days=7)


@get("/admin/{area:str}/{object_id:str}/trial", opt={"page": FOR_STAFF})
async def show_trial(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """What keeps it from being published, what it would make odd, and what baskets would cost with it."""
    return await _trial_page(page_of(request), _only_sets(area), object_id, None)


@post("/admin/{area:str}/{object_id:str}/trial", status_code=200, opt={"page": FOR_STAFF})
async def replay_set(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Begin to price last week's accepted quotes with it, and lead to that."""
    page, path = page_of(request), _only_sets(area)
    since = (datetime.now(UTC) - _REPLAYED).isoformat(timespec="seconds").replace("+00:00", "Z")
    headers = {"Idempotency-Key": first(await form_of(request), "key")}
    answer = await page.api.call("POST", f"{path}/{object_id}/replay", {"from": since}, headers=headers)
    if answer.is_good:
        return go_to(request, f"/admin/replays/{answer.data['id']}")
    return await _trial_page(page, path, object_id, answer)


async def _trial_page(page: Page, path: str, object_id: str, refused: ApiAnswer | None) -> Response[str]:
    document = (await page.api.get(f"{path}/{object_id}"))["data"]
    checked, simulated = await asyncio.gather(
        page.api.call("POST", f"{path}/{object_id}/check", {}),
        page.api.call("POST", f"{path}/{object_id}/simulate", {"sample": _BASKETS}),
    )
    named = {each.pointer: f"{each.one} {each.name}" for each in changes_of(document, {})}
    problems = [_detail(each) for each in (refused, checked, simulated) if each is not None and not each.is_good]
    return page.show(
        "change_sets/trial.html",
        status=200 if refused is None else refused.status,
        document=document,
        check=_shown(checked.data, await people_names(page)) if checked.is_good else None,
        simulation=simulated.data if simulated.is_good else None,
        named=named,
        problems=list(dict.fromkeys(problems)),
        key=f"{object_id}-{document['edition']}-{datetime.now(UTC):%Y%m%d%H%M%S}",
    )


def _shown(check: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {**check, "errors": [{**each, "detail": in_words(each["detail"], names)} for each in check["errors"]]}


def _only_sets(area: str) -> str:
    if area != CHANGE_SETS.area:
        raise NotFoundException
    return CHANGE_SETS.path


def _detail(answer: ApiAnswer) -> str:
    problem: dict[str, Any] = answer.document or {}
    return str(problem.get("detail") or problem.get("title", ""))
