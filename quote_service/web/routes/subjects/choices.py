"""Products and competitors to choose from where a form takes the id of one.

Source: docs/spec/web.md#forms.
"""

from litestar import Response, get

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_SHOWN = 12
_COMPETITORS = 200


@get("/admin/products/choices", opt={"page": FOR_STAFF})
async def show_product_choices(request: PageRequest) -> Response[str]:
    """Options for products whose name or SKU holds what was typed, or for the first ones."""
    page, text = page_of(request), request.query_params.get("q", "").strip()
    query = {"limit": _SHOWN, **({"q": text} if text else {})}
    products = await page.api.find("/api/v1/products", query) or []
    return page.show("subjects/product_choices.html", products=products)


@get("/admin/competitors/choices", opt={"page": FOR_STAFF})
async def show_competitor_choices(request: PageRequest) -> Response[str]:
    """Options for competitors whose name holds what was typed, or for the first ones."""
    page, text = page_of(request), request.query_params.get("q", "").strip().casefold()
    found = await page.api.find("/api/v1/competitors", {"limit": _COMPETITORS}) or []
    fitting = [each for each in found if text in each["name"].casefold() or text == each["id"]]
    return page.show("subjects/competitor_choices.html", competitors=fitting[:_SHOWN])
