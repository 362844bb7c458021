"""The product that somebody means: by its id, its SKU or its name.

Source: docs/spec/web.md#price-decisions.
"""

from typing import Any
from uuid import UUID

from quote_service.web.routes.own_api import OwnApi

_FOUND = 5


async def product_meant(api: OwnApi, text: str) -> dict[str, Any] | None:
    """The product with this id, SKU or name, or the only one whose name or SKU holds the text; None for none or several."""
    if not text:
        return None
    if is_id(text):
        product: dict[str, Any] | None = await api.find(f"/api/v1/products/{text}")
        return product
    found = await api.find("/api/v1/products", {"q": text, "limit": _FOUND}) or []
    exact = [each for each in found if text.casefold() in (each["sku"].casefold(), each["name"].casefold())]
    meant = exact or found
    return meant[0] if len(meant) == 1 else None


def is_id(text: str) -> bool:
    """Whether a text is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
