"""A basket that a draft of a rule or rate is about, so that its price moves with the draft.

Source: docs/spec/web.md#editors.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

Document = Mapping[str, Any]
# Who nobody is: a customer and a seller without records, priced as somebody new.
CUSTOMER = "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d"
SELLER = "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
_PRODUCT = "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e"
_CITY, _COUNTRY, _CURRENCY = "Istanbul", "TR", "TRY"
_PRICE = Decimal(100)
_UNITS_MAX = 1000
# About 8 km apart: enough for what goes by distance.
_PICKUP = {"latitude": 41.0082, "longitude": 28.9784}
_DELIVERY = {"latitude": 41.0600, "longitude": 29.0400}


def example_basket(draft: Document, products: Sequence[Document], chosen: Mapping[str, str]) -> dict[str, Any]:
    """A quote request.

    Args:
        draft: The rule or rate, as far as it is filled in.
        products: Of the catalog, those that may stand in the basket.
        chosen: What somebody wants of the basket: `city`, `country`, `product_id`, `quantity`, `express`, `tier`; empty texts for
            what follows from the draft.
    """
    conditions, configuration = _part(draft, "conditions"), _part(draft, "configuration")
    address = _address(str(draft.get("region") or ""))
    address.update({name: chosen[name] for name in ("city", "country") if chosen.get(name)})
    item = _item(draft, conditions, configuration, products, chosen)
    basket: dict[str, Any] = {
        "customer_id": CUSTOMER,
        "seller_id": draft.get("seller_id") or _first(conditions.get("seller_ids")) or SELLER,
        "items": [item],
        "delivery_address": address,
        "currency": str(draft.get("currency") or _currency_of(products)),
    }
    if chosen.get("express") or conditions.get("express") is True or draft.get("type") == "EXPRESS_FEE":
        basket["is_express_delivery"] = True
    if _goes_by_distance(configuration):
        basket["pickup_address"] = {"city": address["city"], "country": address["country"], **_PICKUP}
        address.update(_DELIVERY)
    tier = chosen.get("tier") or _first(conditions.get("customer_tiers")) or _first(_part(configuration, "tiers"))
    if tier:
        basket["customer_tier"] = tier
    if segment := _first(conditions.get("customer_segments")):
        basket["customer_segments"] = [segment]
    if group := _first(conditions.get("ab_test_groups")):
        basket["context"] = {"ab_test_group": group}
    if draft.get("type") == "COUPON" and configuration.get("code"):
        basket["coupon_codes"] = [configuration["code"]]
    if provider := draft.get("logistics_provider"):
        basket["logistics_provider"] = provider
    return basket


def _item(
    draft: Document,
    conditions: Document,
    configuration: Document,
    products: Sequence[Document],
    chosen: Mapping[str, str],
) -> dict[str, Any]:
    currency = str(draft.get("currency") or _currency_of(products))
    categories = conditions.get("category_ids") or ([draft["category_id"]] if draft.get("category_id") else [])
    threshold = _decimal(configuration.get("threshold"))
    product = _fitting(conditions, categories, currency, products, chosen.get("product_id", ""))
    price = _price(product, currency) if product is not None else None
    if product is None or price is None or (threshold and price >= threshold and not chosen.get("product_id")):
        price = Decimal(max(1, int(threshold * 4 / 5))) if threshold else _PRICE
        item: dict[str, Any] = {"product_id": _first(conditions.get("product_ids")) or _PRODUCT, "unit_price": price}
        if categories:
            item["category_id"] = categories[0]
    else:
        item = {"product_id": product["id"]}
    least = _decimal(conditions.get("min_subtotal")) or Decimal(0)
    units = max(_units_of(configuration), ceil(least / price) if price else 1, 1)
    wanted = chosen.get("quantity", "")
    item["quantity"] = int(wanted) if wanted.isdecimal() and len(wanted) < 8 else min(units, _UNITS_MAX)
    return item


def _fitting(
    conditions: Document, categories: Sequence[Any], currency: str, products: Sequence[Document], wanted: str
) -> Document | None:
    """A product that the draft is about; None where the catalog shows none that is sold in the currency."""
    sold = [product for product in products if _price(product, currency) is not None]
    if wanted:
        return next((product for product in sold if product["id"] == wanted), None)
    ids, tags = conditions.get("product_ids") or (), set(conditions.get("tags_any") or ())
    for product in sold:
        if ids and product["id"] not in ids:
            continue
        if tags and not tags & set(product.get("tags", ())):
            continue
        if categories and product.get("category_id") not in categories:
            continue
        return product
    return None


def _price(product: Document, currency: str) -> Decimal | None:
    for price in product.get("prices", ()):
        if price["currency"] == currency:
            return _decimal(price["current_price"])
    return None


def _units_of(configuration: Document) -> int:
    """How many units it takes for the draft to do something."""
    if isinstance(configuration.get("buy"), int) and isinstance(configuration.get("get"), int):
        return int(configuration["buy"] + configuration["get"])
    breaks = configuration.get("breaks")
    least = breaks[0].get("min_quantity") if isinstance(breaks, list) and breaks else None
    return least if isinstance(least, int) else 1


def _address(region: str) -> dict[str, Any]:
    parts = [part.strip() for part in region.split("/") if part.strip()]
    if not parts:
        return {"city": _CITY, "country": _COUNTRY}
    if len(parts[0]) != len(_COUNTRY):
        return {"city": parts[0], "country": _COUNTRY}
    address = {"city": parts[1] if len(parts) > 1 else _CITY if parts[0] == _COUNTRY else "-", "country": parts[0]}
    return {**address, "district": parts[2]} if len(parts) > 2 else address


def _goes_by_distance(configuration: Document) -> bool:
    return any(configuration.get(name) for name in ("per_km", "distance_factor", "max_distance_km"))


def _currency_of(products: Sequence[Document]) -> str:
    return next((str(price["currency"]) for product in products for price in product.get("prices", ())), _CURRENCY)


def _part(draft: Document, name: str) -> Document:
    part = draft.get(name)
    return part if isinstance(part, Mapping) else {}


def _first(values: Any) -> str:
    return str(next(iter(values))) if isinstance(values, list | Mapping) and values else ""


def _decimal(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
