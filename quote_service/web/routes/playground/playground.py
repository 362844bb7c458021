"""The quote playground.

Source: docs/spec/web.md#playground.
"""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from litestar import Response, get, post

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.system.errors import Malformed
from quote_service.web.model.example_basket import CUSTOMER, SELLER
from quote_service.web.model.playground_form import playground_fields, read_playground
from quote_service.web.rendering.schema_fields import SchemaForm
from quote_service.web.rendering.snippets import snippets
from quote_service.web.rendering.waterfall import waterfall
from quote_service.web.routes.gate import FOR_STAFF
from quote_service.web.routes.own_api import ApiAnswer, OwnApi
from quote_service.web.routes.page import Page, PageRequest, form_of, page_of
from quote_service.web.routes.playground.supposing import SUPPOSED_DRAFT, new_flag_row, read_supposed, supposed_fields
from quote_service.web.routes.subjects.subject import schema_form

_SIMULATE = "/api/v1/quotes/simulate"
_PRODUCTS_SHOWN = 8
_INSTANT = len("2026-01-01T00:00:00")
_PRODUCT = "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e"
_CATEGORY = "11111111-1111-4111-8111-111111111111"


@get("/admin/playground", opt={"page": FOR_STAFF})
async def show_playground(request: PageRequest) -> Response[str]:
    """The form, filled in with a basket that has a price at once."""
    given = request.query_params
    supposed = {name: given.get(name, "") for name in ("draft_rules", "draft_rates", "flag_overrides")}
    at = given.get("at", "")[:_INSTANT]
    supposed = {name: text for name, text in {**supposed, "at": at}.items() if text}
    page = page_of(request)
    form = await schema_form(request, page)
    return await playground_page(page, form, supposed, _basket_of(given.get("basket", "")))


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
    # What is not in the catalog has a price of its own, and any id.
    line = {"product_id": str(uuid4()), "name": "", "price": "", "category_id": "", "quantity": 1}
    if product_id:
        line = _line_of((await page.api.get(f"/api/v1/products/{product_id}"))["data"])
    return page.show("playground/line.html", line=line)


@post("/admin/playground/price", status_code=200, opt={"page": FOR_STAFF})
async def show_price(request: PageRequest) -> Response[str]:
    """What the basket costs now, and with what is supposed."""
    page, fields = page_of(request), await form_of(request)
    asked = read_playground(fields)
    drafts, faults = read_supposed(await schema_form(request, page), fields)
    supposed = {**asked.supposed, **drafts}
    answer = await page.api.call("POST", _SIMULATE, asked.basket)
    if not answer.is_good:
        return _refusal(page, answer)
    detail = ""
    # `simulated` and not `now`: a tier is something to suppose in a simulation, and here a part of the basket.
    now = shown = answer.data["simulated"]
    if supposed and not faults:
        with_drafts = await page.api.call("POST", _SIMULATE, {**asked.basket, **supposed})
        if with_drafts.is_good:
            shown = with_drafts.data["simulated"]
        else:
            faults, detail = with_drafts.faults, _detail(with_drafts)
    return page.show(
        "playground/price.html",
        status=422 if faults or detail else 200,
        quote=shown,
        now=now,
        is_supposed=bool(supposed) and not (faults or detail),
        wanting=faults,
        detail=detail,
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
        return _refusal(page, answer)
    quote = answer.data
    explained = await page.api.get(f"/api/v1/quotes/{quote['quote_id']}/explain")
    return page.show("playground/why.html", quote=quote, explained=explained["data"])


@get("/admin/playground/flag", opt={"page": FOR_STAFF})
async def show_flag(request: PageRequest) -> Response[str]:
    """A field for the value of a flag; nothing where none is chosen."""
    page, key = page_of(request), request.query_params.get("key", "")
    row = await new_flag_row(page.api, key) if key else None
    return page.show("playground/flag_added.html", row=row)


async def playground_page(
    page: Page, form: SchemaForm, supposed: dict[str, str], basket: dict[str, Any] | None = None
) -> Response[str]:
    """The playground, with what is supposed filled in by the names of its fields, and a basket where there is one."""
    lines = await _first_lines(page.api) if basket is None else await _lines_of_basket(page.api, basket)
    currency = lines[0]["currency"] if lines else "TRY"
    given = playground_fields(basket or {})
    return page.show(
        "playground/playground.html",
        lines=lines
        or [{"product_id": _PRODUCT, "name": "", "price": "25.50", "category_id": _CATEGORY, "quantity": 3}],
        currency=given.get("currency", currency),
        customer_id=given.get("customer_id", CUSTOMER),
        seller_id=given.get("seller_id", SELLER),
        given=given,
        supposed=supposed,
        fields=await supposed_fields(form, page.api, supposed),
        draft_name=SUPPOSED_DRAFT,
    )


PLAYGROUND = (show_playground, show_products, show_line, show_flag, show_price, show_why)


def _refusal(page: Page, answer: ApiAnswer) -> Response[str]:
    return page.show("playground/faults.html", status=answer.status, faults=answer.faults, detail=_detail(answer))


def _detail(answer: ApiAnswer) -> str:
    """What the API says of a refusal that is about no field."""
    return "" if answer.faults else str((answer.document or {}).get("detail", ""))


async def _first_lines(api: OwnApi) -> list[dict[str, Any]]:
    products = await api.find("/api/v1/products", {"limit": 2, "is_active": "true"}) or []
    lines = [_line_of(product) for product in products if product["prices"]]
    return [line for line in lines if line["currency"] == lines[0]["currency"]]


async def _lines_of_basket(api: OwnApi, basket: dict[str, Any]) -> list[dict[str, Any]]:
    lines = []
    for item in basket["items"]:
        product = None if "unit_price" in item else await api.find(f"/api/v1/products/{item['product_id']}")
        line = _line_of(product) if product else {"name": "", "currency": basket.get("currency", ""), "category_id": ""}
        lines.append({**line, "quantity": 1, **item, "price": item.get("unit_price", "")})
    return lines


def _basket_of(text: str) -> dict[str, Any] | None:
    """A basket of the address; None where there is none that could be shown."""
    try:
        basket = parse_json(text.encode()) if text else None
    except Malformed:
        return None
    if not isinstance(basket, dict) or not isinstance(items := basket.get("items"), list):
        return None
    return basket if items and all(isinstance(item, dict) and "product_id" in item for item in items) else None


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
