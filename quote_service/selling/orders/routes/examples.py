"""Examples for the API's description."""

from typing import Any

from quote_service.pricing.basket import Basket
from quote_service.selling.orders.model.records import OrderEvent, OrderRecord, OrderSummary, PlacedOrderRecord
from quote_service.selling.orders.routes.read_order import OrderOfQuote

_SELLER_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02"
_RATE_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a31"
_RULE_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a32"
_ACTOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
ORDER_OF_QUOTE: dict[str, Any] = {"quote_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a08"}
SUMMARY: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a40",
    "quote_id": ORDER_OF_QUOTE["quote_id"],
    "purchase_id": None,
    "customer_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a07",
    "external_ref": "O-778",
    "status": "placed",
    "currency": "TRY",
    "item_total": 51.0,
    "discount_amount": 5.1,
    "subtotal": 45.9,
    "tax_amount": 9.18,
    "tax_included_amount": 0.0,
    "delivery_fee": 13.75,
    "small_basket_fee": 0.0,
    "total_amount": 68.83,
    "placed_at": "2026-02-21T10:00:00Z",
    "updated_at": "2026-02-21T10:00:00Z",
    "fulfilled_at": None,
    "cancelled_at": None,
}
ORDER: dict[str, Any] = {
    **SUMMARY,
    "lines": [
        {
            "line_id": 1,
            "product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "variant_id": None,
            "seller_id": _SELLER_ID,
            "quantity": 2,
            "unit_price": 25.5,
            "line_total": 51.0,
            "discount_amount": 5.1,
            "tax_amount": 9.18,
            "tax_included": False,
            "discounts": [{"rule_id": _RULE_ID, "amount": 5.1, "seller_funded": 2.55, "platform_funded": 2.55}],
            "commissions": [
                {
                    "rate_id": _RATE_ID,
                    "amount": 4.85,
                    "seller_commission": 4.85,
                    "category_commission": 0.0,
                    "logistics_commission": 0.0,
                    "on_refund": "reverse",
                }
            ],
        }
    ],
    "sellers": [
        {
            "seller_id": _SELLER_ID,
            "item_total": 51.0,
            "seller_discount": 2.55,
            "platform_discount": 2.55,
            "commission": 4.85,
            "commission_tax": None,
            "payout": 43.6,
        }
    ],
}
EVENTS: list[dict[str, Any]] = [
    {
        "number": 0,
        "action": "place",
        "status": "placed",
        "at": "2026-02-21T10:00:00Z",
        "actor": _ACTOR,
        "reason": None,
    },
    {
        "number": 1,
        "action": "fulfil",
        "status": "fulfilled",
        "at": "2026-02-21T15:00:00Z",
        "actor": _ACTOR,
        "reason": None,
    },
]
EXAMPLES: dict[Any, Any] = {
    OrderOfQuote | Basket: ORDER_OF_QUOTE,
    OrderSummary: SUMMARY,
    OrderRecord: ORDER,
    list[OrderEvent]: EVENTS,
    PlacedOrderRecord: ORDER,
}
