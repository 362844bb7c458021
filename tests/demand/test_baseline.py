"""Forecasts on made sales: better than the response alone, never up with the price, the same each time.

Source: docs/spec/demand.md#baseline.
"""

from dataclasses import replace

import numpy as np
import pytest

from quote_service.intelligence.demand.baseline.champion import Candidate, Trial, backtest, champion_of
from quote_service.intelligence.demand.baseline.features import features_of
from quote_service.intelligence.demand.baseline.forecast import learn_forecast
from quote_service.intelligence.demand.baseline.scores import (
    ForecastScore,
    PriceScore,
    score_forecast,
    score_price_response,
)
from quote_service.intelligence.demand.baseline.trees import Learner, learn_trees
from quote_service.intelligence.demand.panel import Floats, Panel
from quote_service.intelligence.demand.response.learn import Response, learn_response
from tests.demand.shops import Shop, made_sales

PRODUCTS, CATEGORIES, PLACES = ["a", "b", "c"], ["x", "x", "y"], 8


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Sales with something in them that only the periods before tell: demand that drifts."""
    panel = made_sales(Shop([-1.6, -2.5, -3.5], places=PLACES, periods=60, noise=0.1), seed=21)
    drift = np.sin(panel.period / 5 + panel.product)
    return replace(panel, log_units=panel.log_units + drift)


@pytest.fixture(scope="module")
def response(panel: Panel) -> Response:
    return learn_response(panel.rows(panel.period < 45), PRODUCTS, CATEGORIES, PLACES)


@pytest.mark.parametrize("learner", ["boosted", "forest"])
def test_trees_add_to_the_response_and_leave_the_price_to_it(
    panel: Panel, response: Response, learner: Learner
) -> None:
    unseen = panel.period >= 45
    forecast = learn_forecast(response, panel, ~unseen, learner, 1.0)
    plain = score_forecast(panel.log_units[unseen], response.log_units(panel)[unseen])
    learnt = score_forecast(panel.log_units[unseen], forecast.log_units(panel)[unseen])
    assert learnt.rmse_log < plain.rmse_log * 0.9
    higher = forecast.log_units(panel, panel.log_price + np.log(1.1))
    price = score_price_response(forecast.log_units(panel), higher)
    assert (price.falls, price.rises) == (1.0, 0.0)
    assert price.elasticity == pytest.approx(float(np.mean(response.means()[panel.product])))


def test_a_forecast_at_the_own_price_is_the_forecast(panel: Panel, response: Response) -> None:
    forecast = learn_forecast(response, panel, panel.period < 45, None, 0.0)
    assert np.array_equal(forecast.log_units(panel), response.log_units(panel))
    assert np.allclose(forecast.log_units(panel, panel.log_price), forecast.log_units(panel))


def test_the_own_price_of_the_period_is_not_among_the_columns(panel: Panel) -> None:
    other = replace(panel, log_price=np.where(panel.period == 59, 9.0, panel.log_price))
    last = panel.period == 59
    assert np.array_equal(features_of(panel).values[last], features_of(other).values[last], equal_nan=True)


def test_a_rival_that_grows_dearer_never_takes_buyers_away(panel: Panel) -> None:
    features = features_of(panel)
    trees = learn_trees("boosted", features, panel.log_units, panel.period < 45)
    dearer = features_of(replace(panel, rivals=panel.rivals + 0.2))
    assert float((trees.predict(dearer) - trees.predict(features)).min()) >= 0


def test_the_same_rows_make_the_same_trees_and_contributions_add_up(panel: Panel) -> None:
    features, seen = features_of(panel), panel.period < 45
    one, other = (learn_trees("boosted", features, panel.log_units, seen) for _ in range(2))
    assert one.document() == other.document()
    assert np.allclose(one.contributions(features).sum(axis=1), one.predict(features), atol=1e-3)


def test_the_backtest_scores_only_what_was_not_seen(panel: Panel) -> None:
    tried = [Candidate(None, 0.0), Candidate("boosted", 1.0), Candidate("boosted", 0.5)]
    trials = backtest(panel, PRODUCTS, CATEGORIES, PLACES, [39, 49], tried)
    assert [trial.candidate for trial in trials] == tried
    assert {trial.forecast.rows for trial in trials} == {3 * PLACES * 20}
    assert all(trial.price.rises == 0 and trial.spread[0] < 0 < trial.spread[1] for trial in trials)
    assert champion_of(trials).candidate.learner == "boosted"


def trial(share: float, wmape: float, rises: float = 0.0) -> Trial:
    return Trial(
        Candidate("boosted", share), ForecastScore(wmape, 1.0, 0.0, 9), PriceScore(1 - rises, rises, -2.0), (0, 0)
    )


def test_a_champion_stays_unless_another_is_clearly_better() -> None:
    reigning, near, better = trial(0.3, 0.400), trial(0.5, 0.397), trial(0.7, 0.390)
    assert champion_of([reigning, near], reigning.candidate) == reigning
    assert champion_of([reigning, better], reigning.candidate) == better
    assert champion_of([reigning, near]) == near
    assert champion_of([reigning, trial(1.0, 0.1, rises=0.05)]) == reigning


def test_behaviour_is_learnt_from_where_it_shows_something_and_no_error_grows(panel: Panel) -> None:
    chance = np.random.default_rng(5)
    reporting: Floats = chance.normal(size=(len(panel), 2))
    noise: Floats = chance.normal(size=(len(panel), 2))
    seen = replace(panel, log_units=panel.log_units + 0.5 * reporting[:, 0], behaviour=reporting)
    tried = [Candidate("boosted", 1.0), Candidate("boosted", 1.0, with_behaviour=True)]
    without, with_it = backtest(seen, PRODUCTS, CATEGORIES, PLACES, [39], tried)
    assert with_it.forecast.rmse_log < 0.9 * without.forecast.rmse_log
    assert champion_of([without, with_it]) == with_it
    assert with_it.candidate.name == "boosted 100% with behaviour"
    # The same columns are not seen by who does not ask for them, and noise is never chosen where it errs more.
    blind = backtest(replace(seen, behaviour=None), PRODUCTS, CATEGORIES, PLACES, [39], tried[:1])[0]
    assert blind.forecast == without.forecast
    trials = backtest(replace(panel, behaviour=noise), PRODUCTS, CATEGORIES, PLACES, [39], tried)
    best = champion_of(trials, reigning=tried[1])
    assert best.forecast.wmape <= trials[0].forecast.wmape
    response = learn_response(seen, PRODUCTS, CATEGORIES, PLACES)
    chosen = seen.period < 45
    forecast = learn_forecast(response, seen, chosen, "boosted", 0.5, with_behaviour=True)
    effect = forecast.log_units_by_behaviour(seen)
    assert float(np.corrcoef(effect, reporting[:, 0])[0, 1]) > 0.8
    assert not learn_forecast(response, seen, chosen, "boosted", 0.5).log_units_by_behaviour(seen).any()


def test_scores_by_hand() -> None:
    score = score_forecast(np.log([10.0, 30.0]), np.log([20.0, 30.0]))
    assert score.wmape == pytest.approx(0.25)
    assert score.bias == pytest.approx(0.25)
    assert score.rows == 2
    assert score.rmse_log == pytest.approx(np.log(2) / np.sqrt(2))
