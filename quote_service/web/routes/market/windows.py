"""What happened within the last minutes and hours, window by window: to one product, and to all of them.

Source: docs/spec/web.md#market.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get

from quote_service.web.model.market.windows import counted_until, merged, width_text
from quote_service.web.model.subjects.intelligence import MODELS
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import PageRequest, page_of
from quote_service.web.routes.subjects.names import names_in

_WINDOWS, _STREAM = "/api/v1/market/windows", "/api/v1/market/stream"
_ROWS = 50
# Of a product's page: an overview, the rest has a page of its own.
_SHOWN = 8
_FILTERS = ("product_id", "currency", "from", "to")


async def windows_of_product(api: OwnApi, product_id: str, currency: str) -> dict[str, Any]:
    """The newest windows of a product; none where nothing is counted, or this person may not see them."""
    asked: dict[str, str | int | None] = {"product_id": product_id, "currency": currency, "limit": 2 * _SHOWN}
    windows, counting = await asyncio.gather(api.find(_WINDOWS, asked), counting_of(api))
    return {"windows": merged(windows or [], datetime.now(UTC))[:_SHOWN], "counting": counting}


async def counting_of(api: OwnApi) -> dict[str, Any] | None:
    """How wide windows are, until when they are counted, and how many events came too late; None where nothing is counted."""
    stream = await api.find(_STREAM)
    if stream is None or not stream["window_seconds"]:
        return None
    return {
        "width": width_text(stream["window_seconds"]),
        "until": counted_until(stream),
        "late": sum(each["late"] for each in stream["subjects"]),
        "ahead": sum(each["ahead"] for each in stream["subjects"]),
        "unreadable": sum(each["unreadable"] for each in stream["subjects"]),
        "is_stopped": stream["spark"] is not None and not stream["spark"]["is_running"],
    }


@get("/admin/market/windows", opt={"page": FOR_STAFF})
async def show_windows(request: PageRequest) -> Response[str]:
    """The newest first, of one product or of all."""
    page = page_of(request)
    given = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    asked = {
        **given,
        "currency": given["currency"].upper(),
        **{name: f"{given[name]}T00:00:00Z" for name in ("from", "to") if given[name]},
        "limit": _ROWS,
        "cursor": request.query_params.get("cursor", ""),
    }
    answer = await page.api.call("GET", _WINDOWS, query=asked)
    document = answer.document or {}
    rows = merged(document["data"], datetime.now(UTC)) if answer.is_good else []
    named, counting = await asyncio.gather(
        names_in(page, MODELS, [*rows, {"product_id": given["product_id"]}]), counting_of(page.api)
    )
    return page.show(
        "market/windows_page.html",
        status=200 if answer.is_good else answer.status,
        windows=rows,
        named=named,
        counting=counting,
        given=given,
        next_cursor=document.get("next_cursor"),
        is_first=not asked["cursor"],
        faults=answer.fault_texts,
    )
