"""Examples of prices as customers see them, for the API's description.

Source: docs/spec/catalog.md#prices-that-a-customer-sees.
"""

from decimal import Decimal
from typing import Any

_PRODUCT = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_OTHER = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a0b"
_PRICE: dict[str, Any] = {
    "product_id": _PRODUCT,
    "variant_id": None,
    "quantity": 10,
    "currency": "TRY",
    "list_price": Decimal("1200.00"),
    "unit_price": Decimal("1079.90"),
    "price_source": "catalog",
    "tax": {"percent": Decimal("18"), "is_included": False},
    "price_adjustments": [
        {
            "kind": "quantity_price",
            "amount": Decimal("-120.00"),
            "rule_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a0c",
            "percent": Decimal("-10"),
        },
        {"kind": "rounding", "amount": Decimal("-0.10")},
    ],
}
SHOWN_PRICE: dict[str, Any] = {
    **_PRICE,
    "quantity": 1,
    "unit_price": Decimal("1080.00"),
    "price_adjustments": [
        {
            "kind": "time_price",
            "amount": Decimal("-120.00"),
            "rule_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a0c",
            "percent": Decimal("-10"),
        }
    ],
    "public_price": Decimal("1080.00"),
    "lowest_price_30_days": Decimal("1150.00"),
    "reduction": {
        "price": Decimal("1080.00"),
        "prior_price": Decimal("1150.00"),
        "percent_off": 6,
        "started_at": "2026-02-27T23:00:00Z",
        "cause": "price_rule",
    },
}
PRICES_REQUEST: dict[str, Any] = {
    "items": [{"product_id": _PRODUCT, "quantity": 10}, {"product_id": _OTHER}],
    "currency": "TRY",
    "region": "TR/Istanbul",
}
SHOWN_PRICES: dict[str, Any] = {
    "at": "2026-03-01T09:30:00Z",
    "prices": [{**_PRICE, "public_price": None, "lowest_price_30_days": Decimal("1150.00"), "reduction": None}],
    "unavailable": [{"product_id": _OTHER, "variant_id": None, "reason": "unknown_product"}],
}
