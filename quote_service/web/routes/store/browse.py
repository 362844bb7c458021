"""Browse, search, and look at one product.

Source: docs/spec/store.md#products-and-prices.
"""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest
from quote_service.web.routes.store.products import prices_of, products_by_id
from quote_service.web.routes.store.shop import Shop, open_shop

_PRODUCTS = "/api/v1/products"
_SHOWN = 24
_SALES_SHOWN = 3


@get("/store", opt={"page": FOR_EVERYBODY})
async def show_store(request: PageRequest) -> Response[str]:
    """What is sold: all of it, of one category, or what a search finds; and what is on sale now."""
    shop = await open_shop(request)
    query = request.query_params
    text, category_id, cursor = query.get("q", "").strip(), query.get("category", ""), query.get("cursor", "")
    wanted = {
        "q": text[:200],
        "category_id": category_id,
        "currency": shop.currency,
        "limit": _SHOWN,
        "cursor": cursor,
    }
    listed, categories, sales = await asyncio.gather(
        shop.api.get(_PRODUCTS, wanted),
        shop.api.find("/api/v1/categories", {"limit": 50}),
        open_sales(shop) if not cursor else _nothing(),
    )
    products = listed["data"]
    return shop.show(
        "store/browse.html",
        products=products,
        prices=await prices_of(shop, products),
        categories=[each for each in categories or [] if each["parent_id"] is None],
        category=next((each for each in categories or [] if each["id"] == category_id), None),
        names={each["id"]: each["name"] for each in categories or []},
        text=text,
        next_cursor=listed.get("next_cursor"),
        **sales,
    )


@get("/store/products/{product_id:uuid}", opt={"page": FOR_EVERYBODY})
async def show_store_product(request: PageRequest, product_id: FromPath[UUID]) -> Response[str]:
    """One product: what it is, in which variants, what it costs, and whether it is in a flash sale."""
    shop = await open_shop(request)
    product = (await shop.api.get(f"{_PRODUCTS}/{product_id}"))["data"]
    prices, category, sales = await asyncio.gather(
        prices_of(shop, [product], variants=True),
        shop.api.find(f"/api/v1/categories/{product['category_id']}") if product["category_id"] else _none(),
        shop.api.find("/api/v1/open-flash-sales", {"product_id": product["id"], "limit": 1}),
    )
    return shop.show("store/product.html", product=product, prices=prices, category=category, sales=sales or [])


async def open_sales(shop: Shop, sales: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The sales that run, with the products in them that the catalog knows."""
    if sales is None:
        sales = await shop.api.find("/api/v1/open-flash-sales", {"limit": _SALES_SHOWN}) or []
    sales = sales[:_SALES_SHOWN]
    on_sale = await products_by_id(shop, [item["product_id"] for sale in sales for item in sale["items"]])
    return {"sales": sales, "on_sale": on_sale, "sale_prices": await prices_of(shop, list(on_sale.values()))}


async def _nothing() -> dict[str, Any]:
    return {"sales": [], "on_sale": {}, "sale_prices": {}}


async def _none() -> None:
    return None
