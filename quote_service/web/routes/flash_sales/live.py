"""A flash sale as it goes: what is left, how fast it sells, who is turned away and why.

Source: docs/spec/web.md#flash-sales.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.web.rendering.stock_bar import stock_bar
from quote_service.web.routes.api_events import ServerEvent
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.streams import stream_parts

_PATH = "/api/v1/flash-sales"
_AREA = "flash-sales"
# The analytics are read again with every so many events of a second each.
_ANALYTICS_EVERY = 10


@get("/admin/{area:str}/{object_id:str}/live", opt={"page": FOR_STAFF})
async def show_live_sale(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Response[str]:
    """The sale now."""
    page = page_of(request)
    if area != _AREA:
        raise NotFoundException
    sale, figures, analytics = await asyncio.gather(
        page.api.get(f"{_PATH}/{object_id}"),
        page.api.get(f"{_PATH}/{object_id}/figures"),
        page.api.find(f"{_PATH}/{object_id}/analytics"),
    )
    names = await product_names(page.api, sale["data"]["items"])
    return page.show(
        "flash_sales/live.html",
        sale=sale["data"],
        now=_now(sale["data"], figures["data"], names),
        analytics=analytics,
        names=names,
    )


@get("/admin/{area:str}/{object_id:str}/live/stream", opt={"page": FOR_STAFF, "is_stream": True})
async def stream_live_sale(request: PageRequest, area: FromPath[str], object_id: FromPath[str]) -> Stream:
    """The parts of it that change."""
    if area != _AREA:
        raise NotFoundException
    page = page_of(request)
    sale = (await page.api.get(f"{_PATH}/{object_id}"))["data"]
    names = await product_names(page.api, sale["items"])
    seen = 0

    async def parts(page: Page, event: ServerEvent) -> AsyncGenerator[tuple[str, str], None]:
        nonlocal seen
        if event.name != "figures":
            return
        yield "sale", page.draw("flash_sales/now.html", now=_now(sale, event.data, names), sale=sale)
        if seen % _ANALYTICS_EVERY == 0:
            analytics = await page.api.find(f"{_PATH}/{object_id}/analytics")
            yield "analytics", page.draw("flash_sales/analytics.html", analytics=analytics, names=names)
        seen += 1

    return await stream_parts(request, f"{_PATH}/{object_id}/figures/stream", parts)


async def product_names(api: OwnApi, items: list[dict[str, Any]]) -> dict[str, str]:
    """The products of a sale by their names, as far as the catalog has them."""
    ids = list({item["product_id"] for item in items})
    found = await asyncio.gather(*(api.find(f"/api/v1/products/{product_id}") for product_id in ids))
    return {product_id: product["name"] for product_id, product in zip(ids, found, strict=True) if product is not None}


def _now(sale: dict[str, Any], figures: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    offers = {item["product_id"]: item for item in sale["items"]}
    return {
        **figures,
        "stock": sum(item["stock"] for item in figures["items"]),
        "allocated": sum(item["allocated"] for item in figures["items"]),
        "reserved": sum(item["reserved"] for item in figures["items"]),
        "confirmed": sum(item["confirmed"] for item in figures["items"]),
        "per_second": sum(item["per_second"] for item in figures["items"]),
        "refused": sum(sum(item["refused"].values()) for item in figures["items"]),
        "items": [
            {
                **item,
                "name": names.get(item["product_id"]),
                "offer": offers.get(item["product_id"], {}),
                "bar": stock_bar(item),
            }
            for item in figures["items"]
        ],
    }
