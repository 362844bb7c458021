"""What the API's description shows of the routes after the quote.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from typing import Any

from quote_service.quotes.routes.quote_examples import ANSWER_EXAMPLE, BASKET_EXAMPLE

QUOTE_EXAMPLE: dict[str, Any] = ANSWER_EXAMPLE["data"]
ACCEPTED_EXAMPLE: dict[str, Any] = {
    **QUOTE_EXAMPLE,
    "accepted_at": "2025-01-18T16:03:12.345678Z",
    "receipt": "eyJhbGciOiJFZERTQSIsImtpZCI6InIxIiwidHlwIjoicXVvdGUtcmVjZWlwdCtqd3QifQ.eyJpc3MiOiJxdW90ZS1zZXJ2aWNlIn0.c2ln",
}
RESERVATION_EXAMPLE: dict[str, Any] = {
    "quote_id": QUOTE_EXAMPLE["quote_id"],
    "status": "held",
    "reserved_at": "2025-01-18T16:01:02.345678Z",
    "held_until": "2025-01-18T16:06:02.345678Z",
    "ended_at": None,
}
_FIGURES = {
    name: value
    for name, value in QUOTE_EXAMPLE.items()
    if name not in ("quote_id", "signature", "cache", "valid_from", "valid_until")
}
SIMULATION_REQUEST_EXAMPLE: dict[str, Any] = {
    **BASKET_EXAMPLE,
    "at": "2026-12-24T18:00:00Z",
    "draft_rules": [
        {
            "name": "tr-delivery",
            "type": "DELIVERY_FEE",
            "configuration": {"base_fee": 12.5, "provider": "swift"},
            "currency": "TRY",
            "region": "TR",
        }
    ],
    "flag_overrides": {"express_delivery_multiplier": 1.5},
    "customer_tier": "gold",
}
SIMULATION_EXAMPLE: dict[str, Any] = {
    "now": {"at": "2025-01-18T16:00:00Z", **_FIGURES},
    "simulated": {"at": "2026-12-24T18:00:00Z", **_FIGURES},
    "difference": {
        "item_total": 0.0,
        "discount_amount": 0.0,
        "subtotal": 0.0,
        "tax_amount": 0.0,
        "delivery_fee": -1.25,
        "small_basket_fee": 0.0,
        "total_amount": -1.25,
        "platform_funded_discount": 0.0,
        "total_commission": 0.0,
        "seller_commission": 0.0,
        "category_commission": 0.0,
        "logistics_commission": 0.0,
    },
}
EXPLANATION_EXAMPLE: dict[str, Any] = {
    "quote_id": QUOTE_EXAMPLE["quote_id"],
    "priced_at": "2025-01-18T16:00:00Z",
    "rulebook_version": 1737216000000000,
    "is_recomputed": True,
    "agrees": True,
    "detail": None,
    "differences": [],
    "calculations": QUOTE_EXAMPLE["pricing_breakdown"]["calculations"],
    "rules": [
        {
            "id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
            "name": "tr-vat",
            "version": 1,
            "type": "TAX",
            "region": "TR",
            "currency": None,
            "priority": 0,
            "won": True,
            "reason": "applied",
            "detail": None,
            "beaten_by": None,
        },
        {
            "id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b13",
            "name": "de-vat",
            "version": 1,
            "type": "TAX",
            "region": "DE",
            "currency": None,
            "priority": 0,
            "won": False,
            "reason": "other region",
            "detail": "DE does not contain the delivery address",
            "beaten_by": None,
        },
    ],
    "rates": [
        {
            "id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
            "lines": [0],
            "dimensions": ["seller"],
            "commission_type": "PERCENTAGE",
            "scope": "LINE",
            "region": None,
            "currency": None,
            "priority": 0,
            "won": True,
            "reason": "applied",
            "detail": None,
            "beaten_by": None,
        }
    ],
    "left_out": 0,
}
KEYS_EXAMPLE: dict[str, Any] = {
    "keys": [
        {
            "kid": "r1",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
        }
    ]
}
