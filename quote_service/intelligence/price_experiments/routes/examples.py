"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.price_experiments.model.experiments import (
    PriceExperiment,
    PriceExperimentDetail,
    PriceExperimentDraft,
    StopDraft,
)
from quote_service.intelligence.price_experiments.model.performance import PricePerformance
from quote_service.intelligence.price_experiments.model.report import PriceExperimentReport

_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f5a01"
_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
_SOCKS = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_SHOES = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a04"

DRAFT: dict[str, Any] = {
    "name": "Socks and shoes 5 % more expensive",
    "note": "Does the higher price earn more?",
    "currency": "TRY",
    "design": "switchback",
    "change_percent": 5,
    "metric": "profit",
    "days": 28,
    "period_hours": 48,
    "washout_hours": 6,
    "clusters": [{"name": "Socks", "product_ids": [_SOCKS]}, {"name": "Shoes", "product_ids": [_SHOES]}],
}
RECORD: dict[str, Any] = {
    "id": _ID,
    "name": "Socks and shoes 5 % more expensive",
    "note": "Does the higher price earn more?",
    "status": "draft",
    "currency": "TRY",
    "design": "switchback",
    "change_percent": 5.00,
    "metric": "profit",
    "days": 28,
    "period_hours": 48,
    "washout_hours": 6,
    "before_days": 28,
    "started_at": None,
    "ends_at": None,
    "reason": None,
    "version": 1,
    "created_at": "2026-11-02T09:00:00Z",
    "created_by": _AUTHOR,
    "updated_at": "2026-11-02T09:00:00Z",
    "updated_by": _AUTHOR,
}
_SEED = "9f2c4b7de01a5836c0f1e2d3b4a59687"
_DRAFTED = [
    {
        "name": name,
        "pair": None,
        "is_treated": None,
        "products": [{"product_id": product_id, "control_price": None, "treated_price": None}],
    }
    for name, product_id in (("Socks", _SOCKS), ("Shoes", _SHOES))
]
DETAIL: dict[str, Any] = {**RECORD, "seed": _SEED, "clusters": _DRAFTED, "not_restored": []}
_PRICED = [
    {
        "name": name,
        "pair": None,
        "is_treated": is_treated,
        "products": [{"product_id": product_id, "control_price": control, "treated_price": treated}],
    }
    for name, product_id, is_treated, control, treated in (
        ("Socks", _SOCKS, True, 99.90, 104.90),
        ("Shoes", _SHOES, False, 899.90, 944.90),
    )
]
STARTED: dict[str, Any] = {
    **DETAIL,
    "status": "running",
    "started_at": "2026-11-02T09:05:00Z",
    "ends_at": "2026-11-30T09:05:00Z",
    "version": 2,
    "updated_at": "2026-11-02T09:05:00Z",
    "clusters": _PRICED,
}
STOP = {"reason": "The supplier raised its price"}
STOPPING: dict[str, Any] = {
    **STARTED,
    "ends_at": "2026-11-12T10:00:00Z",
    "reason": "The supplier raised its price",
    "version": 3,
    "updated_at": "2026-11-12T10:00:00Z",
}
REPORT: dict[str, Any] = {
    "id": _ID,
    "status": "ended",
    "design": "switchback",
    "metric": "profit",
    "pairs": 14,
    "pairs_left_out": 0,
    "counted_until": "2026-11-30T09:05:00Z",
    "verdict": "better",
    "figures": [
        {
            "metric": metric,
            "treated": treated,
            "control": control,
            "effect_percent": effect,
            "effect_percent_low": low,
            "effect_percent_high": high,
            "chance": chance,
        }
        for metric, treated, control, effect, low, high, chance in (
            ("profit", 48210.40, 44105.10, 9.31, 3.02, 15.84, 0.0061),
            ("revenue", 161040.20, 166820.00, -3.46, -8.4, 1.71, 0.1792),
            ("units", 1538, 1672, -8.01, -12.6, -3.17, 0.0034),
        )
    ],
}
_IMPACT: dict[str, Any] = {
    "units": 1240,
    "revenue": 130076.00,
    "profit": 33480.00,
    "revenue_impact": -2140.50,
    "revenue_impact_low": -4312.10,
    "revenue_impact_high": 310.40,
    "profit_impact": 2905.20,
    "profit_impact_low": 1720.00,
    "profit_impact_high": 4012.75,
    "return_percent": 9.5,
    "units_not_estimated": 0,
}
PERFORMANCE: dict[str, Any] = {
    "from": "2026-10-03T00:00:00Z",
    "to": "2026-11-02T00:00:00Z",
    "time_zone": "UTC",
    "currencies": [
        {
            "currency": "TRY",
            "decisions": 42,
            "products": 17,
            "totals": _IMPACT,
            "modes": [{**_IMPACT, "mode": "auto"}],
            "days": [{**_IMPACT, "day": "2026-11-01"}],
        }
    ],
}
EXAMPLES: dict[Any, Any] = {
    PriceExperimentDraft: DRAFT,
    PriceExperimentDetail: STARTED,
    PriceExperiment: RECORD,
    StopDraft: STOP,
    PriceExperimentReport: REPORT,
    PricePerformance: PERFORMANCE,
}
