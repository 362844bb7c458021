"""What a refund would do, with products and sellers by their names.

Source: docs/spec/web.md#objects.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from quote_service.web.rendering.texts import is_some
from quote_service.web.routes.page import Page

_NAMES_MAX = 30
_FEES = (("Delivery", "delivery_fee"), ("Small basket", "small_basket_fee"))


async def refund_preview(page: Page, reported: dict[str, Any]) -> dict[str, Any]:
    """What the template shows of a refund that has not been made."""
    products, sellers = await asyncio.gather(
        names_of(page, "/api/v1/products", (line["product_id"] for line in reported["lines"])),
        names_of(page, "/api/v1/sellers", (seller["seller_id"] for seller in reported.get("sellers", ()))),
    )
    return {
        "document": reported,
        "lines": [(line, products.get(line["product_id"], "")) for line in reported["lines"]],
        "fees": [(label, reported["fees"][name]) for label, name in _FEES if is_some(reported["fees"][name])],
        "sellers": [(seller, sellers.get(seller["seller_id"], "")) for seller in reported.get("sellers", ())],
    }


async def names_of(page: Page, path: str, ids: Iterable[str], most: int = _NAMES_MAX) -> dict[str, str]:
    """Names by id, as far as the API shows them to whoever looks."""
    wanted = list(dict.fromkeys(ids))[:most]
    found = await asyncio.gather(*(page.api.find(f"{path}/{each}") for each in wanted))
    return {each: known["name"] for each, known in zip(wanted, found, strict=True) if known is not None}
