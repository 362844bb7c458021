"""Price rules and products out of short words, and the price that a customer gets by them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import find_price_rules
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.rulebook.rulebook import Rulebook
from tests.pricing.books import book_of, instant_us

AT = "2025-06-11T10:30:00Z"  # a Wednesday
PRODUCT = "b0000000-0000-4000-8000-000000000001"
VARIANT = "b0000000-0000-4000-8000-0000000000a1"
CATEGORY = "c0000000-0000-4000-8000-000000000001"
SELLER = "a0000000-0000-4000-8000-000000000001"
CUSTOMER = "d0000000-0000-4000-8000-000000000001"
DYNAMIC = {"key": "dynamic_pricing", "type": "BOOLEAN", "value": True, "is_enabled": True, "name": "Dynamic pricing"}


def micro(amount: str | int | Decimal) -> int:
    return int(Decimal(amount).scaleb(6))


def major(amount_micro: int) -> Decimal:
    return Decimal(amount_micro).scaleb(-6)


def product(current: str = "100", **fields: Any) -> ProductPrice:
    given: dict[str, Any] = {
        "product_id": PRODUCT,
        "variant_id": None,
        "currency": "TRY",
        "category_id": CATEGORY,
        "seller_id": SELLER,
        "tags": ("new",),
        "weight_pico": None,
        "is_active": True,
        "current_micro": micro(current),
        "min_micro": 0,
        "max_micro": None,
        "cost_micro": None,
    }
    return ProductPrice(**{**given, **fields})


def rule(name: str, kind: str, configuration: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": f"rule {name}",
        "name": name,
        "type": kind,
        "configuration": configuration,
        "currency": "TRY",
        **fields,
    }


def time_price(name: str, adjustment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A TIME_PRICE rule; `ending` and `exclusive` go into its configuration."""
    configuration: dict[str, Any] = {key: fields.pop(key) for key in ("ending", "exclusive") if key in fields}
    return rule(name, "TIME_PRICE", {"adjustment": adjustment, **configuration}, **fields)


def book(*rules: dict[str, Any], flags: tuple[dict[str, Any], ...] = ()) -> Rulebook:
    return book_of({"pricing_rules": list(rules), "feature_flags": list(flags)})


def catalog_price(
    rulebook: Rulebook,
    offered: ProductPrice,
    quantity: int = 1,
    *,
    product_quantity: int | None = None,
    catalog: CatalogSnapshot | None = None,
    at: str = AT,
    city: str = "Istanbul",
    tier: str | None = None,
    segments: tuple[str, ...] = (),
    customer_id: str = CUSTOMER,
) -> CatalogPrice:
    """The price of a unit for a customer in a city of TR."""
    period = rulebook.period_at(instant_us(at))
    applicable = period.applicable_rules("TR", city, None, offered.currency)
    subject = Subject(customer_id, tier, list(segments), applicable.regions)
    rules = find_price_rules(period, applicable, subject)
    held = catalog if catalog is not None else CatalogSnapshot()
    return price_product(offered, quantity, product_quantity or quantity, rules, held)


def shown(price: CatalogPrice) -> list[tuple[str, str]]:
    """The kind and amount of each step."""
    return [(each.kind, f"{major(each.amount_micro):.6f}".rstrip("0").rstrip(".")) for each in price.adjustments]
