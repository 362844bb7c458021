"""Examples of refunds for the API's description: one unit of two of the order that is shown there, with half of its delivery."""

from typing import Any

import msgspec

from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.records import RefundRecord
from quote_service.selling.orders.routes.examples import ORDER


def _amount(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


_LINE = ORDER["lines"][0]
DRAFT: dict[str, Any] = {
    "lines": [{"line_id": 1, "quantity": 1}],
    "delivery": "proportional",
    "restock": True,
    "reason": "Too small",
}
REFUND: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a51",
    "order_id": ORDER["id"],
    "number": 1,
    "order_status": "partly_refunded",
    "currency": "TRY",
    "total_amount": _amount("34.42"),
    "delivery": "proportional",
    "lines": [
        {
            "line_id": 1,
            "product_id": _LINE["product_id"],
            "variant_id": None,
            "seller_id": _LINE["seller_id"],
            "quantity": 1,
            "goods_amount": _amount("22.95"),
            "tax_amount": _amount("4.59"),
            "tax_included": False,
            "discounts": [
                {
                    "rule_id": _LINE["discounts"][0]["rule_id"],
                    "amount": _amount("2.56"),
                    "seller_funded": _amount("1.28"),
                    "platform_funded": _amount("1.28"),
                }
            ],
            "commissions": [
                {
                    "rate_id": _LINE["commissions"][0]["rate_id"],
                    "amount": _amount("2.43"),
                    "seller_commission": _amount("2.43"),
                    "category_commission": _amount("0.00"),
                    "logistics_commission": _amount("0.00"),
                }
            ],
        }
    ],
    "fees": {
        "delivery_fee": _amount("6.88"),
        "small_basket_fee": _amount("0.00"),
        "tax_amount": _amount("0.00"),
        "tax_included_amount": _amount("0.00"),
    },
    "sellers": [
        {
            "seller_id": _LINE["seller_id"],
            "goods_amount": _amount("22.95"),
            "platform_discount": _amount("1.28"),
            "commission": _amount("2.43"),
            "commission_tax": _amount("0.00"),
            "commission_tax_included": False,
            "payout_change": _amount("-21.80"),
        }
    ],
    "restock": True,
    "reason": "Too small",
    "actor": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e",
    "refunded_at": "2026-02-24T09:12:00Z",
}
EXAMPLES: dict[Any, Any] = {RefundDraft: DRAFT, RefundRecord: REFUND}
