"""Products as a visitor sees them: what the catalog says of them, with the visitor's own prices.

Source: docs/spec/store.md#products-and-prices.
"""

from collections.abc import Sequence
from typing import Any

from quote_service.web.model.store.prices import StorePrice, store_price
from quote_service.web.routes.store.shop import Shop

_IDS_AT_ONCE = 100
_PRICES_AT_ONCE = 500


async def products_by_id(shop: Shop, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the catalog says of products; one that is not sold any more is missing."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[start : start + _IDS_AT_ONCE]
        rows = await shop.api.find("/api/v1/products", {"ids": ",".join(some), "limit": _IDS_AT_ONCE}) or []
        found.update({row["id"]: row for row in rows})
    return found


async def prices_of(shop: Shop, products: Sequence[dict[str, Any]], *, variants: bool = False) -> dict[str, StorePrice]:
    """The prices of products, and of their variants, by the names of their parts."""
    items = [{"product_id": product["id"]} for product in products]
    if variants:
        items += [
            {"product_id": product["id"], "variant_id": each["id"]}
            for product in products
            for each in product["variants"]
        ]
    return await prices_of_items(shop, items)


async def prices_of_items(shop: Shop, items: Sequence[dict[str, Any]]) -> dict[str, StorePrice]:
    """The same of products and variants by their ids."""
    found: dict[str, StorePrice] = {}
    for start in range(0, len(items), _PRICES_AT_ONCE):
        some = items[start : start + _PRICES_AT_ONCE]
        asked = {"items": some, "currency": shop.currency, "region": shop.visit.region}
        answer = shop.api.require(await shop.api.call("POST", "/api/v1/products/prices", asked))
        for each in answer.data["prices"]:
            price = store_price(each, with_tax=shop.shows_tax)
            found[price.name] = price
    return found
