"""The overview: what is going on.

Source: docs/spec/web.md#overview.
"""

import asyncio
from collections.abc import AsyncGenerator
from decimal import Decimal
from typing import Any

from litestar import Response, get
from litestar.response import Stream

from quote_service.web.model.signals.sentences import KINDS
from quote_service.web.model.subjects.intelligence import DECISIONS
from quote_service.web.rendering.sparkline import sparkline
from quote_service.web.routes.api_events import ServerEvent
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import Page, PageRequest, clock_of, page_of
from quote_service.web.routes.people_names import people_names, with_names
from quote_service.web.routes.signals.signals import shown_signals
from quote_service.web.routes.streams import stream_parts
from quote_service.web.routes.subjects.names import names_in

_SHOWN = 6
# Of prices that wait; beyond that nobody minds how many there are.
_COUNTED = 100
_LIVE = "/api/v1/analytics/live"
# What changes seldom is asked for with every so many events of two seconds.
_LISTS_EVERY = 5


@get("/admin", opt={"page": FOR_STAFF})
async def show_overview(request: PageRequest) -> Response[str]:
    """What runs, what waits, and what changed recently. What a role may not see is left out."""
    page = page_of(request)
    live, lists = await asyncio.gather(page.api.find(_LIVE, clock_of(page)), _lists(page))
    return page.show("overview/overview.html", **_now(live), **lists)


@get("/admin/overview/stream", opt={"page": FOR_STAFF, "is_stream": True})
async def stream_overview(request: PageRequest) -> Stream:
    """The parts of it that change."""
    seen = 0

    async def parts(page: Page, event: ServerEvent) -> AsyncGenerator[tuple[str, str], None]:
        nonlocal seen
        if event.name != "live":
            return
        yield "now", page.draw("overview/now.html", **_now(event.data))
        if seen % _LISTS_EVERY == 0:
            yield "lists", page.draw("overview/lists.html", **await _lists(page))
        seen += 1

    return await stream_parts(request, f"{_LIVE}/stream", parts, clock_of(page_of(request)))


def _now(live: dict[str, Any] | None) -> dict[str, Any]:
    sales = (live or {}).get("sales")
    return {
        "live": live,
        "line": sparkline(live["quotes"]["history"]) if live else None,
        "sold": [
            {
                "currency": each["currency"],
                "orders": each["today"]["orders"],
                "figures": [
                    (label, each["today"][name], each["last_week"][name], _change(each, name))
                    for label, name in (("Revenue today", "revenue"), ("Commission today", "commission"))
                ],
            }
            for each in (sales or {}).get("currencies", ())
        ],
    }


def _change(each: dict[str, Any], name: str) -> Decimal | None:
    before = Decimal(str(each["last_week"][name]))
    return (Decimal(str(each["today"][name])) - before) / before if before > 0 else None


async def _lists(page: Page) -> dict[str, Any]:
    api = page.api
    health = await api.call("GET", "/health/ready")
    names = await people_names(page)
    sales, campaigns, stock, flags, change_sets, changes, signals, suggested, held = await asyncio.gather(
        api.find("/api/v1/flash-sales", {"status": "active", "limit": _SHOWN}),
        api.find("/api/v1/campaigns", {"status": "active", "limit": _SHOWN}),
        api.find("/api/v1/inventory", {"level": "low", "limit": _SHOWN}),
        api.find("/api/v1/feature-flags", {"limit": 100}),
        api.find("/api/v1/change-sets", {"status": "scheduled", "limit": _SHOWN}),
        api.find("/api/v1/audit", {"limit": 8}),
        api.find("/api/v1/signals", {"status": "open", "limit": _SHOWN}),
        api.find(DECISIONS.path, {"status": "suggested", "limit": _COUNTED}),
        api.find(DECISIONS.path, {"status": "held", "limit": _COUNTED}),
    )
    return {
        "health": health.document,
        "sales": sales or [],
        "campaigns": campaigns or [],
        "stock": stock or [],
        "flags": flags or [],
        "change_sets": change_sets or [],
        "changes": with_names(changes, names),
        "waiting": {"suggested": suggested or [], "held": held or [], "counted": _COUNTED},
        "priced": await names_in(page, DECISIONS, (suggested or [])[:_SHOWN]),
        "shown": _SHOWN,
        "signals": await shown_signals(page, signals or []),
        "kinds": KINDS,
    }
