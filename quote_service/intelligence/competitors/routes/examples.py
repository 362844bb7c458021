"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.competitors.model.listings import (
    ListingRecord,
    MatchDecision,
    MatchRejection,
    ObservationRecord,
    PushAnswer,
    PushBatch,
)
from quote_service.intelligence.competitors.model.sources import FetchRecord, SourceRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
COMPETITOR_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01"
SOURCE_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b02"
LISTING_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b03"
FETCH_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b04"
PRODUCT_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_WRITTEN: dict[str, Any] = {
    "version": 1,
    "created_at": "2026-02-20T09:30:00Z",
    "updated_at": "2026-02-20T09:30:00Z",
    "created_by": _AUTHOR,
    "updated_by": _AUTHOR,
}
SKU_MAPPING: dict[str, Any] = {"their_sku": "C-7781", "product_id": PRODUCT_ID, "variant_id": None, "units": 6}
SKU_MAP: dict[str, Any] = {"skus": [SKU_MAPPING, {"their_sku": "C-7790", "product_id": None}]}
SKU_MAP_WRITTEN: dict[str, Any] = {"written": 1, "removed": 1, "matched": 1}
PAGE: dict[str, Any] = {
    "url": "https://corner.example/p/running-shoe",
    "product_id": PRODUCT_ID,
    "variant_id": None,
    "units": 1,
    "sku": None,
    "gtin": None,
    "when_several": "refuse",
    "price_selector": None,
    "list_price_selector": None,
    "availability_selector": None,
    "prefers_selector": False,
}
SOURCE: dict[str, Any] = {
    "competitor_id": COMPETITOR_ID,
    "name": "Running shoe, product page",
    "kind": "page",
    "page": {"url": PAGE["url"], "product_id": PRODUCT_ID},
    "currency": "TRY",
    "country": "TR",
    "interval_seconds": 3600,
}
SOURCE_RECORD: dict[str, Any] = {
    "id": SOURCE_ID,
    "competitor_id": COMPETITOR_ID,
    "name": "Running shoe, product page",
    "kind": "page",
    "page": PAGE,
    "feed": None,
    "api": None,
    "currency": "TRY",
    "country": "TR",
    "interval_seconds": 3600,
    "stale_after_seconds": 10_800,
    "is_enabled": True,
    "disabled_reason": None,
    "has_credentials": False,
    "next_fetch_at": "2026-02-20T10:30:00Z",
    "last_fetch_at": "2026-02-20T09:30:05Z",
    "last_outcome": "ok",
    "last_detail": "",
    "last_ok_at": "2026-02-20T09:30:05Z",
    "failures": 0,
    "is_stale": False,
    **_WRITTEN,
}
FETCH: dict[str, Any] = {
    "id": FETCH_ID,
    "at": "2026-02-20T09:30:05Z",
    "outcome": "ok",
    "detail": "",
    "url": PAGE["url"],
    "status": 200,
    "seconds": 0.412,
    "bytes": 48_211,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "offers": 1,
    "batches": [],
}
FEEDS = {
    "text/csv": "id,title,price,availability\r\nC-7781,Running shoe,1149.00 TRY,in stock\r\n",
    "application/x-ndjson": '{"id":"C-7781","title":"Running shoe","price":"1149.00 TRY"}\n',
    "application/xml": '<rss version="2.0"><channel><item><id>C-7781</id><price>1149.00 TRY</price></item></channel></rss>',
}
OFFER: dict[str, Any] = {
    "currency": "TRY",
    "price": 1149.0,
    "list_price": 1299.0,
    "shipping": 49.9,
    "unit_price": None,
    "availability": "in_stock",
    "condition": "new",
    "valid_until": None,
    "seller": None,
    "observed_at": "2026-02-20T09:30:05Z",
    "confirmed_at": "2026-02-20T11:30:05Z",
    "is_fresh": True,
    "doubted_reason": None,
}
LISTING: dict[str, Any] = {
    "id": LISTING_ID,
    "source_id": SOURCE_ID,
    "competitor_id": COMPETITOR_ID,
    "external_id": PAGE["url"],
    "title": "Running shoe",
    "brand": "Kaya",
    "gtin": "04006381333931",
    "sku": "C-7781",
    "url": PAGE["url"],
    "pack_quantity": None,
    "pack_unit": None,
    "match_status": "matched",
    "match_method": "gtin",
    "product_id": PRODUCT_ID,
    "variant_id": None,
    "units": 1,
    "proposals": [],
    "matched_by": None,
    "offer": OFFER,
    "version": 1,
    "created_at": "2026-02-20T09:30:05Z",
    "updated_at": "2026-02-20T09:30:05Z",
}
DECISION: dict[str, Any] = {"product_id": PRODUCT_ID, "units": 1}
REJECTION: dict[str, Any] = {"product_id": PRODUCT_ID}
OBSERVATION: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b05",
    "observed_at": "2026-02-20T09:30:05Z",
    "received_at": "2026-02-20T09:30:05Z",
    "currency": "TRY",
    "price": 1149.0,
    "list_price": 1299.0,
    "shipping": 49.9,
    "unit_price": None,
    "availability": "in_stock",
    "condition": "new",
    "seller": None,
    "read_from": "json-ld",
    "excerpt": '{"@type": "Offer", "price": "1149.00", "priceCurrency": "TRY"}',
    "fetch_id": FETCH_ID,
    "doubted_reason": None,
}
PUSH: dict[str, Any] = {
    "source_id": SOURCE_ID,
    "observations": [
        {
            "sku": "C-7781",
            "title": "Running shoe",
            "currency": "TRY",
            "price": 1149,
            "availability": "in_stock",
            "observed_at": "2026-02-20T09:29:00Z",
        }
    ],
}
PUSHED: dict[str, Any] = {"fetch_id": FETCH_ID, "accepted": 1, "changed": 1, "refused": []}
COMPARABLE: dict[str, Any] = {
    "listing_id": LISTING_ID,
    "competitor_id": COMPETITOR_ID,
    "competitor": "Corner Shop",
    "product_id": PRODUCT_ID,
    "variant_id": None,
    "currency": "TRY",
    "price": 1149.0,
    "units": 1,
    "comparable_price": 1149.0,
    "comparable_delivered_price": 1198.9,
    "not_comparable": [],
    "availability": "in_stock",
    "url": PAGE["url"],
    "outcome": "ok",
    "observed_at": "2026-02-20T09:30:05Z",
    "confirmed_at": "2026-02-20T11:30:05Z",
}
EXAMPLES: dict[Any, Any] = {
    PushBatch: PUSH,
    ListingRecord: LISTING,
    MatchDecision: DECISION,
    MatchRejection: REJECTION,
    ObservationRecord: OBSERVATION,
    PushAnswer: PUSHED,
    SourceRecord: SOURCE_RECORD,
    FetchRecord: FETCH,
}
