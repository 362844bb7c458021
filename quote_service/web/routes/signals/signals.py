"""Signals as sentences, newest first, and that somebody has seen one.

Source: docs/spec/web.md#signals.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.web.model.signals.sentences import KINDS, describe_signal
from quote_service.web.model.subjects.intelligence import SIGNALS
from quote_service.web.rendering.cells import Named
from quote_service.web.routes.api_events import ServerEvent
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, first, form_of, page_of
from quote_service.web.routes.streams import stream_parts
from quote_service.web.routes.subjects.names import names_in
from quote_service.web.routes.subjects.subject import may_write

_SIGNALS = "/api/v1/signals"
_ROWS = 30
_STATUSES = ("open", "acknowledged", "resolved", "expired", "all")


@get("/admin/signals", opt={"page": FOR_STAFF})
async def show_signals(request: PageRequest) -> Response[str]:
    """Those that nobody has seen, unless others are asked for."""
    page, asked = page_of(request), _asked(request)
    shown = await _shown(page, asked)
    return page.show("signals/signals.html", **shown)


@get("/admin/signals/stream", opt={"page": FOR_STAFF, "is_stream": True})
async def stream_signals(request: PageRequest) -> Stream:
    """The list as signals are raised and change."""
    asked = _asked(request)

    async def parts(page: Page, event: ServerEvent) -> AsyncGenerator[tuple[str, str], None]:
        if event.name == "signals":
            yield "signals", page.draw("signals/rows.html", **await _shown(page, asked))

    followed = {name: asked[name] for name in ("kind", "product_id")}
    return await stream_parts(request, f"{_SIGNALS}/stream", parts, followed)


def _asked(request: PageRequest) -> dict[str, str]:
    given = request.query_params
    status = given.get("status", "open")
    return {
        "status": status if status in _STATUSES else "open",
        **{name: given.get(name, "") for name in ("kind", "product_id", "cursor")},
    }


async def _shown(page: Page, asked: dict[str, str]) -> dict[str, Any]:
    status = "" if asked["status"] == "all" else asked["status"]
    answer = await page.api.call("GET", _SIGNALS, query={**asked, "status": status, "limit": str(_ROWS)})
    document = answer.document or {}
    return {
        "status": 200 if answer.is_good else answer.status,
        "rows": await shown_signals(page, document.get("data") or [] if answer.is_good else []),
        "chosen": asked["status"],
        "statuses": _STATUSES,
        "given": {"kind": asked["kind"], "product_id": asked["product_id"]},
        "kinds": KINDS,
        "next_cursor": document.get("next_cursor"),
        "is_first": not asked["cursor"],
        "faults": answer.fault_texts,
        "may_acknowledge": may_write(page, SIGNALS),
    }


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
    (row,) = await shown_signals(page, [signal])
    return page.show(
        "signals/signal_row.html",
        status=200 if answer.is_good else answer.status,
        row=row,
        refused=refused,
        kinds=KINDS,
        may_acknowledge=may_write(page, SIGNALS),
    )


async def shown_signals(page: Page, signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals with their sentences and the names of what they are about."""
    named = await names_in(page, SIGNALS, signals)
    return [
        {
            **each,
            "sentence": describe_signal(each, _name(named, each, "competitor_id"), _name(named, each, "source_id")),
            "product": named.get(str(each["product_id"])),
            "source": named.get(str(each["source_id"])),
        }
        for each in signals
    ]


def _name(named: Mapping[str, Named], signal: dict[str, Any], member: str) -> str:
    found = named.get(str(signal[member]))
    return found.name if found is not None else ""
