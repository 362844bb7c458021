"""Products as a visitor sees them: what the catalog tells of them, with the visitor's own prices.

Source: docs/spec/store.md#products-and-prices.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.web.routes.store.shop import Shop

_LABELS = {
    "flash_sale": "Flash sale",
    "user_tier_price": "Your price",
    "time_price": "For now",
    "inventory_price": "While there is plenty",
    "demand_price": "Quiet hour",
}
_IDS_AT_ONCE = 100


class Price(NamedTuple):
    """What a product costs the visitor; `reference` is what it is reduced from, None where it is not."""

    product_id: str
    variant_id: str | None
    amount: Any
    currency: str
    reference: Any | None
    percent_off: int
    lowest: Any | None
    labels: list[str]

    @property
    def name(self) -> str:
        """The part of a page that shows it."""
        return part_name(self.product_id, self.variant_id)


def part_name(product_id: str, variant_id: str | None) -> str:
    """The part of a page that shows the price of a product or variant."""
    return f"price-{product_id}" if variant_id is None else f"price-{product_id}-{variant_id}"


async def products_by_id(shop: Shop, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the catalog tells of products; one that is not sold any more is missing."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[start : start + _IDS_AT_ONCE]
        rows = await shop.api.find("/api/v1/products", {"ids": ",".join(some), "limit": _IDS_AT_ONCE}) or []
        found.update({row["id"]: row for row in rows})
    return found


async def prices_of(shop: Shop, products: Sequence[dict[str, Any]], *, variants: bool = False) -> dict[str, Price]:
    """The prices of products, and of their variants, by the names of their parts."""
    items = [{"product_id": product["id"]} for product in products]
    if variants:
        items += [
            {"product_id": product["id"], "variant_id": each["id"]}
            for product in products
            for each in product["variants"]
        ]
    if not items:
        return {}
    asked = {"items": items, "currency": shop.currency, "region": shop.visit.region}
    answer = shop.api.require(await shop.api.call("POST", "/api/v1/products/prices", asked))
    by_id = {product["id"]: product for product in products}
    prices = (price_shown(each, by_id.get(each["product_id"])) for each in answer.data["prices"])
    return {price.name: price for price in prices}


def price_shown(shown: dict[str, Any], product: dict[str, Any] | None) -> Price:
    """A price of the API beside what the catalog tells of the product: whether it is reduced, from what, and since when."""
    kept = _kept_price(product, shown["variant_id"], shown["currency"])
    amount = Decimal(str(shown["unit_price"]))
    reference = max(Decimal(str(shown["list_price"])), Decimal(str(kept.get("base_price", 0))))
    is_reduced = amount < reference
    kinds = [step["kind"] for step in shown["price_adjustments"] if Decimal(str(step["amount"])) < 0]
    return Price(
        shown["product_id"],
        shown["variant_id"],
        shown["unit_price"],
        shown["currency"],
        _reference(shown, kept, reference) if is_reduced else None,
        int((1 - amount / reference) * 100) if is_reduced else 0,
        kept.get("lowest_price_30_days") if is_reduced else None,
        [_LABELS[kind] for kind in dict.fromkeys(kinds) if kind in _LABELS],
    )


def _reference(shown: dict[str, Any], kept: dict[str, Any], reference: Decimal) -> Any:
    return shown["list_price"] if Decimal(str(shown["list_price"])) == reference else kept["base_price"]


def _kept_price(product: dict[str, Any] | None, variant_id: str | None, currency: str) -> dict[str, Any]:
    if product is None:
        return {}
    prices = product["prices"]
    for variant in product["variants"]:
        if variant["id"] == variant_id:
            prices = variant["prices"]
    return next((price for price in prices if price["currency"] == currency), {})
