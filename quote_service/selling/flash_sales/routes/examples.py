"""Examples for the API's description."""

from typing import Any

from quote_service.selling.flash_sales.model.figures import CustomerSummary, LiveFigures
from quote_service.selling.flash_sales.model.open_sale import OpenSale
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseDraft
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleRecord, WrittenSale

ITEM: dict[str, Any] = {
    "product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "sale_price": 199.99,
    "currency": "TRY",
    "allocated_stock": 100,
    "per_customer_limit": 2,
    "list_price": 349.99,
}
SALE: dict[str, Any] = {
    "name": "Friday noon",
    "starts_at": "2026-11-27T09:00:00Z",
    "ends_at": "2026-11-27T11:00:00Z",
    "items": [ITEM],
    "hold_seconds": 600,
}
RECORD: dict[str, Any] = {
    **SALE,
    "respects_min_price": True,
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "status": "scheduled",
    "version": 1,
    "created_by": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e",
    "created_at": "2026-11-20T09:30:00Z",
    "updated_by": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e",
    "updated_at": "2026-11-20T09:30:00Z",
}
OPEN_SALE: dict[str, Any] = {
    "id": RECORD["id"],
    "name": SALE["name"],
    "status": "active",
    "starts_at": SALE["starts_at"],
    "ends_at": SALE["ends_at"],
    "hold_seconds": 600,
    "items": [
        {
            "product_id": ITEM["product_id"],
            "currency": "TRY",
            "sale_price": 199.99,
            "list_price": 349.99,
            "per_customer_limit": 2,
            "allocated_stock": 100,
            "remaining_stock": 40,
            "left_to_buy": 2,
        }
    ],
}
ORDER: dict[str, Any] = {
    "product_id": ITEM["product_id"],
    "customer_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a60",
    "quantity": 1,
    "expected_price": 199.99,
}
PURCHASE: dict[str, Any] = {
    "purchase_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d00000007",
    "flash_sale_id": RECORD["id"],
    "product_id": ITEM["product_id"],
    "customer_id": ORDER["customer_id"],
    "quantity": 1,
    "unit_price": 199.99,
    "total": 199.99,
    "currency": "TRY",
    "status": "reserved",
    "reason": None,
    "reserved_at": "2026-11-27T09:00:00.123Z",
    "expires_at": "2026-11-27T09:10:00.123Z",
}
SUMMARY: dict[str, Any] = {
    "flash_sale_id": RECORD["id"],
    "customer_id": ORDER["customer_id"],
    "items": [
        {
            "product_id": ITEM["product_id"],
            "currency": "TRY",
            "bought": 1,
            "reserved": 0,
            "spent": 199.99,
            "left_to_buy": 1,
        }
    ],
}
FIGURES: dict[str, Any] = {
    "flash_sale_id": RECORD["id"],
    "status": "active",
    "at": "2026-11-27T09:00:01.5Z",
    "items": [
        {
            "product_id": ITEM["product_id"],
            "allocated": 100,
            "stock": 40,
            "reserved": 10,
            "confirmed": 50,
            "rejected": 0,
            "given_back": 1,
            "waiting": 3,
            "per_second": 12.5,
            "refused": {"limit-reached": 4},
        }
    ],
}
PLACED = {"Location": "The purchase."}
EXAMPLES: dict[Any, Any] = {
    LiveFigures: FIGURES,
    CustomerSummary: SUMMARY,
    OpenSale: OPEN_SALE,
    Purchase: PURCHASE,
    PurchaseDraft: ORDER,
    SaleDraft: SALE,
    WrittenSale: RECORD,
    SaleRecord: RECORD,
}
