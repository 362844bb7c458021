"""What a shopper has bought: orders with their refunds and receipts, and purchases in flash sales.

Source: docs/spec/store.md#orders.
"""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from quote_service.web.rendering.json_text import json_text
from quote_service.web.routes.page import PageRequest
from quote_service.web.routes.store.checkout import FOR_SHOPPERS, refusal_of
from quote_service.web.routes.store.products import products_by_id
from quote_service.web.routes.store.shop import Shop, open_shop

_ORDERS = "/api/v1/orders"
_SHOWN = 20


@get("/store/orders", opt={"page": FOR_SHOPPERS})
async def show_orders(request: PageRequest) -> Response[str]:
    """All of a shopper's, the newest first."""
    shop = await open_shop(request)
    cursor = request.query_params.get("cursor", "")
    orders, purchases = await asyncio.gather(
        shop.api.get(_ORDERS, {"limit": _SHOWN, "cursor": cursor}),
        shop.api.find("/api/v1/purchases", {"limit": _SHOWN, "status": "reserved"}),
    )
    waiting = purchases or []
    return shop.show(
        "store/orders.html",
        orders=orders["data"],
        next_cursor=orders.get("next_cursor"),
        waiting=waiting,
        products=await products_by_id(shop, [each["product_id"] for each in waiting]),
    )


@get("/store/orders/{order_id:uuid}", opt={"page": FOR_SHOPPERS})
async def show_order(request: PageRequest, order_id: FromPath[UUID]) -> Response[str]:
    """One order: its lines, what was refunded, and what can be done."""
    shop = await open_shop(request)
    return await _order(shop, str(order_id), is_placed="placed" in request.query_params)


@post("/store/orders/{order_id:uuid}/cancel", status_code=200, opt={"page": FOR_SHOPPERS})
async def cancel_order(request: PageRequest, order_id: FromPath[UUID]) -> Response[str]:
    """Cancel it, as long as it has not been handed over."""
    shop = await open_shop(request)
    answer = await shop.api.call("POST", f"{_ORDERS}/{order_id}/cancel", {"reason": "Cancelled by the customer"})
    if answer.is_good:
        return shop.go(f"/store/orders/{order_id}")
    return await _order(shop, str(order_id), refusal=refusal_of(answer), status=answer.status)


@get("/store/orders/{order_id:uuid}/receipt", opt={"page": FOR_SHOPPERS})
async def show_receipt(request: PageRequest, order_id: FromPath[UUID]) -> Response[str]:
    """The signed receipt of its quote, to keep or to print."""
    shop = await open_shop(request)
    order = (await shop.api.get(f"{_ORDERS}/{order_id}"))["data"]
    receipt = None
    if order["quote_id"] is not None:
        # Accepting again gives the receipt of the first time.
        accepted = await shop.api.call("POST", f"/api/v1/quotes/{order['quote_id']}/accept")
        receipt = accepted.data["receipt"] if accepted.is_good else None
    return shop.show(
        "store/receipt.html",
        order=order,
        added_tax=_added_tax(order),
        receipt=receipt if receipt is None or isinstance(receipt, str) else json_text(receipt),
        products=await _products(shop, order),
    )


async def _order(
    shop: Shop, order_id: str, *, is_placed: bool = False, refusal: str = "", status: int = 200
) -> Response[str]:
    order, refunds = await asyncio.gather(
        shop.api.get(f"{_ORDERS}/{order_id}"), shop.api.find(f"{_ORDERS}/{order_id}/refunds")
    )
    data: dict[str, Any] = order["data"]
    return shop.show(
        "store/order.html",
        status=status,
        order=data,
        added_tax=_added_tax(data),
        refunds=refunds or [],
        products=await _products(shop, data),
        is_placed=is_placed,
        refusal=refusal,
    )


async def _products(shop: Shop, order: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return await products_by_id(shop, [line["product_id"] for line in order["lines"]])


def _added_tax(order: dict[str, Any]) -> Decimal:
    """The tax of an order that its prices do not contain."""
    return Decimal(str(order["tax_amount"])) - Decimal(str(order["tax_included_amount"]))
