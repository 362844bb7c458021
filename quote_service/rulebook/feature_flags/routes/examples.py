"""A flag as the API's description shows it."""

from typing import Any

import msgspec

DRAFT: dict[str, Any] = {
    "key": "express_delivery_multiplier",
    "name": "Express multiplier",
    "type": "NUMBER",
    "value": msgspec.Raw(b"2.0"),
    "default_value": msgspec.Raw(b"1.5"),
    "is_enabled": True,
    "rollout": {"percentage": msgspec.Raw(b"12.5"), "regions": ["TR/Istanbul"], "customer_tiers": ["gold"]},
    "expose_in_quote": True,
    "guardrails": [{"metric": "conversion", "direction": "higher_is_better", "max_regression": msgspec.Raw(b"0.05")}],
}
FLAG: dict[str, Any] = {
    **DRAFT,
    "description": None,
    "accept_group": False,
    "salt": None,
    "algorithm": "mm3-v1",
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "version": 1,
    "is_archived": False,
    "status": "ACTIVE",
    "rollback": None,
    "created_by": "0199a1b2-0000-7000-8000-00000000000a",
    "created_at": "2026-03-01T09:00:00Z",
    "updated_by": "0199a1b2-0000-7000-8000-00000000000a",
    "updated_at": "2026-03-01T09:00:00Z",
}
QUESTION: dict[str, Any] = {
    "customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c001",
    "customer_tier": "gold",
    "customer_segments": ["returning"],
    "region": "TR/Istanbul/Kadıköy",
}
EVALUATION: dict[str, Any] = {
    "key": "express_delivery_multiplier",
    "value": msgspec.Raw(b"2.0"),
    "variant": None,
    "reason": "SPLIT",
    "version": 1,
    "bucket": 4711,
    "error_code": None,
    "error_details": None,
}
PREVIEW_REQUEST: dict[str, Any] = {
    "flag": {**DRAFT, "rollout": {"percentage": 25}},
    "customers": [
        {"customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c001", "region": "TR/Istanbul"},
        {"customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c002"},
    ],
}
PREVIEW: dict[str, Any] = {
    "customers": 2,
    "inside": 0,
    "would_be_inside": 1,
    "joining": 1,
    "leaving": 0,
    "answers": [
        {
            "customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c001",
            "is_inside": False,
            "would_be_inside": True,
            "variant": None,
            "reason": "SPLIT",
        },
        {
            "customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c002",
            "is_inside": False,
            "would_be_inside": False,
            "variant": None,
            "reason": "SPLIT",
        },
    ],
}
