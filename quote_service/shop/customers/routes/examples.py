"""Examples for the API's description."""

from typing import Any

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
CUSTOMER: dict[str, Any] = {
    "external_ref": "C-20417",
    "email": "ayse@example.com",
    "tier": "gold",
    "segments": ["newsletter", "vip"],
    "is_active": True,
}
NEW_CUSTOMER: dict[str, Any] = {"id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a07", **CUSTOMER}
CUSTOMER_RECORD: dict[str, Any] = {
    **NEW_CUSTOMER,
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
    "updated_by": _AUTHOR,
    "updated_at": "2026-02-20T09:30:00Z",
}
