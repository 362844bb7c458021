"""Versions of what was learnt about demand, as they are shown.

Source: docs/spec/price-decisions.md#models.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.intelligence.price_decisions.model.grounds import ShownBehaviour, ShownOpinion
from quote_service.platform.money.numbers import ExactNumber


class ModelTrial(msgspec.Struct, frozen=True, kw_only=True):
    """How a forecast did on days that it had not seen."""

    name: str
    """The forecast: `response` for the elasticity alone, or trees with their share."""
    wmape: float
    """Absolute error over units sold; 0 is exact."""
    rmse_log: float
    """Root of the mean squared error of the logarithm."""
    bias: float
    """Forecast over sold, less 1."""
    rising: float
    """Share of forecasts that rise at a price 10 % higher; 0 for every one that may be used."""


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A version of what was learnt about demand."""

    id: UUID
    """Identifies the version; decisions name it as `model_id`."""
    created_at: datetime
    """When it was learnt."""
    is_newest: bool
    """Whether decisions go by it now."""
    learned_from: date
    """The first day that it was learnt from."""
    learned_until: date
    """The last day."""
    products: int
    """Prices of products that it knows."""
    rows: int
    """Days with sales of products that it was learnt from."""
    champion: str
    """The forecast that is used."""
    trials: list[ModelTrial]
    """Every forecast that was tried; empty where there were too few days to try any."""
    uses_behaviour: bool
    """Whether shoppers' behaviour was learnt from."""
    seconds: float
    """How long it took."""
    learned_with: dict[str, str]
    """Versions of the libraries."""


class ModelProduct(msgspec.Struct, frozen=True, kw_only=True):
    """What a version says of a product."""

    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code of its price."""
    reference_price: ExactNumber
    """The price that `units_a_day` are expected at."""
    units_a_day: float
    """Units expected a day."""
    elasticity: float
    """By how many percent demand changes when the price rises by one percent."""
    low: float
    """The end of its interval that is more elastic; nine chances in ten lie between."""
    high: float
    """The end that is less elastic."""
    own_weight: float
    """From 0, all from other products, to 1, all from its own sales."""
    rows: int
    """Days with sales that it was learnt from."""
    distinct_prices: int
    """Prices that were seen, distinguished by half a percent."""
    is_identified: bool
    """Whether prices may be set on it by themselves."""
    doubts: list[Literal["too_few_rows", "too_few_prices", "too_little_variation", "too_uncertain", "wrong_sign"]]
    """Why not; empty when it is identified."""
    second_opinions: list[ShownOpinion]
    """The elasticity by other methods, where they apply."""
    behaviour: ShownBehaviour | None
    """What shoppers' behaviour told of the product; null where it was not learnt from, or nothing was known."""
