"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.signals.model.signals import Acknowledgement, SignalDetail, SignalRecord
from quote_service.intelligence.signals.model.thresholds import EffectiveThreshold, ThresholdDraft, ThresholdRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
SIGNAL_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c01"
THRESHOLD_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c02"
COMPETITOR_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01"
LISTING_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b03"
PRODUCT_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
SIGNAL: dict[str, Any] = {
    "id": SIGNAL_ID,
    "kind": "competitor_price_drop",
    "status": "open",
    "product_id": PRODUCT_ID,
    "variant_id": None,
    "competitor_id": COMPETITOR_ID,
    "listing_id": LISTING_ID,
    "source_id": None,
    "currency": "TRY",
    "previous_price": 1299,
    "price": 1039.2,
    "measured": -20,
    "threshold": 15,
    "occurrences": 1,
    "raised_at": "2026-03-02T09:00:00Z",
    "last_at": "2026-03-02T09:00:00Z",
    "expires_at": "2026-03-09T09:00:00Z",
    "resolved_at": None,
    "acknowledged_at": None,
    "acknowledged_by": None,
    "note": "",
    "verdict": None,
    "version": 1,
}
_OBSERVED: dict[str, Any] = {
    "subject": "observation",
    "listing_id": LISTING_ID,
    "competitor_id": COMPETITOR_ID,
    "detail": None,
}
DETAIL: dict[str, Any] = {
    **SIGNAL,
    "evidence": [
        {
            "role": "before",
            **_OBSERVED,
            "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c05",
            "at": "2026-02-27T08:10:00Z",
            "value": 1299,
        },
        {
            "role": "now",
            **_OBSERVED,
            "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c06",
            "at": "2026-03-02T09:00:00Z",
            "value": 1039.2,
        },
    ],
}
ACKNOWLEDGEMENT: dict[str, Any] = {"note": "Their spring sale; we hold our price."}
ACKNOWLEDGED: dict[str, Any] = {
    **DETAIL,
    "status": "acknowledged",
    "acknowledged_at": "2026-03-02T09:12:00Z",
    "acknowledged_by": _AUTHOR,
    **ACKNOWLEDGEMENT,
    "version": 2,
}
THRESHOLD: dict[str, Any] = {"kind": "competitor_price_drop", "product_id": PRODUCT_ID, "threshold": 8}
THRESHOLD_RECORD: dict[str, Any] = {
    "id": THRESHOLD_ID,
    "kind": "competitor_price_drop",
    "product_id": PRODUCT_ID,
    "category_id": None,
    "is_enabled": True,
    "threshold": 8,
    "count": None,
    "window_seconds": None,
    "rearm_percent": 50,
    "expires_seconds": 604_800,
    "version": 1,
    "created_at": "2026-03-02T08:00:00Z",
    "updated_at": "2026-03-02T08:00:00Z",
    "created_by": _AUTHOR,
    "updated_by": _AUTHOR,
}
EFFECTIVE_THRESHOLD: dict[str, Any] = {
    "kind": "competitor_price_drop",
    "is_enabled": True,
    "threshold": 15,
    "count": None,
    "window_seconds": None,
    "rearm_percent": 50,
    "expires_seconds": 604_800,
    "scope": "built_in",
    "threshold_id": None,
}
EXAMPLES: dict[Any, Any] = {
    SignalRecord: SIGNAL,
    SignalDetail: DETAIL,
    Acknowledgement: ACKNOWLEDGEMENT,
    ThresholdDraft: THRESHOLD,
    ThresholdRecord: THRESHOLD_RECORD,
    EffectiveThreshold: EFFECTIVE_THRESHOLD,
}
