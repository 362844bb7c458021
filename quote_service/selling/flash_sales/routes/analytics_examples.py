"""The worked example of docs/spec/flash-sales.md, for the API's description.

Two hours at 150.00, after a week at 200.00 in which 84 units were sold: 0.5 an hour before, 40 an hour in the sale.
"""

from decimal import Decimal
from typing import Any

from quote_service.selling.flash_sales.routes import examples

_REVENUE = Decimal("12000.00")
_RATES: dict[str, Any] = {
    "conversion_rate": Decimal("0.075"),
    "allocated": 100,
    "units": 80,
    "sell_through": Decimal("0.8"),
}
_DAY: dict[str, Any] = {"day": "2026-11-27", "purchases": 60, "units": 80, "revenue": _REVENUE}
_PEAKS: dict[str, Any] = {
    "peak_minute": {
        "starts_at": "2026-11-27T09:00:00Z",
        "local_time": "2026-11-27T12:00:00+03:00",
        "purchases": 9,
        "units": 12,
    },
    "peak_hour": {
        "starts_at": "2026-11-27T09:00:00Z",
        "local_time": "2026-11-27T12:00:00+03:00",
        "purchases": 45,
        "units": 61,
    },
}
_LEFT: dict[str, Any] = {"sold_out_at": None, "time_to_sell_out_seconds": None}
_WHY_LEFT: dict[str, Any] = {"sold_out_at": "units_left", "time_to_sell_out_seconds": "units_left"}
_NOTHING: dict[str, Any] = {"purchases": 0, "units": 0, "amount": Decimal("0.00")}
_OUTCOMES: dict[str, Any] = {
    "confirmed": {"purchases": 60, "units": 80, "amount": _REVENUE},
    "reserved": {"purchases": 1, "units": 2, "amount": Decimal("300.00")},
    "rejected": _NOTHING,
    "expired": {"purchases": 2, "units": 2, "amount": Decimal("300.00")},
    "cancelled": {"purchases": 1, "units": 1, "amount": Decimal("150.00")},
}
_ELASTICITY: dict[str, Any] = {"value": Decimal("-6.82716"), "not_enough_data": None, "units_wanted": 10}
_IN_SALE: dict[str, Any] = {"units": 80, "units_per_hour": Decimal(40), "average_price": Decimal("150.00")}
_BEFORE: dict[str, Any] = {"units": 84, "units_per_hour": Decimal("0.5"), "average_price": Decimal("200.00")}

ANALYTICS: dict[str, Any] = {
    "flash_sale_id": examples.RECORD["id"],
    "status": "ended",
    "at": "2026-11-27T18:00:00Z",
    "time_zone": "Europe/Istanbul",
    "starts_at": "2026-11-27T09:00:00Z",
    "hours_on_sale": Decimal(2),
    "views": 800,
    "purchases": 60,
    "customers": 58,
    **_RATES,
    **_PEAKS,
    **_LEFT,
    "missing": _WHY_LEFT,
    "currencies": [
        {
            "currency": "TRY",
            "products": 1,
            "purchases": 60,
            "units": 80,
            "revenue": _REVENUE,
            "average_order": Decimal("200.00"),
            "revenue_per_day": [_DAY],
            "price_elasticity": {**_ELASTICITY, "products_compared": 1, "sale": _IN_SALE, "before": _BEFORE},
            "outcomes": _OUTCOMES,
            "missing": {},
        }
    ],
    "products": [
        {
            "product_id": examples.ITEM["product_id"],
            "currency": "TRY",
            "views": 800,
            "purchases": 60,
            "customers": 58,
            **_RATES,
            "revenue": _REVENUE,
            "revenue_share": Decimal(1),
            "average_order": Decimal("200.00"),
            "average_price": Decimal("150.00"),
            "revenue_per_day": [_DAY],
            **_PEAKS,
            **_LEFT,
            "price_elasticity": {
                **_ELASTICITY,
                "comparison": {
                    "sale": {
                        "starts_at": "2026-11-27T09:00:00Z",
                        "ends_at": "2026-11-27T11:00:00Z",
                        "hours": Decimal(2),
                        **_IN_SALE,
                    },
                    "before": {
                        "starts_at": "2026-11-20T09:00:00Z",
                        "ends_at": "2026-11-27T09:00:00Z",
                        "hours": Decimal(168),
                        **_BEFORE,
                    },
                    "sources": {
                        "earlier_sales": {"units": 0, "amount": Decimal("0.00")},
                        "accepted_quotes": {"units": 84, "amount": Decimal("16800.00")},
                    },
                },
            },
            "outcomes": _OUTCOMES,
            "missing": _WHY_LEFT,
        }
    ],
}
