"""What decided prices brought beside the prices that people had confirmed.

Source: docs/spec/web.md#price-performance.
"""

from typing import Any

from litestar import Response, get

from quote_service.web.rendering.columns_chart import columns_chart
from quote_service.web.rendering.decisions.impact_bars import impact_bars
from quote_service.web.routes.decisions.named_product import product_meant
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_FILTERS = ("from", "to", "currency", "product_id")
_MODES = {"auto": "Set by itself", "suggest": "Accepted by people"}


@get("/admin/price-performance", opt={"page": FOR_STAFF})
async def show_performance(request: PageRequest) -> Response[str]:
    """For a time and a currency."""
    page = page_of(request)
    given = {name: request.query_params.get(name, "").strip() for name in _FILTERS}
    asked = {
        name: value if name == "product_id" else value.upper() if name == "currency" else f"{value}T00:00:00Z"
        for name, value in given.items()
        if value
    }
    product = await product_meant(page.api, given["product_id"])
    if product is not None:
        given["product_id"], asked["product_id"] = product["sku"], product["id"]
    answer = await page.api.call("GET", "/api/v1/price-performance", query=asked)
    data = answer.data if answer.is_good else None
    faults = answer.fault_texts
    if given["product_id"] and product is None:
        faults = ["No product, or more than one, has such a name or SKU."]
    return page.show(
        "decisions/performance.html",
        status=200 if answer.is_good else answer.status,
        given=given,
        name=product["name"] if product else "",
        data=data,
        blocks=[_block(block) for block in data["currencies"]] if data else [],
        modes=_MODES,
        faults=faults,
    )


def _block(block: dict[str, Any]) -> dict[str, Any]:
    rows = [{"mode": "", **block["totals"]}, *block["modes"]]
    drawn = {name: impact_bars(rows, name) for name in ("profit_impact", "revenue_impact")}
    return {
        **block,
        "rows": [
            {**row, "profit": profit, "revenue": revenue}
            for row, profit, revenue in zip(rows, drawn["profit_impact"], drawn["revenue_impact"], strict=True)
        ],
        "by_day": columns_chart([(day["day"], day["profit_impact"]) for day in block["days"]]),
    }
