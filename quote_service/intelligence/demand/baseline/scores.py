"""How good forecasts are: how far off, which way off, how often inside their interval, and whether price moves them rightly.

Source: docs/spec/demand.md#baseline.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.panel import Floats


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """Of forecasts of log units.

    Attributes:
        wmape: Sum of the absolute errors in units over the sum of units.
        rmse_log: Root of the mean squared error of log units.
        bias: Forecast units over units sold, less 1.
        rows: Rows that were forecast.
    """

    wmape: float
    rmse_log: float
    bias: float
    rows: int


@dataclass(frozen=True, slots=True)
class PriceScore:
    """Of what a forecast says about a price 10 % higher.

    Attributes:
        falls: Share of rows for which it says less.
        rises: Share for which it says more.
        elasticity: Mean over the rows of the elasticity that it implies.
    """

    falls: float
    rises: float
    elasticity: float


def score_forecast(log_units: Floats, forecast: Floats) -> ForecastScore:
    """Compare forecasts of log units with what was sold."""
    sold, reported = np.exp(log_units), np.exp(forecast)
    return ForecastScore(
        wmape=float(np.abs(sold - reported).sum() / sold.sum()),
        rmse_log=float(np.sqrt(np.mean((forecast - log_units) ** 2))),
        bias=float(reported.sum() / sold.sum() - 1),
        rows=len(log_units),
    )


def score_price_response(now: Floats, ten_percent_up: Floats) -> PriceScore:
    """Compare forecasts of log units at today's price with those at a price 10 % higher."""
    change = ten_percent_up - now
    return PriceScore(
        falls=float(np.mean(change < 0)),
        rises=float(np.mean(change > 0)),
        elasticity=float(np.mean(change) / np.log(1.1)),
    )
