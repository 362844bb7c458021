"""Elasticities learnt from made sales, whose truth is known.

Source: docs/spec/demand.md#response; docs/spec/demand.md#identified; docs/spec/demand.md#second-opinions.
"""

from dataclasses import replace
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quote_service.intelligence.demand.model import OwnEstimate, PriceVariation
from quote_service.intelligence.demand.panel import Integers, Panel
from quote_service.intelligence.demand.response.double_ml import double_ml_elasticity
from quote_service.intelligence.demand.response.instrument import instrument_elasticity
from quote_service.intelligence.demand.response.least_squares import least_squares
from quote_service.intelligence.demand.response.log_log import ProductDemand, explaining_columns, fit_product
from quote_service.intelligence.demand.response.pooling import LEAST_ELASTIC, MOST_ELASTIC, pool_elasticities
from quote_service.intelligence.demand.response.truncated import mean_of, quantile_of
from tests.demand.shops import Shop, made_sales

ENOUGH = PriceVariation(rows=500, distinct_prices=20, coefficient_of_variation=0.1, within=0.05)


def fitted(panel: Panel, product: int, places: int) -> ProductDemand:
    return fit_product(panel.rows(panel.product == product), f"p{product}", "all", places)


def test_least_squares_agrees_with_a_solution_written_out() -> None:
    draw = np.random.default_rng(1)
    columns = np.column_stack([np.ones(60), draw.normal(size=(60, 2))])
    outcome = columns @ [1.0, 2.0, -3.0] + draw.normal(size=60)
    clusters: Integers = np.arange(60) // 4
    fit = least_squares(outcome, columns, clusters)
    solution, *_ = np.linalg.lstsq(columns, outcome, rcond=None)
    assert np.allclose(fit.coefficients, solution)
    # The sandwich, cluster by cluster.
    inverse, meat = np.linalg.inv(columns.T @ columns), np.zeros((3, 3))
    for cluster in range(15):
        score = columns[clusters == cluster].T @ (outcome - columns @ solution)[clusters == cluster]
        meat += np.outer(score, score)
    assert np.allclose(fit.covariance, 15 / 14 * 59 / 57 * inverse @ meat @ inverse)


def test_a_column_that_others_explain_gets_no_coefficient() -> None:
    draw = np.random.default_rng(2)
    one = draw.normal(size=50)
    fit = least_squares(3 * one, np.column_stack([one, 2 * one, np.zeros(50)]), np.arange(50))
    assert np.allclose(fit.coefficients, [3, 0, 0])


def test_effects_of_places_are_those_of_a_column_for_each_place() -> None:
    panel = made_sales(Shop([-2.0], places=4), seed=3)
    demand = fitted(panel, 0, places=4)
    full = np.column_stack([explaining_columns(panel, demand.rival_means), panel.place[:, None] == np.arange(4)])
    solution, *_ = np.linalg.lstsq(full, panel.log_units, rcond=None)
    assert np.allclose(np.append(demand.coefficients, demand.place_effects), solution)
    assert np.allclose(demand.log_units(panel), full @ solution)


@pytest.mark.parametrize("price", [6.9, 12.9, 0.07, 1234.56])
@pytest.mark.parametrize("periods", [63, 77, 180])
def test_a_price_that_never_moved_says_nothing_however_its_mean_is_rounded(price: float, periods: int) -> None:
    panel = made_sales(Shop([-2.0, -3.0], places=1, periods=periods), seed=periods)
    still = replace(panel, log_price=np.where(panel.product == 0, np.log(price), panel.log_price))
    estimates = [fitted(still, at, places=1).estimate for at in range(2)]
    assert (estimates[0].elasticity, estimates[0].standard_error, estimates[0].variation.within) == (None, None, 0)
    pooled = pool_elasticities(estimates)
    assert pooled[0].own_weight == 0
    assert not pooled[0].identified
    assert pooled[1] == pool_elasticities(estimates[1:])[0], "nor does it speak for its category"


def test_the_interval_of_nine_in_ten_holds_the_truth_about_that_often() -> None:
    truths = np.linspace(-4, -1.3, 10)
    inside = 0
    for seed in range(20):
        panel = made_sales(Shop(list(truths), places=12, periods=30), seed)
        pooled = pool_elasticities([fitted(panel, at, 12).estimate for at in range(10)])
        inside += sum(one.low <= truth <= one.high for one, truth in zip(pooled, truths, strict=True))
        assert all(one.identified for one in pooled)
    # Of 200, fewer than 160 or all of them would happen by chance once in ten thousand times.
    assert 160 <= inside < 200


def test_where_crowds_move_prices_the_cost_shows_the_truth_and_least_squares_does_not() -> None:
    panel = made_sales(Shop([-2.5], crowds=0.12, places=30, periods=60, price_moves=0.05), seed=4)
    plain = fitted(panel, 0, 30).estimate
    opinion = instrument_elasticity(panel, 30)
    assert opinion is not None
    assert plain.elasticity is not None
    assert plain.elasticity > -2.5 + 0.5
    assert abs(opinion.elasticity + 2.5) < 4 * opinion.standard_error < 0.6
    assert opinion.strength > 10


def test_no_costs_no_second_opinion() -> None:
    panel = made_sales(Shop([-2.5]), seed=5)
    assert instrument_elasticity(replace(panel, log_cost=np.full(len(panel), np.nan)), 12) is None
    assert instrument_elasticity(replace(panel, log_cost=np.ones(len(panel))), 12) is None


def test_trees_find_the_slope_too() -> None:
    panel = made_sales(Shop([-2.5], price_moves=0.25, places=15, periods=50), seed=6)
    opinion = double_ml_elasticity(panel)
    assert opinion is not None
    assert abs(opinion.elasticity + 2.5) < 4 * opinion.standard_error < 1.2


def test_trees_say_nothing_where_the_price_never_moves() -> None:
    panel = made_sales(Shop([-2.5], places=4, periods=30), seed=7)
    assert double_ml_elasticity(replace(panel, log_price=np.ones(len(panel)))) is None


def test_a_price_that_never_moved_is_not_identified_and_leans_on_the_others() -> None:
    panel = made_sales(Shop([-3.0] * 8), seed=8)
    still = np.where(panel.product == 0, 1.0, panel.log_price)
    panel = replace(panel, log_price=still)
    pooled = pool_elasticities([fitted(panel, at, 12).estimate for at in range(8)])
    assert pooled[0].own_weight == 0
    assert set(pooled[0].doubts) >= {"too_few_prices", "too_little_variation", "too_uncertain"}
    assert abs(pooled[0].mean + 3) < 0.3
    assert all(one.identified for one in pooled[1:])


def test_a_noisy_wrong_sign_is_drawn_to_the_category_and_a_sure_one_is_named() -> None:
    category = [OwnEstimate(f"p{at}", "a", -2.0 - at / 10, 0.2, ENOUGH) for at in range(10)]
    *_, noisy, sure = pool_elasticities(
        [*category, OwnEstimate("noisy", "a", 1.5, 2.0, ENOUGH), OwnEstimate("sure", "a", 1.5, 0.2, ENOUGH)]
    )
    assert noisy.pooled_mean < -0.5
    assert noisy.own_weight < 0.5
    assert "wrong_sign" not in noisy.doubts
    assert "wrong_sign" in sure.doubts


def test_categories_differ_from_each_other() -> None:
    near = [OwnEstimate(f"n{at}", "near", -1.5, 0.1, ENOUGH) for at in range(6)]
    far = [OwnEstimate(f"f{at}", "far", -4.0, 0.1, ENOUGH) for at in range(6)]
    unknown = [OwnEstimate(name, name, None, None, ENOUGH) for name in ("near", "far", "elsewhere")]
    pooled = {one.product: one.pooled_mean for one in pool_elasticities([*near, *far, *unknown])}
    assert pooled["near"] > -1.7
    assert pooled["far"] < -3.8
    assert -3.8 < pooled["elsewhere"] < -1.7


estimates = st.lists(
    st.builds(
        OwnEstimate,
        product=st.just("p"),
        category=st.sampled_from(["a", "b", "c"]),
        elasticity=st.none() | st.floats(-50, 50),
        standard_error=st.none() | st.floats(0, 1e6),
        variation=st.just(ENOUGH),
    ),
    max_size=12,
)


@given(estimates)
def test_whatever_sales_say_an_elasticity_stays_in_its_bounds(given_ones: list[OwnEstimate]) -> None:
    pooled = pool_elasticities(given_ones)
    assert len(pooled) == len(given_ones)
    for one in pooled:
        assert MOST_ELASTIC <= one.low <= one.high <= LEAST_ELASTIC
        assert MOST_ELASTIC <= one.mean <= LEAST_ELASTIC
        assert 0 <= one.own_weight <= 1.000001
        assert one.pooled_deviation > 0


@given(st.floats(-10, 2), st.floats(0.01, 5), st.floats(0.01, 0.99))
def test_a_cut_belief_is_that_of_scipy(mean: float, deviation: float, share: float) -> None:
    low, high = -8.0, -1.05
    cut = stats.truncnorm((low - mean) / deviation, (high - mean) / deviation, mean, deviation)
    found = quantile_of(mean, deviation, low, high, share)
    assert low <= found <= high
    if abs(mean - low) < 4 * deviation or abs(mean - high) < 4 * deviation:
        assert isclose(found, float(cut.ppf(share)), rel_tol=1e-3, abs_tol=1e-3)
        assert isclose(mean_of(mean, deviation, low, high), float(cut.mean()), rel_tol=1e-3, abs_tol=1e-3)


@pytest.mark.parametrize("mean", [-1e9, -20.0, 3.0, 1e9])
def test_a_belief_far_outside_stands_at_the_bound(mean: float) -> None:
    bound = -8.0 if mean < -8 else -1.05
    assert mean_of(mean, 0.1, -8.0, -1.05) == pytest.approx(bound, abs=0.01)
    assert quantile_of(mean, 0.1, -8.0, -1.05, 0.5) == pytest.approx(bound, abs=0.01)
