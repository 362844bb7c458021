"""Examples for the API's description."""

from typing import Any

_CUSTOMER_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a07"
_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_RECORD: dict[str, Any] = {
    "id": _CUSTOMER_ID,
    "external_ref": "C-20417",
    "email": "ayse@example.com",
    "tier": "gold",
    "segments": ["newsletter", "vip"],
    "is_active": True,
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
    "updated_by": _AUTHOR,
    "updated_at": "2026-02-20T09:30:00Z",
}
CUSTOMER_EXPORT: dict[str, Any] = {
    "customer": _RECORD,
    "user": None,
    "accepted_quotes": [
        {
            "quote_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a08",
            "accepted_at": "2026-02-21T10:00:00Z",
            "accepted_by": _AUTHOR,
            "external_ref": "O-778",
            "currency": "TRY",
            "coupon_uses": [
                {"rule_name": "Spring", "code": "SPRING10", "used_at": "2026-02-21T10:00:00Z", "given_back_at": None}
            ],
            "receipt": "eyJhbGciOiJFZERTQSJ9.eyJxdW90ZV9pZCI6IjAxOTkifQ.c2ln",
            "data": {"quote_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a08", "total_amount": 51.0},
            "request": {"customer_id": _CUSTOMER_ID, "delivery_address": {"city": "Istanbul", "country": "TR"}},
        }
    ],
    "reservations": [],
    "orders": [],
    "refunds": [],
    "purchases": [],
    "ledger_entries": [],
    "experiments": [
        {
            "flag": "small-basket-12",
            "version": 1,
            "stage": 0,
            "arm": "on",
            "exposed_at": "2026-03-01T09:00:00Z",
            "outcomes": {"conversion": {"observations": 1, "total": 1}},
        }
    ],
    "identities": [],
    "sessions": [],
    "audit": [
        {
            "id": 17,
            "at": "2026-02-20T09:30:00Z",
            "actor": _AUTHOR,
            "actor_kind": "key",
            "action": "customer.create",
            "object_kind": "customer",
            "object_id": _CUSTOMER_ID,
            "request_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
            "before": None,
            "after": {**_RECORD, "external_ref": "given", "email": "given"},
        }
    ],
}
