"""The market: every product beside what competitors ask for it.

Source: docs/spec/web.md#market.
"""

import asyncio
from typing import Any

from litestar import Response, get

from quote_service.web.model.market.prices import amount, price_in
from quote_service.web.rendering.market.standing import Asked, difference, standing
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import PageRequest, page_of

# Each is a call of its own.
_ROWS = 20


@get("/admin/market", opt={"page": FOR_STAFF})
async def show_market(request: PageRequest) -> Response[str]:
    """Products with their prices, and how these stand."""
    page, given = page_of(request), request.query_params
    text, currency = given.get("q", "").strip(), given.get("currency", "").strip().upper()
    asked = {"q": text, "currency": currency, "is_active": "true", "cursor": given.get("cursor", ""), "limit": _ROWS}
    answer = await page.api.call("GET", "/api/v1/products", query=asked)
    document = answer.document or {}
    products = document.get("data") or [] if answer.is_good else []
    rows = await asyncio.gather(*(_row(page.api, product, currency) for product in products))
    return page.show(
        "market/market.html",
        status=200 if answer.is_good else answer.status,
        rows=rows,
        given={"q": text, "currency": currency},
        next_cursor=document.get("next_cursor"),
        is_first=not given.get("cursor"),
        faults=answer.fault_texts,
    )


async def _row(api: OwnApi, product: dict[str, Any], currency: str) -> dict[str, Any]:
    price = price_in(product, currency)
    found = await prices_of_others(api, product["id"], price["currency"] if price else currency)
    ours = amount(price["current_price"]) if price else None
    asked = [Asked(each["competitor"], each["comparable"], "") for each in found if each["comparable"] is not None]
    place = standing(asked, ours)
    cheapest = min((each for each in found if each["comparable"] is not None), key=_by_price, default=None)
    return {
        "product": product,
        "price": price,
        "place": place,
        "cheapest": cheapest,
        "against": difference(cheapest["comparable"], ours) if cheapest else None,
        "left_out": sum(1 for each in found if each["comparable"] is None),
    }


async def prices_of_others(api: OwnApi, product_id: str, currency: str) -> list[dict[str, Any]]:
    """What competitors ask for a product, with `comparable` as an exact amount, or None where it may not be compared."""
    query = {"product_id": product_id, "currency": currency}
    found = await api.find("/api/v1/competitor-prices", query) or []
    return [
        {**each, "comparable": None if each["not_comparable"] else amount(each["comparable_price"])} for each in found
    ]


def _by_price(row: dict[str, Any]) -> tuple[Any, str]:
    return row["comparable"], row["competitor"]
