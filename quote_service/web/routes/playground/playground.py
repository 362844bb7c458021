"""The quote playground.

Source: docs/spec/web.md#playground.
"""

from decimal import Decimal
from typing import Any

from litestar import Response, get, post

from quote_service.web.rendering.snippets import snippets
from quote_service.web.rendering.waterfall import waterfall
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import OwnApi
from quote_service.web.routes.page import Page, PageRequest, form_of, page_of
from quote_service.web.words.playground_form import read_playground

_SIMULATE = "/api/v1/quotes/simulate"
_PRODUCTS_SHOWN = 8
# Who nobody is: a customer without a record, so that a basket is priced as for somebody new.
_CUSTOMER = "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d"
_SELLER = "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
_PRODUCT = "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e"
_CATEGORY = "11111111-1111-4111-8111-111111111111"


@get("/admin/playground", opt={"page": FOR_STAFF})
async def show_playground(request: PageRequest) -> Response[str]:
    """The form, filled in with a basket that has a price at once."""
    return await playground_page(page_of(request), {})


@get("/admin/playground/products", opt={"page": FOR_STAFF})
async def show_products(request: PageRequest) -> Response[str]:
    """Products whose name or SKU holds what was typed."""
    page, text = page_of(request), request.query_params.get("q", "").strip()
    found = await page.api.get("/api/v1/products", {"q": text, "limit": _PRODUCTS_SHOWN}) if text else {"data": []}
    return page.show("playground/products.html", products=found["data"], text=text)


@get("/admin/playground/line", opt={"page": FOR_STAFF})
async def show_line(request: PageRequest) -> Response[str]:
    """A line of the form: of a product, or an empty one."""
    page, product_id = page_of(request), request.query_params.get("product_id", "")
    line = {"product_id": "", "name": "", "price": "", "category_id": "", "quantity": 1}
    if product_id:
        line = _line_of((await page.api.get(f"/api/v1/products/{product_id}"))["data"])
    return page.show("playground/line.html", line=line)


@post("/admin/playground/price", status_code=200, opt={"page": FOR_STAFF})
async def show_price(request: PageRequest) -> Response[str]:
    """What the basket costs now, and with what is supposed."""
    page, asked = page_of(request), read_playground(await form_of(request))
    if asked.faults:
        return page.show("playground/faults.html", status=422, faults=asked.faults, detail="")
    answers = [await page.api.call("POST", _SIMULATE, asked.basket)]
    if asked.supposed:
        answers.append(await page.api.call("POST", _SIMULATE, asked.whole))
    for answer in answers:
        if not answer.is_good:
            detail = "" if answer.faults else answer.document.get("detail", "")
            return page.show("playground/faults.html", status=answer.status, faults=answer.faults, detail=detail)
    # `simulated` and not `now`: a tier is something to suppose in a simulation, and here a part of the basket.
    now, shown = answers[0].data["simulated"], answers[-1].data["simulated"]
    return page.show(
        "playground/price.html",
        quote=shown,
        now=now,
        is_supposed=bool(asked.supposed),
        difference=Decimal(str(shown["total_amount"])) - Decimal(str(now["total_amount"])),
        picture=waterfall(shown["pricing_breakdown"]["calculations"], shown["total_amount"]),
        snippets=snippets(asked.basket, str(request.base_url)),
        names=await _names(page.api, shown),
    )


@post("/admin/playground/why", status_code=200, opt={"page": FOR_STAFF})
async def show_why(request: PageRequest) -> Response[str]:
    """A real quote of the basket, with every rule and rate that was considered."""
    page, asked = page_of(request), read_playground(await form_of(request))
    answer = await page.api.call("POST", "/api/v1/quote", asked.basket)
    if not answer.is_good:
        return page.show(
            "playground/faults.html",
            status=answer.status,
            faults=answer.faults,
            detail="" if answer.faults else answer.document.get("detail", ""),
        )
    quote = answer.data
    explained = await page.api.get(f"/api/v1/quotes/{quote['quote_id']}/explain")
    return page.show("playground/why.html", quote=quote, explained=explained["data"])


async def playground_page(page: Page, supposed: dict[str, str]) -> Response[str]:
    """The playground, with what is supposed filled in by the names of its fields."""
    lines = await _first_lines(page.api)
    currency = lines[0]["currency"] if lines else "TRY"
    return page.show(
        "playground/playground.html",
        lines=lines
        or [{"product_id": _PRODUCT, "name": "", "price": "25.50", "category_id": _CATEGORY, "quantity": 3}],
        currency=currency,
        customer_id=_CUSTOMER,
        seller_id=_SELLER,
        supposed=supposed,
    )


PLAYGROUND = (show_playground, show_products, show_line, show_price, show_why)


async def _first_lines(api: OwnApi) -> list[dict[str, Any]]:
    products = await api.find("/api/v1/products", {"limit": 2, "is_active": "true"}) or []
    lines = [_line_of(product) for product in products if product["prices"]]
    return [line for line in lines if line["currency"] == lines[0]["currency"]]


def _line_of(product: dict[str, Any]) -> dict[str, Any]:
    price = product["prices"][0] if product["prices"] else {}
    return {
        "product_id": product["id"],
        "name": product["name"],
        "sku": product["sku"],
        "price": "",
        "list_price": price.get("current_price"),
        "currency": price.get("currency", ""),
        "category_id": "",
        "quantity": 1,
    }


async def _names(api: OwnApi, quote: dict[str, Any]) -> dict[str, str]:
    """The names of the products that a quote shows, as far as the catalog has them."""
    names = {}
    for product_id in {item["product_id"] for item in quote["items"] if item["price_source"] != "request"}:
        product = await api.find(f"/api/v1/products/{product_id}")
        if product is not None:
            names[product_id] = product["name"]
    return names
