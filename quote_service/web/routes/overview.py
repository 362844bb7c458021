"""The overview: what is going on.

Source: docs/spec/web.md#overview.
"""

from litestar import Response, get

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_SHOWN = 6


@get("/admin", opt={"page": FOR_STAFF})
async def show_overview(request: PageRequest) -> Response[str]:
    """What runs, what waits, and what changed lately. What a role may not see is left out."""
    page = page_of(request)
    api = page.api
    return page.show(
        "overview.html",
        health=(await api.call("GET", "/health/ready")).document,
        sales=await api.find("/api/v1/flash-sales", {"state": "active", "limit": _SHOWN}) or [],
        campaigns=await api.find("/api/v1/campaigns", {"status": "active", "limit": _SHOWN}) or [],
        stock=await api.find("/api/v1/inventory", {"level": "low", "limit": _SHOWN}) or [],
        flags=await api.find("/api/v1/feature-flags", {"limit": 100}) or [],
        changes=await api.find("/api/v1/audit", {"limit": 8}),
    )
