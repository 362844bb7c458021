"""Signals as sentences, newest first, and that somebody has seen one.

Source: docs/spec/web.md#signals.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from quote_service.web.rendering.cells import Named
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, first, form_of, page_of
from quote_service.web.routes.subjects.names import names_in
from quote_service.web.routes.subjects.subject import may_write
from quote_service.web.words.signals.sentences import KINDS, told
from quote_service.web.words.subjects.intelligence import SIGNALS

_SIGNALS = "/api/v1/signals"
_ROWS = 30
_STATUSES = ("open", "acknowledged", "resolved", "expired", "all")


@get("/admin/signals", opt={"page": FOR_STAFF})
async def show_signals(request: PageRequest) -> Response[str]:
    """Those that nobody has seen, unless others are asked for."""
    page, given = page_of(request), request.query_params
    status = given.get("status", "open") if given.get("status", "open") in _STATUSES else "open"
    asked = {
        "status": "" if status == "all" else status,
        "kind": given.get("kind", ""),
        "product_id": given.get("product_id", ""),
        "cursor": given.get("cursor", ""),
        "limit": _ROWS,
    }
    answer = await page.api.call("GET", _SIGNALS, query=asked)
    document = answer.document or {}
    rows = document.get("data") or [] if answer.is_good else []
    return page.show(
        "signals/signals.html",
        status=200 if answer.is_good else answer.status,
        rows=await told_signals(page, rows),
        chosen=status,
        statuses=_STATUSES,
        given={"kind": asked["kind"], "product_id": asked["product_id"]},
        kinds=KINDS,
        next_cursor=document.get("next_cursor"),
        is_first=not asked["cursor"],
        faults=[]
        if answer.is_good
        else [document.get("detail", ""), *(fault["detail"] for fault in document.get("errors", ()))],
        may_acknowledge=may_write(page, SIGNALS),
    )


@post("/admin/{area:str}/{object_id:str}/acknowledge", status_code=200, opt={"page": FOR_STAFF})
async def acknowledge_signal(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """Note that this person has seen it, and show it as it then is."""
    if area != SIGNALS.area:
        raise NotFoundException
    page, fields = page_of(request), await form_of(request)
    said = {name: value for name in ("note", "verdict") if (value := first(fields, name))}
    answer = await page.api.call("PUT", f"{_SIGNALS}/{object_id}/acknowledge", said)
    refused = "" if answer.is_good else "; ".join(answer.faults.values()) or (answer.document or {}).get("detail", "")
    signal = page.api.require(await page.api.call("GET", f"{_SIGNALS}/{object_id}")).data
    (row,) = await told_signals(page, [signal])
    return page.show(
        "signals/signal_row.html",
        status=200 if answer.is_good else answer.status,
        row=row,
        refused=refused,
        kinds=KINDS,
        may_acknowledge=may_write(page, SIGNALS),
    )


async def told_signals(page: Page, signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals with their sentences and the names of what they are about."""
    named = await names_in(page, SIGNALS, signals)
    return [
        {
            **each,
            "sentence": told(each, _name(named, each, "competitor_id"), _name(named, each, "source_id")),
            "product": named.get(str(each["product_id"])),
            "source": named.get(str(each["source_id"])),
        }
        for each in signals
    ]


def _name(named: Mapping[str, Named], signal: dict[str, Any], member: str) -> str:
    found = named.get(str(signal[member]))
    return found.name if found is not None else ""
