"""Who gets a flag: the rollout as a form, and whom a change would touch before it is made.

Source: docs/spec/web.md#flags.
"""

import asyncio
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.model.rollout_form import RolloutForm, flag_of_form, form_of_fields, form_of_flag
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import Page, PageRequest, first, form_of, go_to, page_of
from quote_service.web.routes.subjects.subject import may_write, subject_for

_FLAGS = "/api/v1/feature-flags"
_AREA = "flags"
_ORDERS = 200
_SHOWN = 12
_DRAWN = 1000


@get("/admin/{area:str}/{object_id:str}/rollout", opt={"page": FOR_STAFF})
async def show_rollout(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The rollout as it is."""
    page = _page(request, area)
    found = page.api.require(await page.api.call("GET", f"{_FLAGS}/{object_id}"))
    return await _rollout_page(request, page, found, form_of_flag(found.data))


@post("/admin/{area:str}/{object_id:str}/rollout", status_code=200, opt={"page": FOR_STAFF})
async def change_rollout(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Change it, if nobody else has since."""
    page, fields = _page(request, area), await form_of(request)
    found = page.api.require(await page.api.call("GET", f"{_FLAGS}/{object_id}"))
    form = form_of_fields(fields)
    answer = await page.api.call(
        "PUT",
        f"{_FLAGS}/{object_id}",
        flag_of_form(found.data, form),
        headers={"If-Match": first(fields, "version")},
    )
    if answer.is_good:
        return go_to(request, f"/admin/{_AREA}/{object_id}/rollout?done=saved")
    return await _rollout_page(request, page, found, form, refused=answer, version=first(fields, "version"))


@post("/admin/{area:str}/{object_id:str}/rollout/preview", status_code=200, opt={"page": FOR_STAFF})
async def preview_rollout(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Who would be in, of the customers who ordered last."""
    page, form = _page(request, area), form_of_fields(await form_of(request))
    found = page.api.require(await page.api.call("GET", f"{_FLAGS}/{object_id}"))
    return page.show("flags/preview.html", **await _preview(page, found.data, form))


def _page(request: PageRequest, area: str) -> Page:
    page = page_of(request)
    if area != _AREA:
        raise NotFoundException
    subject_for(page, _AREA)
    return page


async def _rollout_page(
    request: PageRequest,
    page: Page,
    found: ApiAnswer,
    form: RolloutForm,
    *,
    refused: ApiAnswer | None = None,
    version: str = "",
) -> Response[str]:
    flag = found.data
    preview, history = await asyncio.gather(
        _preview(page, flag, form), page.api.find(f"{_FLAGS}/{flag['id']}/history", {"limit": 5})
    )
    problem = (refused.document or {}) if refused is not None else {}
    return page.show(
        "flags/rollout.html",
        status=200 if refused is None else refused.status,
        flag=flag,
        form=form,
        version=version or found.headers.get("etag", ""),
        history=history or [],
        may_change=may_write(page, subject_for(page, _AREA)) and not flag["is_archived"],
        faults={} if refused is None else refused.faults,
        problem=problem.get("detail", ""),
        done=request.query_params.get("done", ""),
        **preview,
    )


async def _preview(page: Page, flag: dict[str, Any], form: RolloutForm) -> dict[str, Any]:
    """Whom it would be for, of customers who ordered recently or, where this person sees none, of some that are drawn."""
    orders = await page.api.find("/api/v1/orders", {"limit": _ORDERS}) or []
    ordered = list(dict.fromkeys(order["customer_id"] for order in orders))
    customers = ordered or _drawn_customers()
    draft = flag_of_form(flag, form)
    region = next(iter((draft["rollout"] or {}).get("regions", ())), None)
    shown: dict[str, Any] = {
        "preview": None,
        "joining": [],
        "region": region,
        "preview_faults": {},
        "is_drawn": not ordered,
    }
    if flag["is_archived"]:
        return shown
    answer = await page.api.call(
        "POST",
        f"{_FLAGS}/{flag['id']}/preview",
        {"flag": draft, "customers": [{"customer_id": each, "region": region} for each in customers]},
    )
    if not answer.is_good:
        return {**shown, "preview_faults": answer.faults or {"": (answer.document or {}).get("detail", "")}}
    if not ordered:
        return {**shown, "preview": answer.data}
    touched = [each for each in answer.data["answers"] if each["is_inside"] != each["would_be_inside"]]
    inside = [each for each in answer.data["answers"] if each["would_be_inside"]]
    return {**shown, "preview": answer.data, "joining": (touched or inside)[:_SHOWN]}


def _drawn_customers() -> list[str]:
    """Ids of nobody, the same ones at each look: what share of customers a hash takes shows in them too."""
    return [str(uuid5(NAMESPACE_URL, f"customer:{number}")) for number in range(_DRAWN)]
