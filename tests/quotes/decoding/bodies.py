"""Quote requests as a checkout writes them, to be bent one field at a time."""

import copy
import json
from typing import Any

CUSTOMER = "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d"
SELLER = "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f"
PRODUCT = "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e"
VARIANT = "c2d3e4f5-a6b7-4c8d-9e0f-1a2b3c4d5e6f"
CATEGORY = "11111111-1111-4111-8111-111111111111"

FULL: dict[str, Any] = {
    "customer_id": CUSTOMER,
    "seller_id": SELLER,
    "items": [
        {
            "product_id": PRODUCT,
            "variant_id": VARIANT,
            "quantity": 2,
            "unit_price": 25.5,
            "category_id": CATEGORY,
            "tags": ["electronics", "mobile"],
            "weight": 0.5,
        }
    ],
    "delivery_address": {
        "street": "İstiklal Caddesi 123",
        "city": "Istanbul",
        "district": "Beyoğlu",
        "country": "TR",
        "latitude": 41.0082,
        "longitude": 28.9784,
    },
    "pickup_address": {"city": "Istanbul", "country": "TR", "latitude": 41.0186, "longitude": 29.0023},
    "is_express_delivery": True,
    "coupon_codes": ["SAVE20"],
    "currency": "TRY",
    "context": {"user_agent": "Mozilla/5.0 (rv:109.0)", "session_id": "s:1", "ab_test_group": "group_a"},
}


def full() -> dict[str, Any]:
    """A request with nearly every field, to change at will."""
    return copy.deepcopy(FULL)


def body_of(request: Any) -> bytes:
    """The request as most checkouts write it."""
    return json.dumps(request, ensure_ascii=False).encode()


def with_literal(request: dict[str, Any], marker: str, literal: str | bytes) -> bytes:
    """The request's bytes, with the text `marker` (quotes and all) replaced by a JSON literal of the test's choice."""
    raw = literal.encode() if isinstance(literal, str) else literal
    body = body_of(request)
    quoted = json.dumps(marker).encode()
    assert body.count(quoted) == 1
    return body.replace(quoted, raw)


def set_at(request: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """The request with one field set; the pointer's tokens have no escapes."""
    *path, last = pointer.strip("/").split("/")
    holder: Any = request
    for token in path:
        holder = holder[int(token)] if isinstance(holder, list) else holder[token]
    if isinstance(holder, list):
        holder[int(last)] = value
    else:
        holder[last] = value
    return request
