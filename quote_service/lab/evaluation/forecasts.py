"""Forecasts of orange juice, weeks 141 to 160, one week ahead, and what each says about higher prices.

The champion is chosen on weeks 121 to 140, which the weeks before it have not seen; the last 20 weeks are looked at once.

Source: docs/spec/demand.md#figures.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.baseline.champion import Trial, backtest, champion_of
from quote_service.intelligence.demand.baseline.forecast import Forecast, learn_forecast
from quote_service.intelligence.demand.baseline.scores import score_forecast, score_price_response
from quote_service.intelligence.demand.panel import Floats, Panel, Truths, earlier
from quote_service.intelligence.demand.response.learn import Response, learn_response
from quote_service.lab.evaluation.figures import Figure
from quote_service.lab.evaluation.orange_juice import BRANDS, LAST_TRAINING_WEEK
from quote_service.lab.evaluation.price_inside import PriceInside, learn_price_inside

_HELD_OUT = 20
_GROUP = "Orange juice, weeks 141-160, one week ahead"
_BESIDE = "the same, trees with the price inside"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt from weeks up to 140."""

    response: Response
    champion: Trial
    forecast: Forecast
    price_inside: dict[str, PriceInside]
    places: int


def learn_all(panel: Panel) -> Learnt:
    """The champion of weeks 121 to 140, learnt again from all weeks up to 140; and trees with the price inside."""
    names, categories = [str(at + 1) for at in range(BRANDS)], ["orange juice"] * BRANDS
    places = int(panel.place.max()) + 1
    seen = panel.period <= LAST_TRAINING_WEEK
    champion = champion_of(backtest(panel.rows(seen), names, categories, places, [LAST_TRAINING_WEEK - _HELD_OUT]))
    response = learn_response(panel.rows(seen), names, categories, places)
    candidate = champion.candidate
    forecast = learn_forecast(response, panel, seen, candidate.learner, candidate.share_of_trees)
    inside = {
        "boosted trees": learn_price_inside(panel, seen, "boosted", monotone=False),
        "monotone boosted trees": learn_price_inside(panel, seen, "boosted", monotone=True),
        "a random forest": learn_price_inside(panel, seen, "forest", monotone=False),
    }
    return Learnt(response, champion, forecast, inside, places)


def forecast_figures(panel: Panel, learnt: Learnt) -> list[Figure]:
    """How far off each is, and whether its forecast falls when the price rises by 10 %."""
    unseen = panel.period > LAST_TRAINING_WEEK
    sold, up = panel.log_units[unseen], panel.log_price + np.log(1.1)
    reported = learnt.forecast.log_units(panel)[unseen]
    score = score_forecast(sold, reported)
    price = score_price_response(reported, learnt.forecast.log_units(panel, up)[unseen])
    low, high = learnt.champion.spread
    inside = np.mean((sold - reported >= low) & (sold - reported <= high))
    name = f"ours ({learnt.champion.candidate.name})"
    figures = [
        Figure(_GROUP, f"{name}: WMAPE", score.wmape, 0.45, "at_most"),
        Figure(_GROUP, f"{name}: RMSE of the logarithm", score.rmse_log, 0.545, "at_most"),
        Figure(_GROUP, f"{name}: bias", score.bias),
        Figure(_GROUP, f"{name}: rows inside the interval of nine in ten", float(inside)),
        Figure(_GROUP, f"{name}: share that falls at a price 10 % higher", price.falls, 0.999),
        Figure(_GROUP, f"{name}: mean elasticity", price.elasticity),
        *_compared("the response alone", sold, learnt.response.log_units(panel)[unseen]),
        *_compared("last week's units", *_last_week(panel, unseen)),
    ]
    for what, model in learnt.price_inside.items():
        now, higher = (model.log_units(unseen, at[unseen]) for at in (panel.log_price, up))
        response = score_price_response(now, higher)
        figures += _compared(f"{_BESIDE}: {what}", sold, now)
        figures.append(Figure(_GROUP, f"{_BESIDE}: {what}: share that falls", response.falls))
        figures.append(Figure(_GROUP, f"{_BESIDE}: {what}: mean elasticity", response.elasticity))
    return figures


def _compared(name: str, sold: Floats, reported: Floats) -> list[Figure]:
    score = score_forecast(sold, reported)
    return [Figure(_GROUP, f"{name}: WMAPE", score.wmape), Figure(_GROUP, f"{name}: RMSE", score.rmse_log)]


def _last_week(panel: Panel, unseen: Truths) -> tuple[Floats, Floats]:
    before = earlier(panel, panel.log_units, 1)
    known = unseen & ~np.isnan(before)
    return panel.log_units[known], before[known]
