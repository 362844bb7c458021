"""How prices are decided, and how demand is learnt."""

from typing import Annotated

from quote_service.platform.settings.fields.reports import ReportSettings
from quote_service.platform.settings.fields.variable import Switch, variable


class DecisionSettings(ReportSettings, frozen=True, kw_only=True):
    price_decision_seconds: Annotated[
        float,
        variable(
            "QUOTE_PRICE_DECISION_SECONDS", "seconds between two runs of price decisions; 0: none", ge=0, le=604_800
        ),
    ] = 3600.0
    price_horizon_days: Annotated[
        int, variable("QUOTE_PRICE_HORIZON_DAYS", "days over which decisions reckon what a price brings", ge=1, le=365)
    ] = 7
    price_learn_seconds: Annotated[
        float,
        variable(
            "QUOTE_PRICE_LEARN_SECONDS",
            "seconds between two learnings of demand from sales; 0: none",
            ge=0,
            le=2_592_000,
        ),
    ] = 86_400.0
    price_learn_days: Annotated[
        int, variable("QUOTE_PRICE_LEARN_DAYS", "days of sales that demand is learnt from", ge=14, le=3650)
    ] = 365
    price_learn_behaviour: Annotated[
        Switch,
        variable(
            "QUOTE_PRICE_LEARN_BEHAVIOUR",
            "on: forecasts may learn from what shoppers do with products, where that makes them no worse; or off",
        ),
    ] = "off"
    price_model_max_days: Annotated[
        int, variable("QUOTE_PRICE_MODEL_MAX_DAYS", "days after which what was learnt decides nothing", ge=1, le=365)
    ] = 14
    price_decision_keep_days: Annotated[
        int,
        variable("QUOTE_PRICE_DECISION_KEEP_DAYS", "days that decisions are kept which set no price", ge=1, le=3650),
    ] = 400
