"""The whole analysis of a batch of products, step by step: three results of one set of inputs.

Source: docs/spec/market-analysis.md.
"""

from collections.abc import Callable
from typing import NamedTuple

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame, Inputs
from quote_service.intelligence.market_analysis.model.transformations.days import (
    all_days,
    beside_ours,
    market_days,
    own_days,
    rival_closes,
    rival_days,
    sold_days,
)
from quote_service.intelligence.market_analysis.model.transformations.distribution import distribution
from quote_service.intelligence.market_analysis.model.transformations.volatility import price_series, volatility

#: Works a step out under its name, and keeps it for the steps that go by it.
Step = Callable[[str, Callable[[], Frame]], Frame]


class Results(NamedTuple):
    """What is worked out, as DataFrames with the columns of the tables."""

    days: Frame
    distribution: Frame
    volatility: Frame


def analyse(api: Api, step: Step, inputs: Inputs, first_shown: int, last_day: int) -> Results:
    """Work out everything about the products of the inputs.

    Args:
        api: Of the engine.
        step: Of the engine.
        inputs: Of whole products; from before `first_shown` on, so that the days before it are known where it looks back.
        first_shown: The first day that is told, by its number.
        last_day: The last day of the calendar.
    """
    day = api.functions.col("day")
    own = step("own_days", lambda: own_days(api, inputs))
    closes = step("rival_closes", lambda: rival_closes(api, inputs))
    beside = step("beside_ours", lambda: beside_ours(api, closes, own))
    sold = step("sold_days", lambda: sold_days(api, inputs))
    rivals = step("rival_days", lambda: rival_days(api, beside))
    every = step("all_days", lambda: all_days(api, own, sold, rivals))
    days = step("market_days", lambda: market_days(api, every))
    series = step("price_series", lambda: price_series(api, closes, own, days))
    return Results(
        days=step("shown_days", lambda: days.where(day >= api.functions.lit(first_shown))),
        distribution=step("distribution", lambda: distribution(api, beside, last_day)),
        volatility=step("volatility", lambda: volatility(api, series, last_day)),
    )
