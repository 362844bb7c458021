"""Calls of the inventory, and what prices have become by it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.catalog.shop import PRODUCTS, Shop

INVENTORY = "/api/v1/inventory"
#: Low at 10 and below, high at 100 and above; a price of 100.00 becomes 120.00 or 75.00.
DYNAMIC = {
    "low_threshold": 10,
    "high_threshold": 100,
    "low_adjust_percent": 20,
    "high_adjust_percent": 25,
    "is_dynamic": True,
}


def place_of(product: dict[str, Any]) -> str:
    return f"{INVENTORY}/{product['id']}"


def put_stock(shop: Shop, product: dict[str, Any], quantity: int, **fields: Any) -> dict[str, Any]:
    """Set stock, and answer what it is then."""
    answer = shop.put(place_of(product), {"quantity": quantity, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def adjust(shop: Shop, product: dict[str, Any], delta: int, **fields: Any) -> httpx.Response:
    return shop.post(f"{place_of(product)}/adjust", {"delta": delta, "reason": "test", **fields})


def prices_now(shop: Shop, product: dict[str, Any]) -> dict[str, Any]:
    """Current prices of the product by currency."""
    return {price["currency"]: price["current_price"] for price in shop.shown(f"{PRODUCTS}/{product['id']}")["prices"]}


def stock_moves(shop: Shop, product: dict[str, Any], **query: Any) -> list[tuple[Any, Any]]:
    """Old and new price of each move by stock, oldest first."""
    return [(move["old_price"], move["new_price"]) for move in shop.history(product, reason="inventory", **query)[::-1]]
