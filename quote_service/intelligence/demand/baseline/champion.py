"""Champion and challengers: which forecast was best on periods that it had not seen, the latest ones first.

Each is learnt from the periods before a cut and forecasts those after it, one period ahead, as it would have done then.

Source: docs/spec/demand.md#baseline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from quote_service.intelligence.demand.baseline.forecast import Forecast, learn_forecast
from quote_service.intelligence.demand.baseline.scores import (
    ForecastScore,
    PriceScore,
    score_forecast,
    score_price_response,
)
from quote_service.intelligence.demand.baseline.trees import Learner
from quote_service.intelligence.demand.panel import Floats, Panel, Truths
from quote_service.intelligence.demand.response.learn import Response, learn_response

SHARES = (0.3, 0.5, 0.7, 1.0)
# A challenger must be this much better than the champion to take its place: a tie is no reason to change.
_CLEARLY = 0.01
_QUANTILES = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to forecast: the response alone, or with trees to a share, that may see what shoppers did."""

    learner: Learner | None
    share_of_trees: float
    with_behaviour: bool = False

    @property
    def name(self) -> str:
        seen = " with behaviour" if self.with_behaviour else ""
        return "response" if self.learner is None else f"{self.learner} {self.share_of_trees:.0%}{seen}"

    def without_behaviour(self) -> "Candidate":
        """The same forecast by what is known beside it."""
        return replace(self, with_behaviour=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a candidate did on the periods it had not seen.

    Attributes:
        spread: The log of units sold over forecast that one in twenty rows falls below, and one in twenty exceeds.
    """

    candidate: Candidate
    forecast: ForecastScore
    price: PriceScore
    spread: tuple[float, float]


def candidates(learners: Sequence[Learner] = ("boosted", "forest"), *, with_behaviour: bool = False) -> list[Candidate]:
    """What is tried; `with_behaviour` everything that learns both ways."""
    ways = (False, True) if with_behaviour else (False,)
    return [
        Candidate(None, 0.0),
        *(Candidate(learner, share, way) for way in ways for learner in learners for share in SHARES),
    ]


def backtest(
    panel: Panel,
    products: Sequence[str],
    categories: Sequence[str],
    places: int,
    cuts: Sequence[int],
    tried: Sequence[Candidate] | None = None,
) -> list[Trial]:
    """Try candidates on the periods after each cut, up to the next one or the end.

    Args:
        panel: Sorted; every product has a row before the first cut.
        products: The id of each product, by its number.
        categories: The category of each.
        places: How many places there are.
        cuts: The last period learnt from, ascending.
        tried: Which candidates; all of `candidates()` when None.

    Returns:
        A trial a candidate, over all cuts, in the order tried.
    """
    tried = candidates() if tried is None else tried
    ends = [*cuts[1:], int(panel.period.max())]
    reported: dict[Candidate, list[Floats]] = {candidate: [] for candidate in tried}
    sold: list[Floats] = []
    higher: dict[Candidate, list[Floats]] = {candidate: [] for candidate in tried}
    for cut, end in zip(cuts, ends, strict=True):
        seen, unseen = panel.period <= cut, (panel.period > cut) & (panel.period <= end)
        until = panel.rows(panel.period <= end)
        response = learn_response(panel.rows(seen), products, categories, places)
        sold.append(panel.log_units[unseen])
        now = unseen[panel.period <= end]
        for candidate, forecast in _learnt(response, until, until.period <= cut, tried).items():
            reported[candidate].append(forecast.log_units(until)[now])
            higher[candidate].append(forecast.log_units(until, until.log_price + np.log(1.1))[now])
    truth = np.concatenate(sold)
    return [
        _trial(candidate, truth, np.concatenate(reported[candidate]), np.concatenate(higher[candidate]))
        for candidate in tried
    ]


def champion_of(trials: Sequence[Trial], reigning: Candidate | None = None) -> Trial:
    """The trial with the lowest WMAPE whose forecasts fall with the price; the reigning one unless another is clearly better.

    Behaviour is only learnt from where it does not make the error worse: than that of the same forecast without it.
    """
    errors = {trial.candidate: trial.forecast.wmape for trial in trials}
    useful = [
        trial
        for trial in trials
        if not trial.candidate.with_behaviour
        or trial.forecast.wmape <= errors.get(trial.candidate.without_behaviour(), float("inf"))
    ]
    fit = [trial for trial in useful if trial.price.rises == 0] or useful
    best = min(fit, key=lambda trial: trial.forecast.wmape)
    for trial in fit:
        if trial.candidate == reigning and trial.forecast.wmape <= best.forecast.wmape * (1 + _CLEARLY):
            return trial
    return best


def _learnt(response: Response, panel: Panel, seen: Truths, tried: Sequence[Candidate]) -> dict[Candidate, Forecast]:
    """A forecast a candidate; trees are learnt once for all their shares."""
    full = {
        (learner, way): learn_forecast(response, panel, seen, learner, 1.0, with_behaviour=way)
        for learner, way in dict.fromkeys((candidate.learner, candidate.with_behaviour) for candidate in tried)
    }
    return {
        candidate: replace(full[candidate.learner, candidate.with_behaviour], share_of_trees=candidate.share_of_trees)
        for candidate in tried
    }


def _trial(candidate: Candidate, sold: Floats, reported: Floats, higher: Floats) -> Trial:
    low, high = np.quantile(sold - reported, _QUANTILES)
    return Trial(
        candidate, score_forecast(sold, reported), score_price_response(reported, higher), (float(low), float(high))
    )
