"""What the market analysis worked out: of one product beside its prices, and of the whole catalog.

Source: docs/spec/web.md#market.
"""

import asyncio
from decimal import Decimal
from typing import Any

from litestar import Response, get

from quote_service.web.rendering.columns_chart import columns_chart
from quote_service.web.rendering.market.boxes_chart import boxes_chart
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import PageRequest, page_of

_MARKET = "/api/v1/market"
_BY = ("competitor", "platform")
_VOLATILE = 20


async def analysed_product(
    api: OwnApi, product_id: str, currency: str, by: str, ours: Decimal | None
) -> dict[str, Any]:
    """The parts of a product's page that the analysis has; empty ones where it has none, or this person may not see them."""
    path, query = f"{_MARKET}/products/{product_id}", {"currency": currency}
    spread, demand, volatility = await asyncio.gather(
        api.find(f"{path}/distribution", {**query, "by": by}),
        api.find(f"{path}/demand", query),
        api.find(f"{path}/volatility", query),
    )
    sold = next(iter((demand or {}).get("currencies") or ()), None)
    return {
        "by": by,
        "all_by": _BY,
        "is_analysed": spread is not None,
        "spread": spread or [],
        "boxes": boxes_chart(spread or [], ours),
        "sold": sold,
        "sold_days": columns_chart([(day["day"], day["units"]) for day in sold["days"]]) if sold else None,
        "demand_freshness": (demand or {}).get("freshness"),
        "volatility": volatility or [],
    }


def grouping_of(request: PageRequest) -> str:
    """By what prices are grouped, as the address says."""
    given = request.query_params.get("by", "")
    return given if given in _BY else _BY[0]


@get("/admin/market/analysis", opt={"page": FOR_STAFF})
async def show_analysis(request: PageRequest) -> Response[str]:
    """How competitors or platforms price the catalog, whose prices vary most, and how new that is."""
    page, by = page_of(request), grouping_of(request)
    currency = request.query_params.get("currency", "").strip().upper()
    subject = "market" if request.query_params.get("subject") == "market" else "own"
    answer = await page.api.call("GET", f"{_MARKET}/distribution", query={"by": by, "currency": currency})
    volatile, runs = await asyncio.gather(
        page.api.find(f"{_MARKET}/volatility", {"subject": subject, "currency": currency, "limit": _VOLATILE}),
        page.api.find(f"{_MARKET}/runs"),
    )
    return page.show(
        "market/analysis.html",
        status=200 if answer.is_good else answer.status,
        by=by,
        all_by=_BY,
        subject=subject,
        currency=currency,
        shares=answer.data if answer.is_good else [],
        # The list ends with prices that never moved.
        volatile=[each for each in volatile or [] if Decimal(str(each["variation"])) > 0],
        runs=runs or [],
        faults=answer.fault_texts,
    )
