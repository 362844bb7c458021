"""How the event bus fares: what waits, who is behind, what could not be handled.

Source: docs/spec/web.md#event-bus.
"""

from litestar import Response, get, post

from quote_service.web.routes.gate import FOR_ADMINS
from quote_service.web.routes.page import PageRequest, first, form_of, page_of

_BUS = "/api/v1/event-bus"


@get("/admin/event-bus", opt={"page": FOR_ADMINS})
async def show_event_bus(request: PageRequest) -> Response[str]:
    """Now."""
    page = page_of(request)
    return page.show("event_bus/event_bus.html", bus=(await page.api.get(_BUS))["data"], problem="", retried=None)


@post("/admin/event-bus", status_code=200, opt={"page": FOR_ADMINS})
async def retry_all(request: PageRequest) -> Response[str]:
    """Try all dead letters of some consumers again."""
    page = page_of(request)
    group = first(await form_of(request), "consumer_group")
    answer = await page.api.call("POST", f"{_BUS}/dead-letters/retry", {"consumer_group": group})
    return page.show(
        "event_bus/event_bus.html",
        status=200 if answer.is_good else answer.status,
        bus=(await page.api.get(_BUS))["data"],
        problem="" if answer.is_good else (answer.document or {}).get("detail", ""),
        retried=answer.data["retried"] if answer.is_good else None,
    )
