"""Products, competitors, categories and sellers to choose from where a form takes the id of one.

Source: docs/spec/web.md#forms.
"""

from litestar import Response, get

from quote_service.web.routes.decisions.named_product import is_id, product_meant
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_SHOWN = 12
_LISTED = 200


@get("/admin/products/choices", opt={"page": FOR_STAFF})
async def show_product_choices(request: PageRequest) -> Response[str]:
    """Options for products whose name or SKU holds what was typed, for the one with that id, or for the first ones."""
    page, text = page_of(request), request.query_params.get("q", "").strip()
    query = {"limit": _SHOWN, **({"q": text} if text else {})}
    meant = await product_meant(page.api, text) if is_id(text) else None
    products = [meant] if meant else await page.api.find("/api/v1/products", query) or []
    return page.show("subjects/product_choices.html", products=products)


@get("/admin/competitors/choices", opt={"page": FOR_STAFF})
async def show_competitor_choices(request: PageRequest) -> Response[str]:
    """Options for competitors whose name holds what was typed, or for the first ones."""
    return await _named_choices(request, "/api/v1/competitors")


@get("/admin/categories/choices", opt={"page": FOR_STAFF})
async def show_category_choices(request: PageRequest) -> Response[str]:
    """The same for categories."""
    return await _named_choices(request, "/api/v1/categories")


@get("/admin/sellers/choices", opt={"page": FOR_STAFF})
async def show_seller_choices(request: PageRequest) -> Response[str]:
    """The same for sellers."""
    return await _named_choices(request, "/api/v1/sellers")


async def _named_choices(request: PageRequest, path: str) -> Response[str]:
    page, text = page_of(request), request.query_params.get("q", "").strip().casefold()
    found = await page.api.find(path, {"limit": _LISTED}) or []
    fitting = [each for each in found if text in each["name"].casefold() or text == each["id"]]
    return page.show("subjects/named_choices.html", choices=fitting[:_SHOWN])
