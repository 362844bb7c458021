"""What is said about demand: elasticities, how sure they are, and whether they may move a price. No numbers library needed.

Source: docs/spec/demand.md#response.
"""

from typing import Literal

import msgspec

Doubt = Literal["too_few_rows", "too_few_prices", "too_little_variation", "too_uncertain", "wrong_sign"]


class PriceVariation(msgspec.Struct, frozen=True):
    """How much the price of a product has moved, which is all that its own elasticity can be learnt from.

    Attributes:
        rows: Observations with sales: a product in a place in a period.
        distinct_prices: Prices distinguished by half a percent.
        coefficient_of_variation: Standard deviation of the price over its mean.
        within: Standard deviation of the log price that places, promotions, rivals and season do not explain.
    """

    rows: int
    distinct_prices: int
    coefficient_of_variation: float
    within: float


class OwnEstimate(msgspec.Struct, frozen=True):
    """What the sales of one product alone say about its elasticity. None: its price never moved by itself."""

    product: str
    category: str
    elasticity: float | None
    standard_error: float | None
    variation: PriceVariation


class Elasticity(msgspec.Struct, frozen=True):
    """By how many percent units sold change when the price rises by one percent, as far as is known.

    Attributes:
        mean: Of what is known after pooling, inside the bounds an elasticity may have.
        low: Only one chance in ten that demand is more elastic (more negative) or less elastic than `low` to `high`.
        high: See `low`.
        pooled_mean: Before it is cut to those bounds.
        pooled_deviation: Standard deviation around `pooled_mean`.
        own_weight: From 0 (all from other products) to 1 (all from its own sales).
        doubts: Why no price may be changed by itself on this; empty when it is identified.
    """

    product: str
    mean: float
    low: float
    high: float
    pooled_mean: float
    pooled_deviation: float
    own_weight: float
    variation: PriceVariation
    doubts: tuple[Doubt, ...]

    @property
    def identified(self) -> bool:
        return not self.doubts


class SecondOpinion(msgspec.Struct, frozen=True):
    """The elasticity by another method, which assumes other things.

    Attributes:
        method: `instrument`: prices as far as costs moved them. `double_ml`: prices as far as a learnt model cannot predict.
        strength: First-stage F of the instrument (below 10 is weak); share of the price left unexplained for `double_ml`.
    """

    method: Literal["instrument", "double_ml"]
    elasticity: float
    standard_error: float
    strength: float
    rows: int
