"""Examples for the API's description."""

from typing import Any

DRAFT: dict[str, Any] = {
    "url": "https://shop.example/hooks/prices",
    "event_types": ["quote.accepted", "sale.*"],
    "description": "order management",
}
ENDPOINT: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "url": "https://shop.example/hooks/prices",
    "description": "order management",
    "event_types": ["quote.accepted", "sale.*"],
    "is_enabled": True,
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "former_secret_until": None,
    "version": 1,
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z",
}
NEW_ENDPOINT: dict[str, Any] = {**ENDPOINT, "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
DELIVERY: dict[str, Any] = {
    "id": "0199a1b2-d000-7e5f-8a9b-0c1d2e3f4a5b",
    "endpoint_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "type": "sale.started",
    "subject": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "time": "2026-03-01T10:00:00Z",
    "status": "pending",
    "attempts": 1,
    "next_attempt_at": "2026-03-01T10:00:05.25Z",
    "last_attempt_at": "2026-03-01T10:00:00.25Z",
    "last_status": 503,
    "last_error": "The endpoint answered 503",
    "last_answer": "try again later",
    "last_seconds": 0.125,
    "ended_at": None,
}
DETAIL: dict[str, Any] = {
    **DELIVERY,
    "event": {
        "specversion": "1.0",
        "id": DELIVERY["id"],
        "source": "/quote-service",
        "type": DELIVERY["type"],
        "subject": DELIVERY["subject"],
        "time": DELIVERY["time"],
        "datacontenttype": "application/json",
        "data": {"id": DELIVERY["subject"], "name": "Black Friday", "status": "active"},
    },
}
DUE: dict[str, Any] = {**DELIVERY, "next_attempt_at": "2026-03-01T12:00:00Z"}
