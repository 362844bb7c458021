"""Examples for the API's description."""

from typing import Any

from quote_service.shop.campaigns.model.campaigns import CampaignDetail, CampaignDraft, CampaignRecord, PricePoint
from quote_service.shop.campaigns.model.simulations import CampaignSimulation, SalesPath

_AUTHOR = "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5e"
CAMPAIGN: dict[str, Any] = {
    "name": "Winter jackets",
    "product_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a03",
    "variant_id": None,
    "currency": "TRY",
    "duration": 10,
    "price_manipulation_limit": 20,
    "target_sales_count": 100,
    "starts_at": "2026-11-27T09:00:00Z",
}
RECORD: dict[str, Any] = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a61",
    **CAMPAIGN,
    "ends_at": "2026-11-27T19:00:00Z",
    "status": "scheduled",
    "starting_price": None,
    "stopped_at": None,
    "version": 1,
    "created_by": _AUTHOR,
    "created_at": "2026-11-20T09:30:00Z",
    "updated_by": _AUTHOR,
    "updated_at": "2026-11-20T09:30:00Z",
}
POINT: dict[str, Any] = {
    "hour": 1,
    "at": "2026-11-27T10:00:00Z",
    "total_sales": 50,
    "demand_coefficient": 5,
    "starting_price": 100.0,
    "price": 102.0,
    "held_by": None,
}
DETAIL: dict[str, Any] = {
    **RECORD,
    "status": "active",
    "starting_price": 100.0,
    "version": 2,
    "updated_by": "campaign schedule",
    "updated_at": "2026-11-27T09:00:00Z",
    "target_sales": 100,
    "total_sales": 55,
    "turnover": 5510.0,
    "average_item_price": 100.18,
    "current_price": 102.0,
    "price_path": [POINT],
}
SALES_PATH: dict[str, Any] = {"hourly_sales": [50, 5]}
SIMULATION_DRAFT: dict[str, Any] = {
    "duration": 10,
    "price_manipulation_limit": 20,
    "target_sales_count": 100,
    "currency": "TRY",
    "starting_price": 100.0,
    "min_price": 90.0,
    "max_price": None,
    "hourly_sales": [50, 5],
}
_START = {
    "hour": 0,
    "total_sales": 0,
    "demand_coefficient": None,
    "starting_price": 100.0,
    "price": 100.0,
    "held_by": None,
}
SIMULATION: dict[str, Any] = {
    "currency": "TRY",
    "total_sales": 55,
    "turnover": 5510.0,
    "average_item_price": 100.18,
    "price_path": [
        _START,
        {**_START, "hour": 1, "total_sales": 50, "demand_coefficient": 5, "price": 102.0},
        {**_START, "hour": 2, "total_sales": 55, "demand_coefficient": 2.75, "price": 104.0},
    ],
}
EXAMPLES: dict[Any, Any] = {
    CampaignDraft: CAMPAIGN,
    CampaignRecord: RECORD,
    CampaignDetail: DETAIL,
    PricePoint: POINT,
    CampaignSimulation: SIMULATION,
    SalesPath: SALES_PATH,
}
