"""Examples for the API's description."""

from typing import Any

from quote_service.shop.inventory.model.stock import StockAdjustment, StockDraft, StockMovement, StockRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
STOCK: dict[str, Any] = {
    "quantity": 40,
    "variant_id": None,
    "low_threshold": 10,
    "high_threshold": 500,
    "low_adjust_percent": 5,
    "high_adjust_percent": 7.5,
    "is_dynamic": True,
    "reason": "Stocktaking",
}
ADJUSTMENT: dict[str, Any] = {"delta": -3, "reason": "Damaged in the warehouse", "variant_id": None}
STOCK_RECORD: dict[str, Any] = {
    "product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03",
    "variant_id": None,
    "sku": "RUN-100",
    "quantity": 40,
    "reserved": 2,
    "available": 38,
    "low_threshold": 10,
    "high_threshold": 500,
    "low_adjust_percent": 5,
    "high_adjust_percent": 7.5,
    "is_dynamic": True,
    "level": "normal",
    "version": 4,
    "updated_by": _AUTHOR,
    "updated_at": "2026-02-20T09:30:00Z",
}
MOVEMENT: dict[str, Any] = {
    "id": 9,
    "variant_id": None,
    "delta": -3,
    "reserved_delta": 0,
    "quantity": 40,
    "reserved": 2,
    "reason": "Damaged in the warehouse",
    "actor": _AUTHOR,
    "at": "2026-02-20T09:30:00Z",
}
EXAMPLES: dict[Any, Any] = {
    StockRecord: STOCK_RECORD,
    StockDraft: STOCK,
    StockAdjustment: ADJUSTMENT,
    StockMovement: MOVEMENT,
}
