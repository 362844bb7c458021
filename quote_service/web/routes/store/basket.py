"""The basket, quoted as it changes.

Source: docs/spec/store.md#basket.
"""

from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from msgspec.structs import replace

from quote_service.platform.system.errors import Invalid
from quote_service.web.model.store.countries import COUNTRIES
from quote_service.web.model.store.merge_visits import as_seen, merge_visits
from quote_service.web.model.store.visit import QUANTITY_MAX, Visit, read_visit, write_visit
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.own_api import ApiAnswer
from quote_service.web.routes.page import PageRequest, first, form_of, is_part
from quote_service.web.routes.store.products import products_by_id
from quote_service.web.routes.store.shop import Shop, open_shop

_BASKET = "/store/basket"
# The sellers are those of the products, whatever is sent here.
_ANY_SELLER = "00000000-0000-4000-8000-000000000000"
_STEPS = {
    "delivery": "Delivery",
    "express_delivery": "Express delivery",
    "small_basket": "Small basket",
    "tax": "Tax",
}


class BasketRow(NamedTuple):
    """One line: the product as far as the catalog tells, its line of the quote, and what is wrong with it.

    `key` is the same for the same product and variant wherever the line stands.
    """

    key: str
    product: dict[str, Any] | None
    variant: dict[str, Any] | None
    quantity: int
    priced: dict[str, Any] | None
    fault: str


@get(_BASKET, opt={"page": FOR_EVERYBODY})
async def show_basket(request: PageRequest) -> Response[str]:
    """The basket and what it costs."""
    return await _shown(request, await open_shop(request))


@post("/store/basket/lines", status_code=200, opt={"page": FOR_EVERYBODY})
async def add_to_basket(request: PageRequest) -> Response[str]:
    """Put a product into it."""
    shop, fields = await open_shop(request), await form_of(request)
    product_id, variant_id = _id(first(fields, "product_id")), _id(first(fields, "variant_id"))
    if product_id is None:
        raise Invalid.at("/product_id", "is no product")
    before = shop.visit.units
    shop.visit = shop.visit.with_line(product_id, variant_id, _quantity(first(fields, "quantity", "1")) or 1)
    if is_part(request):
        return shop.show("store/added.html", is_full=shop.visit.units == before)
    return shop.go(_BASKET)


@post(_BASKET, status_code=200, opt={"page": FOR_EVERYBODY})
async def change_basket(request: PageRequest) -> Response[str]:
    """Change quantities, take lines out, follow a hint, try a coupon, say where it goes.

    Only what differs from what the page showed: another tab may have changed the rest since.
    """
    shop, fields = await open_shop(request), await form_of(request)
    seen = read_visit(first(fields, "seen")) or shop.visit
    shop.visit = merge_visits(shop.visit, seen, _changed(seen, fields))
    return await _shown(request, shop) if is_part(request) else shop.go(_BASKET)


@post("/store/place", status_code=200, opt={"page": FOR_EVERYBODY})
async def change_place(request: PageRequest) -> Response[str]:
    """Say where to deliver, which prices may go by."""
    shop, fields = await open_shop(request), await form_of(request)
    shop.visit = with_place(shop.visit, fields)
    return shop.go("/store")


def with_place(visit: Visit, fields: dict[str, list[str]]) -> Visit:
    """With the place of a form; what cannot be one stays as it was."""
    country, city = first(fields, "country", visit.country).upper(), first(fields, "city", visit.city)
    return replace(
        visit,
        country=country if country in COUNTRIES else visit.country,
        city=city[:60] or visit.city,
        district=first(fields, "district", visit.district)[:60],
    )


async def quote_basket(shop: Shop, *, with_hints: bool = True, is_new: bool = False) -> ApiAnswer:
    """What the API says of the basket; `is_new` asks for a quote that nobody has had before."""
    visit = shop.visit
    asked: dict[str, Any] = {
        "customer_id": shop.customer_id,
        "seller_id": _ANY_SELLER,
        "items": visit.items(),
        "delivery_address": visit.address(),
        "currency": shop.currency,
        "is_express_delivery": visit.is_express,
        "include_hints": with_hints,
    }
    if visit.coupon:
        asked["coupon_codes"] = [visit.coupon]
    return await shop.api.call(
        "POST", "/api/v1/quote", asked, headers={"Cache-Control": "no-cache"} if is_new else None
    )


async def basket_context(shop: Shop, answer: ApiAnswer | None) -> dict[str, Any]:
    """What the templates of a basket show."""
    found = await products_by_id(shop, [line.product_id for line in shop.visit.lines])
    quote = answer.data if answer is not None and answer.is_good else None
    faults = {} if answer is None else answer.faults
    rows = [_row(shop.visit, index, found, quote, faults) for index in range(len(shop.visit.lines))]
    others = [messages for pointer, messages in faults.items() if not pointer.startswith("/items/")]
    detail = "" if answer is None or answer.is_good or faults else (answer.document or {}).get("detail", "")
    return {
        "rows": rows,
        "quote": quote,
        # What another tier would pay is nothing that a shopper can do.
        "hints": [hint for hint in (quote or {}).get("hints", ()) if hint["code"] != "user_tier_price"],
        "sums": [] if quote is None else sums(quote),
        "is_taxed_after": quote is not None and _is_taxed_after(quote),
        "faults": [*others, detail] if detail else others,
        "products": found,
    }


def _is_taxed_after(quote: dict[str, Any]) -> bool:
    """Whether tax is added to amounts of the quote."""
    steps = quote["pricing_breakdown"]["calculations"]
    return any(step["step"] == "tax" and not step.get("included") for step in steps)


def sums(quote: dict[str, Any]) -> list[tuple[str, Any, bool]]:
    """From the items to the total: what it is, how much, and whether it is contained in the prices already."""
    steps = quote["pricing_breakdown"]["calculations"]
    items = "Items, before tax" if _is_taxed_after(quote) else "Items"
    rows: list[tuple[str, Any, bool]] = [(items, quote["pricing_breakdown"]["item_total"], False)]
    for step in steps:
        if step["step"] == "items":
            continue
        is_contained = bool(step.get("included"))
        if Decimal(str(step["amount"])) or is_contained:
            name = _STEPS.get(step["step"], step["description"])
            rows.append((name[:1].upper() + name[1:], step["amount"], is_contained))
    return rows


async def _shown(request: PageRequest, shop: Shop) -> Response[str]:
    answer = await quote_basket(shop) if shop.visit.lines else None
    template = "store/basket_parts.html" if is_part(request) else "store/basket.html"
    seen = write_visit(as_seen(shop.visit))
    return shop.show(template, is_part=is_part(request), seen=seen, **await basket_context(shop, answer))


def _row(
    visit: Visit, index: int, found: dict[str, dict[str, Any]], quote: dict[str, Any] | None, faults: dict[str, str]
) -> BasketRow:
    line = visit.lines[index]
    product = found.get(line.product_id)
    variants = product["variants"] if product is not None else []
    messages = [fault for pointer, fault in faults.items() if f"{pointer}/".startswith(f"/items/{index}/")]
    return BasketRow(
        f"{line.product_id}-{line.variant_id}" if line.variant_id else line.product_id,
        product,
        next((each for each in variants if each["id"] == line.variant_id), None),
        line.quantity,
        quote["items"][index] if quote is not None else None,
        "This is not sold any more" if product is None else "; ".join(messages),
    )


def _changed(visit: Visit, fields: dict[str, list[str]]) -> Visit:
    given = [_quantity(text) for text in fields.get("quantity", [])]
    quantities = [
        line.quantity if quantity is None else quantity for line, quantity in zip(visit.lines, given, strict=False)
    ]
    for name, step in (("less", -1), ("more", 1)):
        index = _quantity(first(fields, name, "x"))
        if index is not None and index < len(quantities):
            quantities[index] = min(QUANTITY_MAX, quantities[index] + step)
    index = _quantity(first(fields, "remove", "x"))
    if index is not None and index < len(quantities):
        quantities[index] = 0
    visit = with_place(visit.with_quantities(quantities), fields)
    if "coupon" in fields:
        visit = replace(visit, coupon=first(fields, "coupon")[:40])
    if "has_express" in fields:
        visit = replace(visit, is_express=first(fields, "is_express") == "1")
    for hint in fields.get("hint", ()):
        product, _, more = hint.partition(":")
        variant, _, units = more.partition(":")
        product_id, quantity = _id(product), _quantity(units)
        if product_id is not None and quantity:
            visit = visit.with_line(product_id, _id(variant), quantity)
    return visit


def _quantity(text: str) -> int | None:
    text = text.strip()
    return min(int(text), QUANTITY_MAX) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
