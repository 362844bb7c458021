"""Products to choose from where a form takes the id of one.

Source: docs/spec/web.md#forms.
"""

from litestar import Response, get

from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.page import PageRequest, page_of

_SHOWN = 12


@get("/admin/products/choices", opt={"page": FOR_STAFF})
async def show_product_choices(request: PageRequest) -> Response[str]:
    """Options for products whose name or SKU holds what was typed, or for the first ones."""
    page, text = page_of(request), request.query_params.get("q", "").strip()
    query = {"limit": _SHOWN, **({"q": text} if text else {})}
    products = await page.api.find("/api/v1/products", query) or []
    return page.show("subjects/product_choices.html", products=products)
