"""Examples for the API's description."""

from typing import Any

from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord
from quote_service.rulebook.commission_rates.routes.csv_rows import COLUMNS
from quote_service.rulebook.commission_rates.routes.warnings import RatesImported, RateWritten

RATE: dict[str, Any] = {
    "commission_type": "PERCENTAGE",
    "seller_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "rate": 12.75,
    "min_amount": 1,
    "currency": "TRY",
    "region": "TR/Istanbul",
    "effective_from": "2026-03-01T00:00:00Z",
    "priority": 10,
}
TIERED_RATE: dict[str, Any] = {
    "commission_type": "TIERED",
    "category_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "tiers": [{"up_to": 1000, "rate": 10}, {"up_to": None, "rate": 8}],
    "currency": "TRY",
}
RECORD: dict[str, Any] = {
    "commission_type": "PERCENTAGE",
    "seller_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "category_id": None,
    "logistics_provider": None,
    "rate": 12.75,
    "min_amount": 1.0,
    "max_amount": None,
    "tiers": None,
    "scope": None,
    "split": None,
    "currency": "TRY",
    "region": "TR/Istanbul",
    "effective_from": "2026-03-01T00:00:00Z",
    "effective_to": None,
    "is_active": True,
    "priority": 10,
    "on_refund": "reverse",
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "version": 1,
    "created_by": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e",
    "created_at": "2026-02-20T09:30:00Z",
    "updated_by": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e",
    "updated_at": "2026-02-20T09:30:00Z",
}
WRITTEN: dict[str, Any] = {**RECORD, "warnings": []}
IMPORTED: dict[str, Any] = {
    "created": 1,
    "changed": 1,
    "unchanged": 0,
    "ids": [RATE["seller_id"], RECORD["id"]],
    "warnings": [],
    "is_checked": True,
}
_CSV_ROW = "PERCENTAGE,0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b,,,12.75,1.00,,,,,TRY,TR/Istanbul,2026-03-01T00:00:00Z,,true,10,reverse"
CSV_SENT = f"{','.join(COLUMNS)}\r\n,{_CSV_ROW}\r\n"
CSV_EXPORTED = f"{','.join(COLUMNS)},updated_at\r\n{RECORD['id']},{_CSV_ROW},{RECORD['updated_at']}\r\n"
EXAMPLES: dict[Any, Any] = {
    RateDraft: RATE,
    RatesImported: IMPORTED,
    RateRecord: RECORD,
    RateWritten: WRITTEN,
}
