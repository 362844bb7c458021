"""When a second opinion counts, and when it contradicts; source: docs/spec/demand.md#second-opinions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.demand.response.contradiction import contradicts, interval_of_opinion, is_believable
from quote_service.intelligence.demand.response.learn import learn_response
from quote_service.intelligence.demand.response.second_opinions import ENOUGH_ROWS, second_opinions
from tests.demand.shops import Shop, made_sales
from tests.price_decisions.shop import elastic


def opinion(elasticity: float, error: float = 0.1, strength: float = 50.0) -> SecondOpinion:
    return SecondOpinion("instrument", elasticity, error, strength, 200)


@pytest.mark.parametrize(
    ("said", "is_against"),
    [
        (opinion(-2.0), False),
        (opinion(-2.36), False),  # its interval ends at -2.1955
        (opinion(-2.37), True),
        (opinion(-1.63), True),
        (opinion(0.4, 0.7), True),  # the sign
        (opinion(0.4, 0.8), False),  # too wide to be believed
        (opinion(-1.0, strength=9.9), False),  # too weak
    ],
)
def test_an_opinion_contradicts_where_intervals_lie_apart_or_the_sign_is_another(
    said: SecondOpinion, is_against: bool
) -> None:
    assert contradicts(said, elastic(-2.0)) is is_against  # from -2.2 to -1.8


@given(
    st.floats(-10, 3),
    st.floats(0.001, 5),
    st.floats(0, 100),
    st.floats(-8, -1.05),
    st.sampled_from(["instrument", "double_ml"]),
)
def test_what_is_not_believed_contradicts_nothing_and_what_agrees_neither(
    said: float, error: float, strength: float, mean: float, method: str
) -> None:
    reported = SecondOpinion(method, said, error, strength, 200)  # type: ignore[arg-type]
    known = elastic(mean)
    low, high = interval_of_opinion(reported)
    if contradicts(reported, known):
        assert is_believable(reported)
        assert reported.elasticity >= 0 or high < known.low or low > known.high
    if is_believable(reported) and reported.elasticity < 0 and known.low <= reported.elasticity <= known.high:
        assert not contradicts(reported, known)


@pytest.mark.long("simulates markets and learns from them")
def test_crowds_that_nobody_sees_mislead_and_costs_show() -> None:
    """A shop that raises prices when it expects a crowd believes that demand is hardly elastic; costs know of no crowd."""
    shop = Shop(elasticities=[-3.0] * 5, crowds=0.15, noise=0.15, price_moves=0.05, periods=100)
    panel = made_sales(shop, 3)
    response = learn_response(panel, list("abcde"), ["x"] * 5, shop.places)
    for at, known in enumerate(response.elasticities):
        reported = {each.method: each for each in second_opinions(panel.rows(panel.product == at), shop.places)}
        assert reported["instrument"].elasticity < known.mean
        assert contradicts(reported["instrument"], known)
    honest = made_sales(Shop(elasticities=[-3.0] * 5, noise=0.15), 3)
    response = learn_response(honest, list("abcde"), ["x"] * 5, shop.places)
    for at, known in enumerate(response.elasticities):
        reported = {each.method: each for each in second_opinions(honest.rows(honest.product == at), shop.places)}
        assert not contradicts(reported["instrument"], known), reported


def test_too_little_has_no_second_opinion() -> None:
    panel = made_sales(Shop(elasticities=[-2.0], places=1, periods=ENOUGH_ROWS - 1), 1)
    assert second_opinions(panel, 1) == []
    panel = made_sales(Shop(elasticities=[-2.0], places=1, periods=ENOUGH_ROWS), 1)
    panel.log_cost[:] = np.log(7.0)
    assert [each.method for each in second_opinions(panel, 1)] == ["double_ml"]
