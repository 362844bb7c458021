"""Examples for the API's description."""

from typing import Any

from quote_service.intelligence.market_analysis.model.answers import Demand, Trends, VolatileProduct
from quote_service.intelligence.market_analysis.model.windows.answers import MarketStream, MarketWindow

_PRODUCT_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03"
_COMPETITOR_ID = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4b01"
_FRESHNESS: dict[str, Any] = {"analysed_at": "2026-02-20T09:30:12Z", "day": "2026-02-20"}
_DAY: dict[str, Any] = {
    "day": "2026-02-20",
    "price": {
        "open": 1299.0,
        "close": 1199.0,
        "low": 1199.0,
        "high": 1299.0,
        "moves": 1,
        "lowest_30_days": 1149.0,
        "change_7_days": -0.076982,
        "change_30_days": 0,
    },
    "competitors": {
        "listings": 3,
        "low": 1149.0,
        "lower_quartile": 1149.0,
        "median": 1189.0,
        "upper_quartile": 1249.0,
        "high": 1249.0,
        "mean": 1195.666667,
        "cheaper": 2,
        "equal": 0,
        "dearer": 1,
    },
}
TRENDS: dict[str, Any] = {
    "product_id": _PRODUCT_ID,
    "freshness": _FRESHNESS,
    "currencies": [{"currency": "TRY", "days": [_DAY]}],
}
DEMAND: dict[str, Any] = {
    "product_id": _PRODUCT_ID,
    "freshness": _FRESHNESS,
    "currencies": [
        {
            "currency": "TRY",
            "units": 12,
            "revenue": 14388.0,
            "days": [
                {
                    "day": "2026-02-20",
                    "units": 12,
                    "orders": 11,
                    "revenue": 14388.0,
                    "price_paid": 1199,
                    "units_returned": 0,
                    "units_7_days": 70,
                    "units_28_days": 261,
                    "price": 1199.0,
                }
            ],
        }
    ],
}
DISTRIBUTION: dict[str, Any] = {
    "currency": "TRY",
    "key": _COMPETITOR_ID,
    "name": "Corner Shop",
    "listings": 1,
    "days": 30,
    "prices": 30,
    "low": 1099.0,
    "lower_quartile": 1149.0,
    "median": 1149.0,
    "upper_quartile": 1199.0,
    "high": 1249.0,
    "mean": 1162.333333,
    "newest": 1149.0,
    "cheaper": 22,
    "equal": 5,
    "dearer": 3,
    "price_index": 0.956171,
}
SHARE: dict[str, Any] = {
    "currency": "TRY",
    "key": _COMPETITOR_ID,
    "name": "Corner Shop",
    "products": 412,
    "listings": 430,
    "prices": 12_640,
    "cheaper": 7_305,
    "equal": 1_022,
    "dearer": 4_313,
    "cheaper_share": 0.577927,
    "price_index": 0.981204,
}
VOLATILITY: dict[str, Any] = {
    "currency": "TRY",
    "subject": "competitor",
    "competitor_id": _COMPETITOR_ID,
    "competitor": "Corner Shop",
    "window_days": 30,
    "days": 30,
    "low": 1099.0,
    "high": 1249.0,
    "mean": 1162.333333,
    "rises": 2,
    "falls": 3,
    "variation": 0.031852,
}
VOLATILE: dict[str, Any] = {
    "product_id": _PRODUCT_ID,
    "sku": "SHOE-42",
    "name": "Running shoe",
    "currency": "TRY",
    "days": 30,
    "low": 1149.0,
    "high": 1299.0,
    "mean": 1211.5,
    "rises": 1,
    "falls": 2,
    "variation": 0.044127,
}
RUN: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4d01",
    "scope": "changed",
    "engine": "duckdb",
    "status": "done",
    "started_at": "2026-02-20T09:30:00Z",
    "finished_at": "2026-02-20T09:30:12Z",
    "day": "2026-02-20",
    "products": 412,
    "written": 15_190,
    "detail": "",
}
WINDOW: dict[str, Any] = {
    "from": "2026-02-20T09:25:00Z",
    "to": "2026-02-20T09:30:00Z",
    "product_id": _PRODUCT_ID,
    "currency": "TRY",
    "prices": {
        "moves": 2,
        "removed": 0,
        "first": 1249.0,
        "last": 1199.0,
        "low": 1199.0,
        "high": 1249.0,
        "is_open": True,
    },
    "competitors": {"observations": 5, "listings": 3, "low": 1149.0, "high": 1249.0, "doubted": 0, "is_open": True},
    "behaviour": None,
    "decisions": {"decisions": 1, "applied": 1, "is_open": True},
}
STREAM: dict[str, Any] = {
    "engine": "postgresql",
    "window_seconds": 300,
    "lateness_seconds": 900,
    "subjects": [
        {
            "subject": "prices",
            "newest_at": "2026-02-20T09:29:41.5Z",
            "watermark": "2026-02-20T09:14:41.5Z",
            "counted": 18_204,
            "late": 3,
            "ahead": 0,
            "unreadable": 0,
            "updated_at": "2026-02-20T09:29:42Z",
        }
    ],
    "spark": None,
}
EXAMPLES: dict[Any, Any] = {
    Trends: TRENDS,
    Demand: DEMAND,
    VolatileProduct: VOLATILE,
    MarketWindow: WINDOW,
    MarketStream: STREAM,
}
