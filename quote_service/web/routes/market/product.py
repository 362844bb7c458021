"""One product in its market: prices over time, where ours stands now, and each competitor's offer.

Source: docs/spec/web.md#market.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from quote_service.web.model.market.prices import Document, amount, instant, price_in
from quote_service.web.rendering.market.observed import observed_points
from quote_service.web.rendering.market.prices_chart import PricePoint, Series, prices_chart, rival_kind
from quote_service.web.rendering.market.standing import Asked, difference, standing
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.market.analysed import analysed_product, grouping_of
from quote_service.web.routes.market.happened import happened_to
from quote_service.web.routes.market.market import prices_of_others
from quote_service.web.routes.market.windows import windows_of_product
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import PageRequest, page_of

_POINTS = 200
_LISTINGS = 50
_DAYS = ("7", "30", "90", "180")


@get("/admin/market/{product_id:str}", opt={"page": FOR_STAFF})
async def show_product_market(request: PageRequest, product_id: FromPath[str]) -> Response[str]:
    """The product's prices, and those of others, in one currency."""
    page, given = page_of(request), request.query_params
    product = (await page.api.get(f"/api/v1/products/{product_id}"))["data"]
    days = given.get("days", "") if given.get("days", "") in _DAYS else "30"
    price = price_in(product, given.get("currency", "").strip().upper()) or price_in(product, "")
    currency = price["currency"] if price else ""
    ours = amount(price["current_price"]) if price else None
    now = datetime.now(UTC)
    begin, by = now - timedelta(days=int(days)), grouping_of(request)
    others, listings, history, events, analysed, counted = await asyncio.gather(
        prices_of_others(page.api, product["id"], currency),
        page.api.find("/api/v1/listings", {"product_id": product["id"], "limit": _LISTINGS}),
        page.api.find(f"/api/v1/products/{product['id']}/price-history", {"currency": currency, "limit": _POINTS}),
        happened_to(page, product["id"], currency, begin),
        analysed_product(page.api, product["id"], currency, by, ours),
        windows_of_product(page.api, product["id"], currency),
    )
    kinds = {each["listing_id"]: rival_kind(index) for index, each in enumerate(others)}
    series = await _series(page.api, listings or [], others, kinds)
    lowest = amount(price.get("lowest_price_30_days")) if price else None
    return page.show(
        "market/product.html",
        product=product,
        price=price,
        currency=currency,
        days=days,
        all_days=_DAYS,
        chart=prices_chart([_own(history or []), *series], begin, now, lowest=lowest, events=events),
        events=[(each.at.isoformat(), each) for each in events],
        place=standing(
            [
                Asked(each["competitor"], each["comparable"], kinds[each["listing_id"]])
                for each in others
                if each["comparable"] is not None
            ],
            ours,
        ),
        others=[
            {**each, "kind": kinds[each["listing_id"]], "against": _against(each, ours)}
            for each in sorted(others, key=lambda each: (each["comparable"] is None, each["comparable"] or 0))
        ],
        **analysed,
        **counted,
    )


def _own(history: list[Document]) -> Series:
    points = [PricePoint(instant(row["at"]), amount(row["new_price"])) for row in history if row["variant_id"] is None]
    return Series("Ours", "ours", tuple(sorted(points, key=lambda point: point.at)))


async def _series(
    api: OwnApi, listings: list[dict[str, Any]], others: list[dict[str, Any]], kinds: dict[str, str]
) -> list[Series]:
    """What was observed of each listing that is compared, in the order of the table."""
    by_id = {each["id"]: each for each in listings}
    compared = [each for each in others if each["listing_id"] in by_id]
    found = await asyncio.gather(
        *(api.find(f"/api/v1/listings/{each['listing_id']}/observations", {"limit": _POINTS}) for each in compared)
    )
    return [
        Series(
            each["competitor"],
            kinds[each["listing_id"]],
            observed_points(rows or [], by_id[each["listing_id"]]["units"], each["currency"]),
        )
        for each, rows in zip(compared, found, strict=True)
    ]


def _against(offer: dict[str, Any], ours: Any) -> Any:
    return None if offer["comparable"] is None else difference(offer["comparable"], ours)
