"""Experiments as the API's description shows them."""

from typing import Any

REPORTED: dict[str, Any] = {
    "metrics": [
        {
            "customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c001",
            "metric": "error",
            "at": "2026-03-01T09:00:00Z",
            "id": "checkout-4711",
        },
        {"customer_id": "0199a1b2-c3d4-7e5f-8a9b-00000000c002", "metric": "searches", "value": 3},
    ]
}
RECEIPT: dict[str, Any] = {"accepted": 2, "repeated": 0}
REPORT: dict[str, Any] = {
    "key": "small-basket-12",
    "flag_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "status": "ACTIVE",
    "version": 1,
    "stage": 0,
    "started_at": "2026-03-01T09:00:00Z",
    "ended_at": None,
    "arms": [
        {"arm": "off", "is_control": True, "planned_share": 0.5, "exposures": 1004},
        {"arm": "on", "is_control": False, "planned_share": 0.5, "exposures": 988},
    ],
    "sample_ratio": {"p_value": 1.0, "mismatch": False},
    "metrics": [
        {
            "metric": "conversion",
            "measure": "rate",
            "arms": [
                {"arm": "off", "events": 121, "value": 0.1205, "difference": None},
                {
                    "arm": "on",
                    "events": 118,
                    "value": 0.1194,
                    "difference": {"estimate": -0.0011, "low": -0.0541, "high": 0.0519},
                },
            ],
        }
    ],
    "guardrails": [
        {
            "arm": "on",
            "metric": "conversion",
            "measure": "rate",
            "direction": "higher_is_better",
            "reason": "no_harm_shown",
            "level": 0.05,
            "control": 0.1205,
            "treatment": 0.1194,
            "tolerated": 0.1145,
            "log_e_value": -3.1,
            "bound": None,
        }
    ],
    "rollback": None,
}
HISTORY: dict[str, Any] = {
    "key": "small-basket-12",
    "flag_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "version": 1,
    "stage": 0,
    "started_at": "2026-03-01T09:00:00Z",
    "ended_at": None,
    "metric": "conversion",
    "interval": "day",
    "time_zone": "UTC",
    "measures": [
        {
            "measure": "rate",
            "points": [
                {
                    "at": "2026-03-01T23:59:12Z",
                    "exposures": [1004, 988],
                    "arms": [
                        {"arm": "off", "events": 121, "value": 0.1205, "difference": None},
                        {
                            "arm": "on",
                            "events": 118,
                            "value": 0.1194,
                            "difference": {"estimate": -0.0011, "low": -0.0541, "high": 0.0519},
                        },
                    ],
                }
            ],
        }
    ],
}
