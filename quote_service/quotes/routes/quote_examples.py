"""The original example, as the API's description shows it: a basket, and what it is answered.

Source: docs/spec/quotes.md#answer.
"""

from decimal import Decimal
from typing import Any

BASKET_EXAMPLE: dict[str, Any] = {
    "customer_id": "3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d",
    "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
    "items": [
        {
            "product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e",
            "variant_id": "c2d3e4f5-a6b7-4c8d-9e0f-1a2b3c4d5e6f",
            "quantity": 2,
            "unit_price": 25.5,
            "category_id": "11111111-1111-4111-8111-111111111111",
            "tags": ["electronics", "mobile"],
            "weight": 0.5,
        }
    ],
    "delivery_address": {
        "street": "Istiklal Caddesi 123",
        "city": "Istanbul",
        "district": "Beyoğlu",
        "country": "TR",
        "latitude": 41.0082,
        "longitude": 28.9784,
    },
    "pickup_address": {
        "street": "Seller Address",
        "city": "Istanbul",
        "district": "Kadıköy",
        "country": "TR",
        "latitude": 41.0186,
        "longitude": 29.0023,
    },
    "is_express_delivery": True,
    "coupon_codes": ["SAVE20"],
    "currency": "TRY",
    "context": {
        "user_agent": "Mozilla/5.0...",
        "ip_address": "192.168.1.1",
        "session_id": "session_123",
        "ab_test_group": "group_a",
    },
}

ANSWER_EXAMPLE: dict[str, Any] = {
    "success": True,
    "message": "Quote calculated successfully",
    "data": {
        "quote_id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b11",
        "external_ref": None,
        "subtotal": Decimal("51.00"),
        "discount_amount": Decimal("0.00"),
        "tax_amount": Decimal("9.18"),
        "delivery_fee": Decimal("20.00"),
        "small_basket_fee": Decimal("0.00"),
        "total_amount": Decimal("80.18"),
        "currency": "TRY",
        "items": [
            {
                "product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e",
                "variant_id": "c2d3e4f5-a6b7-4c8d-9e0f-1a2b3c4d5e6f",
                "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
                "quantity": 2,
                "list_price": Decimal("25.50"),
                "unit_price": Decimal("25.50"),
                "line_total": Decimal("51.00"),
                "discount_amount": Decimal("0.00"),
                "tax_amount": Decimal("9.18"),
                "price_source": "request",
                "price_adjustments": [],
            }
        ],
        "coupons": [{"code": "SAVE20", "status": "rejected", "reason": "unknown", "amount": Decimal("0.00")}],
        "commission_breakdown": {
            "total_commission": Decimal("7.65"),
            "seller_commission": Decimal("6.50"),
            "category_commission": Decimal("0.77"),
            "logistics_commission": Decimal("0.38"),
            "currency": "TRY",
            "details": [
                {
                    "product_id": "b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e",
                    "rate_id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
                    "dimensions": ["seller"],
                    "commission_type": "PERCENTAGE",
                    "scope": "LINE",
                    "region": None,
                    "base_amount": Decimal("51.00"),
                    "rate": 12.75,
                    "amount": Decimal("6.50"),
                    "clamped": None,
                    "seller_commission": Decimal("6.50"),
                    "category_commission": Decimal("0.00"),
                    "logistics_commission": Decimal("0.00"),
                }
            ],
        },
        "payouts": [
            {
                "seller_id": "a7c1e2d3-4b5a-4c6d-8e7f-9a0b1c2d3e4f",
                "item_total": Decimal("51.00"),
                "seller_discount": Decimal("0.00"),
                "commission": Decimal("7.65"),
                "payout": Decimal("43.35"),
            }
        ],
        "platform_funded_discount": Decimal("0.00"),
        "pricing_breakdown": {
            "item_total": Decimal("51.00"),
            "subtotal": Decimal("51.00"),
            "tax_amount": Decimal("9.18"),
            "delivery_fee": Decimal("20.00"),
            "small_basket_fee": Decimal("0.00"),
            "total_amount": Decimal("80.18"),
            "currency": "TRY",
            "calculations": [
                {"step": "items", "description": "1 line", "amount": Decimal("51.00")},
                {
                    "step": "delivery",
                    "description": "base 10.00 x express multiplier 2.0",
                    "amount": Decimal("20.00"),
                    "rule_id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
                    "inputs": {"distance_km": 2.314838, "base_fee": Decimal("10.00"), "multiplier": 2},
                },
                {
                    "step": "tax",
                    "description": "18 % on items",
                    "amount": Decimal("9.18"),
                    "rule_id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
                },
            ],
        },
        "applied_rules": [
            {
                "id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
                "name": "tr-delivery",
                "type": "DELIVERY_FEE",
                "version": 1,
                "region": "TR",
            },
            {
                "id": "01934f2e-7b1c-7d1e-9a51-5d0c3c0a9b12",
                "name": "tr-vat",
                "type": "TAX",
                "version": 1,
                "region": "TR",
            },
        ],
        "feature_flags": {"dynamic_pricing": True, "express_delivery_multiplier": 2.0},
        "valid_from": "2025-01-18T16:00:00Z",
        "valid_until": "2025-01-18T16:15:00Z",
        "cache": "miss",
        "warnings": [],
        "signature": "k1.q3Jp0Yw1s6m0m1mW3o0m8eHcVtq4mXc4kq3hN0sYb2A",
    },
    "processing_time_ms": 0.21,
}
