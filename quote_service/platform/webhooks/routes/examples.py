"""Examples for the API's description."""

from typing import Any

from quote_service.platform.webhooks.model.deliveries import Delivery, DeliveryDetail, Replayed, ReplayRange
from quote_service.platform.webhooks.model.endpoints import (
    Endpoint,
    EndpointDraft,
    EndpointPatch,
    NewEndpoint,
    Rotation,
)

_DRAFT: dict[str, Any] = {
    "url": "https://shop.example/hooks/prices",
    "event_types": ["quote.accepted", "sale.*"],
    "description": "order management",
}
_ENDPOINT: dict[str, Any] = {
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
_NEW_ENDPOINT: dict[str, Any] = {**_ENDPOINT, "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
_DELIVERY: dict[str, Any] = {
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
_DETAIL: dict[str, Any] = {
    **_DELIVERY,
    "event": {
        "specversion": "1.0",
        "id": _DELIVERY["id"],
        "source": "/quote-service",
        "type": _DELIVERY["type"],
        "subject": _DELIVERY["subject"],
        "time": _DELIVERY["time"],
        "datacontenttype": "application/json",
        "data": {"id": _DELIVERY["subject"], "name": "Black Friday", "status": "active"},
    },
}
DUE: dict[str, Any] = {**_DELIVERY, "next_attempt_at": "2026-03-01T12:00:00Z"}
TEST: dict[str, Any] = {
    **_DELIVERY,
    "type": "webhook.test",
    "subject": _ENDPOINT["id"],
    "attempts": 0,
    "next_attempt_at": _DELIVERY["time"],
    "last_attempt_at": None,
    "last_status": None,
    "last_error": None,
    "last_answer": None,
    "last_seconds": None,
}
DISABLED: dict[str, Any] = {
    **_ENDPOINT,
    "is_enabled": False,
    "disabled_reason": "by_hand",
    "disabled_at": "2026-03-02T09:00:00Z",
    "updated_at": "2026-03-02T09:00:00Z",
    "version": 2,
}
ROTATED: dict[str, Any] = {
    **_NEW_ENDPOINT,
    "former_secret_until": "2026-03-03T09:00:00Z",
    "updated_at": "2026-03-02T09:00:00Z",
    "version": 2,
}
EXAMPLES: dict[Any, Any] = {
    EndpointDraft: _DRAFT,
    EndpointPatch: {"is_enabled": False},
    Endpoint: _ENDPOINT,
    NewEndpoint: _NEW_ENDPOINT,
    Rotation: {"keep_former_seconds": 86_400},
    Delivery: _DELIVERY,
    DeliveryDetail: _DETAIL,
    ReplayRange: {"from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "status": "parked"},
    Replayed: {"replayed": 128, "has_more": False},
}
