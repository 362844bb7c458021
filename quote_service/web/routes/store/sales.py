"""Flash sales: what is on, for how long, how much is left; and buying in one, with every state told as it is.

Source: docs/spec/store.md#flash-sales.
"""

import secrets
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from quote_service.platform.money.numbers import NotANumber, read_number
from quote_service.web.routes.gate import FOR_EVERYBODY
from quote_service.web.routes.page import PageRequest, first, form_of, is_part
from quote_service.web.routes.store.checkout import FOR_SHOPPERS, refusal_of
from quote_service.web.routes.store.products import prices_of, products_by_id
from quote_service.web.routes.store.shop import Shop, open_shop

_SALES = "/api/v1/open-flash-sales"
_PURCHASES = "/api/v1/purchases"
_WAIT_SECONDS = 2


@get("/store/sales/{sale_id:uuid}", opt={"page": FOR_EVERYBODY})
async def show_sale(request: PageRequest, sale_id: FromPath[UUID]) -> Response[str]:
    """One sale, to buy in."""
    return await _sale(await open_shop(request), str(sale_id))


@post("/store/sales/{sale_id:uuid}/buy", status_code=200, opt={"page": FOR_SHOPPERS})
async def buy_in_sale(request: PageRequest, sale_id: FromPath[UUID]) -> Response[str]:
    """Buy, and tell what became of it; the same form twice is one purchase."""
    shop, fields = await open_shop(request), await form_of(request)
    quantity = first(fields, "quantity", "1")
    asked = {
        "product_id": first(fields, "product_id"),
        "quantity": int(quantity) if quantity.isascii() and quantity.isdecimal() and len(quantity) < 10 else quantity,
        "expected_price": _number(first(fields, "expected_price")),
    }
    headers = {"Idempotency-Key": first(fields, "key") or secrets.token_hex(16), "Prefer": f"wait={_WAIT_SECONDS}"}
    answer = await shop.api.call("POST", f"/api/v1/flash-sales/{sale_id}/purchases", asked, headers=headers)
    if answer.is_good:
        return shop.go(f"/store/purchases/{answer.data['purchase_id']}")
    return await _sale(shop, str(sale_id), refusal=refusal_of(answer), status=answer.status)


@get("/store/purchases/{purchase_id:uuid}", opt={"page": FOR_SHOPPERS})
async def show_purchase(request: PageRequest, purchase_id: FromPath[UUID]) -> Response[str]:
    """What became of a purchase; a page that stays open asks again until it is decided."""
    shop = await open_shop(request)
    return await _purchase(shop, str(purchase_id), is_only_state=is_part(request))


@post("/store/purchases/{purchase_id:uuid}/{step:str}", status_code=200, opt={"page": FOR_SHOPPERS})
async def decide_purchase(request: PageRequest, purchase_id: FromPath[UUID], step: FromPath[str]) -> Response[str]:
    """Confirm what is held, or give it back."""
    shop = await open_shop(request)
    if step == "confirm":
        answer = await shop.api.call("POST", f"{_PURCHASES}/{purchase_id}/confirm")
    else:
        answer = await shop.api.call("DELETE", f"{_PURCHASES}/{purchase_id}")
    if answer.is_good:
        return shop.go(f"/store/purchases/{purchase_id}")
    return await _purchase(shop, str(purchase_id), refusal=refusal_of(answer), status=answer.status)


async def _sale(shop: Shop, sale_id: str, *, refusal: str = "", status: int = 200) -> Response[str]:
    found = await shop.api.call("GET", f"{_SALES}/{sale_id}")
    if not found.is_good and found.status != 404:
        shop.api.require(found)
    sale = found.data if found.is_good else None
    products = await products_by_id(shop, [item["product_id"] for item in sale["items"]]) if sale else {}
    return shop.show(
        "store/sale.html",
        status=status if found.is_good else 404,
        sale=sale,
        products=products,
        sale_prices=await prices_of(shop, list(products.values())),
        refusal=refusal,
        key=secrets.token_hex(16),
    )


async def _purchase(
    shop: Shop, purchase_id: str, *, is_only_state: bool = False, refusal: str = "", status: int = 200
) -> Response[str]:
    purchase = (await shop.api.get(f"{_PURCHASES}/{purchase_id}"))["data"]
    order = None
    if purchase["status"] == "confirmed":
        orders = await shop.api.find("/api/v1/orders", {"product_id": purchase["product_id"], "limit": 50}) or []
        order = next((each for each in orders if each["purchase_id"] == purchase_id), None)
    products = await products_by_id(shop, [purchase["product_id"]])
    return shop.show(
        "store/purchase_state.html" if is_only_state else "store/purchase.html",
        status=status,
        purchase=purchase,
        product=products.get(purchase["product_id"]),
        order=order,
        refusal=refusal,
    )


def _number(text: str) -> Any:
    try:
        return read_number(text)
    except NotANumber:
        return text
