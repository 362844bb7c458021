"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.price_decisions.model.decisions import (
    DecisionDetail,
    DecisionRecord,
    ManualDraft,
    RollBackDraft,
    RolledBack,
    RunRecord,
    Verdict,
    WhatIf,
    WhatIfDraft,
)
from quote_service.intelligence.price_decisions.model.models import ModelProduct, ModelRecord
from quote_service.intelligence.price_decisions.model.policies import PolicyDraft, PolicyRecord

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
PRODUCT_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
POLICY_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c01"
DECISION_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c02"
MODEL_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c03"
RUN_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4c04"
_AT = "2026-02-20T09:30:00Z"
_POINTS: dict[str, Any] = {"every": 1, "endings": [0.9, 0.99]}
POLICY: dict[str, Any] = {
    "product_id": PRODUCT_ID,
    "currency": "TRY",
    "mode": "auto",
    "floor_price": 150,
    "ceiling_price": 260,
    "step_percent": 5,
    "above_competitors_percent": 10,
    "price_points": _POINTS,
}
POLICY_RECORD: dict[str, Any] = {
    "id": POLICY_ID,
    "product_id": PRODUCT_ID,
    "category_id": None,
    "currency": "TRY",
    "family": None,
    "mode": "auto",
    "floor_price": 150,
    "floor_percent": None,
    "ceiling_price": 260,
    "minimum_advertised_price": None,
    "cost": None,
    "lowest_margin_percent": None,
    "highest_margin_percent": None,
    "step_percent": 5,
    "day_percent": None,
    "cumulative_percent": None,
    "above_competitors_percent": 10,
    "below_competitors_percent": None,
    "competitor_seconds": None,
    "price_points": _POINTS,
    "keep_lowest_30_days": None,
    "breaker_move_percent": None,
    "breaker_share_percent": None,
    "version": 1,
    "created_at": _AT,
    "updated_at": _AT,
    "created_by": _AUTHOR,
    "updated_by": _AUTHOR,
}
DECISION_RECORD: dict[str, Any] = {
    "id": DECISION_ID,
    "product_id": PRODUCT_ID,
    "currency": "TRY",
    "mode": "suggest",
    "origin": "loop",
    "status": "suggested",
    "current_price": 199.9,
    "proposed_price": 214.99,
    "price": 209.9,
    "held_by": [],
    "lower_bound_by": "step",
    "upper_bound_by": "step",
    "clamped_by": "step",
    "uses_behaviour": False,
    "run_id": RUN_ID,
    "model_id": MODEL_ID,
    "note": None,
    "version": 1,
    "created_at": _AT,
    "created_by": "price decisions",
    "decided_at": None,
    "decided_by": None,
    "applied_at": None,
}
_OPINION: dict[str, Any] = {
    "method": "double_ml",
    "elasticity": -2.1,
    "low": -2.6,
    "high": -1.6,
    "strength": 0.34,
    "rows": 212,
    "is_believable": True,
    "contradicts": False,
}
_EXPLAINED: dict[str, Any] = {
    "confirmed_price": 199.9,
    "day_start_price": 199.9,
    "lowest_price_30_days": 189.9,
    "sure_gain": 212.4,
    "horizon_days": 7,
    "stock": 420,
    "limits": {
        "policy_ids": [POLICY_ID],
        "floor_price": 150,
        "ceiling_price": 260,
        "minimum_advertised_price": None,
        "cost": 140,
        "lowest_margin_percent": 5,
        "highest_margin_percent": 60,
        "step_percent": 5,
        "day_percent": 10,
        "cumulative_percent": 20,
    },
    "bounds": [
        {"rule": "floor", "lowest": 150, "highest": None},
        {"rule": "step", "lowest": 189.91, "highest": 209.89},
    ],
    "candidates": [
        {
            "labels": ["now", "confirmed"],
            "price": 199.9,
            "units": 84.0,
            "units_low": 84.0,
            "units_high": 84.0,
            "revenue": 16791.6,
            "profit": 5031.6,
        },
        {
            "labels": ["plus_5_percent", "decided"],
            "price": 209.9,
            "units": 76.2,
            "units_low": 74.1,
            "units_high": 78.4,
            "revenue": 15994.38,
            "profit": 5326.38,
        },
    ],
    "elasticity": {
        "mean": -1.94,
        "low": -2.4,
        "high": -1.5,
        "own_weight": 0.81,
        "rows": 212,
        "distinct_prices": 9,
        "doubts": [],
    },
    "competitors": [
        {
            "competitor_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01",
            "competitor": "Corner Shop",
            "listing_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b03",
            "price": 205.5,
            "confirmed_at": _AT,
            "may_decide": True,
            "not_comparable": [],
        }
    ],
    "second_opinions": [_OPINION],
    "behaviour": None,
    "family": None,
    "campaign": None,
    "proposed_test": None,
}
DECISION_DETAIL: dict[str, Any] = {**DECISION_RECORD, **_EXPLAINED}
_DECIDED: dict[str, Any] = {"version": 2, "decided_at": _AT, "decided_by": _AUTHOR}
ACCEPTED: dict[str, Any] = {**DECISION_DETAIL, **_DECIDED, "status": "applied", "applied_at": _AT, "note": "as agreed"}
REJECTED: dict[str, Any] = {**DECISION_DETAIL, **_DECIDED, "status": "rejected", "note": "as agreed"}
VERDICT: dict[str, Any] = {"note": "as agreed"}
MANUAL: dict[str, Any] = {"product_id": PRODUCT_ID, "currency": "TRY", "price": 189.9, "note": "for the spring"}
MANUAL_DETAIL: dict[str, Any] = {
    **DECISION_DETAIL,
    "mode": "manual",
    "origin": "person",
    "status": "applied",
    "proposed_price": 189.9,
    "price": 189.9,
    "lower_bound_by": "floor",
    "upper_bound_by": "ceiling",
    "clamped_by": None,
    "run_id": None,
    "note": "for the spring",
    "created_by": _AUTHOR,
    "decided_at": _AT,
    "decided_by": _AUTHOR,
    "applied_at": _AT,
}
ROLL_BACK: dict[str, Any] = {"product_id": None, "currency": "TRY", "note": "rates of exchange were wrong"}
ROLLED_BACK: dict[str, Any] = {
    "rolled_back": 41,
    "not_rolled_back": [{"product_id": PRODUCT_ID, "currency": "TRY", "reason": "floor"}],
}
WHAT_IF: dict[str, Any] = {"product_id": PRODUCT_ID, "currency": "TRY", "price": 219.9}
WHAT_IF_ANSWER: dict[str, Any] = {
    "product_id": PRODUCT_ID,
    "currency": "TRY",
    "mode": "suggest",
    "current_price": 199.9,
    "outcome": "set",
    "price": 209.9,
    "held_by": [],
    "tried": {
        "labels": [],
        "price": 219.9,
        "units": 69.8,
        "units_low": 66.8,
        "units_high": 72.8,
        "revenue": 15349.02,
        "profit": 5577.02,
    },
    "tried_is_allowed": True,
    "tried_clamped_by": None,
    "tried_nearest_price": 219.9,
    "uses_behaviour": False,
    **_EXPLAINED,
}
RUN: dict[str, Any] = {
    "id": RUN_ID,
    "status": "finished",
    "started_at": _AT,
    "finished_at": "2026-02-20T09:30:04Z",
    "model_id": MODEL_ID,
    "products": 1200,
    "applied": 31,
    "suggested": 12,
    "shadowed": 40,
    "held": 25,
    "unchanged": 1091,
    "failed": 1,
    "breaker_open": False,
}
MODEL: dict[str, Any] = {
    "id": MODEL_ID,
    "created_at": _AT,
    "is_newest": True,
    "learned_from": "2025-02-20",
    "learned_until": "2026-02-19",
    "products": 1200,
    "rows": 291_450,
    "champion": "boosted 70%",
    "trials": [{"name": "boosted 70%", "wmape": 0.43, "rmse_log": 0.54, "bias": -0.06, "rising": 0.0}],
    "uses_behaviour": False,
    "seconds": 41.2,
    "learned_with": {"numpy": "2.2.1", "xgboost": "3.2.0"},
}
MODEL_PRODUCT: dict[str, Any] = {
    "product_id": PRODUCT_ID,
    "currency": "TRY",
    "reference_price": 199.9,
    "units_a_day": 12.0,
    "elasticity": -1.94,
    "low": -2.4,
    "high": -1.5,
    "own_weight": 0.81,
    "rows": 212,
    "distinct_prices": 9,
    "is_identified": True,
    "doubts": [],
    "second_opinions": [_OPINION],
    "behaviour": None,
}
EXAMPLES: dict[Any, Any] = {
    PolicyDraft: POLICY,
    Verdict: VERDICT,
    RollBackDraft: ROLL_BACK,
    ManualDraft: MANUAL,
    DecisionDetail: MANUAL_DETAIL,
    DecisionRecord: DECISION_RECORD,
    RolledBack: ROLLED_BACK,
    ModelRecord: MODEL,
    ModelProduct: MODEL_PRODUCT,
    PolicyRecord: POLICY_RECORD,
    WhatIfDraft: WHAT_IF,
    WhatIf: WHAT_IF_ANSWER,
    RunRecord: RUN,
}
