"""Examples for the API's description."""

from typing import Any

from quote_service.steering.change_sets.model.change_sets import (
    ChangeSet,
    ChangeSetDetail,
    ChangeSetSummary,
    Publication,
    Resolutions,
    ReviewDraft,
    Rollback,
)
from quote_service.steering.change_sets.model.checks import (
    ChangeSetCheck,
    ChangeSetSimulation,
    ReplayedPeriod,
    SimulatedBaskets,
)
from quote_service.steering.change_sets.model.contents import ChangeSetDraft
from quote_service.steering.replay.model.replays import ReplayRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_SECOND = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5f"
_PRODUCT = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_STATE = "5d0f8c2e9b7a4163"
_RULE: dict[str, Any] = {
    "name": "Small baskets in Istanbul",
    "type": "SMALL_BASKET_FEE",
    "configuration": {"fee": 34.90, "threshold": 250.00},
    "currency": "TRY",
    "region": "TR/Istanbul",
}
_PRICE: dict[str, Any] = {"product_id": _PRODUCT, "variant_id": None, "currency": "TRY", "price": 89.90}
DRAFT: dict[str, Any] = {
    "name": "Spring prices",
    "note": "Higher threshold in Istanbul, and the running shoe at 89.90",
    "rules": [{"action": "replace", "draft": _RULE}],
    "flags": [{"action": "end", "key": "old-checkout"}],
    "prices": [_PRICE],
}
_WHOLE_RULE = {
    **_RULE,
    "priority": 0,
    "conditions": None,
    "effective_from": None,
    "effective_to": None,
    "is_active": True,
}
_NOTED: dict[str, Any] = {"seen": _STATE, "published": None}
_CHANGES: dict[str, Any] = {
    "rules": [
        {
            "action": "replace",
            "name": None,
            "draft": _WHOLE_RULE,
            **_NOTED,
            "before": [
                {
                    **_WHOLE_RULE,
                    "configuration": {"fee": 29.90, "threshold": 200.00},
                    "effective_from": "2026-01-01T00:00:00Z",
                }
            ],
        }
    ],
    "rates": [],
    "flags": [],
    "prices": [{**_PRICE, **_NOTED, "before": 99.90}],
}
SUMMARY: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a71",
    "name": "Spring prices",
    "note": "Higher threshold in Istanbul, and the running shoe at 89.90",
    "status": "draft",
    "edition": 1,
    "authors": [_AUTHOR],
    "publish_at": None,
    "published_by": None,
    "published_at": None,
    "failure": None,
    "rolled_back_by": None,
    "rolled_back_at": None,
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T09:30:00Z",
    "updated_by": _AUTHOR,
    "updated_at": "2026-02-20T09:30:00Z",
    "reviews": [],
}
CHANGE_SET: dict[str, Any] = {**SUMMARY, **_CHANGES}
_CONFLICT = {
    "pointer": "/prices/0",
    "detail": f"the price of {_PRODUCT} in TRY is 94.90 now, changed since the change was written",
    "etag": "8b1f0c6d2e9a7435",
    "before": 99.90,
    "now": 94.90,
}
DETAIL: dict[str, Any] = {**CHANGE_SET, "conflicts": [_CONFLICT]}
RESOLUTIONS: dict[str, Any] = {"resolutions": [{"pointer": "/prices/0", "keep": "draft", "etag": "8b1f0c6d2e9a7435"}]}
REVIEW_DRAFT: dict[str, Any] = {"decision": "approve", "edition": 1, "note": "Checked against last week"}
REVIEWED: dict[str, Any] = {
    **CHANGE_SET,
    "reviews": [{**REVIEW_DRAFT, "reviewed_by": _SECOND, "reviewed_at": "2026-02-20T10:00:00Z"}],
}
PUBLICATION: dict[str, Any] = {"publish_at": "2026-03-01T00:00:00Z"}
SCHEDULED: dict[str, Any] = {
    **REVIEWED,
    "status": "scheduled",
    "publish_at": "2026-03-01T00:00:00Z",
    "published_by": _AUTHOR,
    "version": 2,
}
ROLLBACK: dict[str, Any] = {"resolutions": [{"pointer": "/prices/0", "keep": "current", "etag": "8b1f0c6d2e9a7435"}]}
ROLLED_BACK: dict[str, Any] = {
    **SCHEDULED,
    "status": "rolled_back",
    "published_at": "2026-03-01T00:00:00Z",
    "rolled_back_by": _SECOND,
    "rolled_back_at": "2026-03-02T08:15:00Z",
    "version": 4,
}
CHECK: dict[str, Any] = {
    "edition": 1,
    "errors": [{"pointer": "/prices/0", "detail": _CONFLICT["detail"]}],
    "findings": [
        {
            "code": "deep-discount",
            "severity": "warning",
            "why": "discounts take more than half of what the basket is worth",
            "rows": [
                {
                    "kind": "rule",
                    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
                    "name": "Small baskets in Istanbul",
                    "version": 5,
                }
            ],
            "examples": [],
        }
    ],
    "resolved_findings": [],
    "is_complete": True,
}
_BASKET: dict[str, Any] = {
    "customer_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01",
    "seller_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02",
    "items": [{"product_id": _PRODUCT, "quantity": 2}],
    "delivery_address": {"country": "TR", "city": "Istanbul"},
    "currency": "TRY",
}
BASKETS: dict[str, Any] = {"baskets": [_BASKET], "sample": 10, "at": None}
SIMULATION: dict[str, Any] = {
    "at": "2026-02-20T10:30:00Z",
    "edition": 1,
    "changed": 1,
    "left_out": 0,
    "baskets": [
        {
            "now": {"at": "2026-02-20T10:30:00Z", "subtotal": 199.80, "total_amount": 229.70},
            "simulated": {"at": "2026-02-20T10:30:00Z", "subtotal": 179.80, "total_amount": 214.70},
            "difference": {"subtotal": -20.00, "small_basket_fee": 5.00, "total_amount": -15.00},
        }
    ],
}
REPLAY: dict[str, Any] = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-20T00:00:00Z", "sample": 0.5}
REPLAY_RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "status": "queued",
    **REPLAY,
    "change_set_id": SUMMARY["id"],
    "warnings": [],
    "quotes": None,
    "quotes_done": 0,
    "error": None,
    "created_by": _AUTHOR,
    "created_at": "2026-02-20T10:31:00Z",
    "started_at": None,
    "finished_at": None,
    "expires_at": None,
}
EXAMPLES: dict[Any, Any] = {
    ChangeSetDraft: DRAFT,
    SimulatedBaskets: BASKETS,
    ChangeSet: CHANGE_SET,
    ChangeSetSummary: SUMMARY,
    ChangeSetDetail: DETAIL,
    Resolutions: RESOLUTIONS,
    ReviewDraft: REVIEW_DRAFT,
    Publication: PUBLICATION,
    Rollback: ROLLBACK,
    ChangeSetCheck: CHECK,
    ChangeSetSimulation: SIMULATION,
    ReplayedPeriod: REPLAY,
    ReplayRecord: REPLAY_RECORD,
}
