"""Examples for the API's description."""

from typing import Any

from quote_service.shop.catalog.model.imports import ImportRecord
from quote_service.shop.catalog.model.price_changes import PriceChange, PriceChangeDraft
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_WRITTEN: dict[str, Any] = {
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
    "updated_by": _AUTHOR,
    "updated_at": "2026-02-20T09:30:00Z",
}
PRODUCT: dict[str, Any] = {
    "sku": "RUN-100",
    "name": "Running shoe",
    "description": "Light, for dry roads.",
    "category_id": None,
    "seller_id": None,
    "is_active": True,
    "weight": 0.62,
    "tags": ["running", "summer"],
    "attributes": {"material": "mesh"},
    "prices": [
        {
            "currency": "TRY",
            "base_price": 1200,
            "current_price": 990,
            "min_price": 900,
            "cost_price": 610.5,
            "max_price": 1500,
        }
    ],
    "variants": [
        {"sku": "RUN-100-42", "name": "Size 42", "attributes": {"size": 42}, "prices": []},
        {
            "sku": "RUN-100-47",
            "name": "Size 47",
            "attributes": {"size": 47},
            "prices": [{"currency": "TRY", "base_price": 1300}],
        },
    ],
}
_PRICE: dict[str, Any] = {
    "currency": "TRY",
    "base_price": 1200.0,
    "current_price": 990.0,
    "min_price": 900.0,
    "max_price": 1500.0,
    "lowest_price_30_days": 990.0,
    "reduction": None,
    "own": [],
    "cost_price": 610.5,
}
PRODUCT_RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03",
    **{name: value for name, value in PRODUCT.items() if name not in ("prices", "variants")},
    "prices": [_PRICE],
    "variants": [
        {
            "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a04",
            "sku": "RUN-100-42",
            "name": "Size 42",
            "attributes": {"size": 42},
            "prices": [_PRICE],
        },
    ],
    **_WRITTEN,
}
PRICE_CHANGE: dict[str, Any] = {
    "price": 950,
    "currency": "TRY",
    "variant_id": None,
    "effective_at": "2126-03-01T00:00:00Z",
    "note": "Spring sale",
}
PRICE_CHANGE_RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a05",
    "product_id": PRODUCT_RECORD["id"],
    "variant_id": None,
    "currency": "TRY",
    "price": 950.0,
    "effective_at": "2126-03-01T00:00:00Z",
    "note": "Spring sale",
    "status": "scheduled",
    "applied_price": None,
    "decided_at": None,
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
}
PRICE_MOVE: dict[str, Any] = {
    "id": 7,
    "variant_id": None,
    "currency": "TRY",
    "old_price": 1200.0,
    "new_price": 990.0,
    "reason": "manual",
    "source_id": PRICE_CHANGE_RECORD["id"],
    "actor": _AUTHOR,
    "note": "Winter sale",
    "at": "2026-02-21T00:00:00Z",
}
_JSON_LINE = '{"sku": "RUN-100", "name": "Running shoe", "prices": [{"currency": "TRY", "base_price": 1200}]}'
IMPORTS = {
    "text/csv": 'sku,name,prices\r\nRUN-100,Running shoe,"[{""currency"":""TRY"",""base_price"":1200}]"\r\n',
    "application/x-ndjson": f"{_JSON_LINE}\n",
}
IMPORT_RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a06",
    "status": "failed",
    "bytes": 812,
    "rows_read": 3,
    "created": None,
    "changed": None,
    "unchanged": None,
    "errors": [{"row": 2, "column": "name", "pointer": "/name", "detail": "is required"}],
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
    "finished_at": "2026-02-20T09:30:02Z",
}
EXAMPLES: dict[Any, Any] = {
    ProductDraft: PRODUCT,
    PriceChangeDraft: PRICE_CHANGE,
    ProductRecord: PRODUCT_RECORD,
    PriceChange: PRICE_CHANGE_RECORD,
    ImportRecord: IMPORT_RECORD,
}
