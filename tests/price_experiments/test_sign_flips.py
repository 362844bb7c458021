"""The interval of an effect from paired differences: what the coins alone say.

Source: docs/spec/price-experiments.md#estimates.
"""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.price_experiments.model.sign_flips import LEVEL, Pair, estimate_effect

AMOUNTS = st.floats(min_value=0.5, max_value=1e6)
PAIRS = st.lists(st.builds(Pair, AMOUNTS, AMOUNTS), min_size=1, max_size=9)


@given(PAIRS)
@settings(max_examples=60)
def test_the_chance_is_that_of_all_throws(pairs: list[Pair]) -> None:
    differences = [pair.treated - pair.control for pair in pairs]
    seen = abs(sum(differences))
    throws = [
        abs(sum(sign * each for sign, each in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(pairs))
    ]
    as_far = sum(throw >= seen * (1 - 1e-9) for throw in throws) / len(throws)
    assert estimate_effect(pairs).chance == pytest.approx(as_far)


@given(PAIRS, st.floats(min_value=0.01, max_value=100))
@settings(max_examples=40)
def test_the_unit_does_not_matter(pairs: list[Pair], unit: float) -> None:
    here = estimate_effect(pairs)
    there = estimate_effect([Pair(pair.treated * unit, pair.control * unit) for pair in pairs])
    assert there.effect == pytest.approx(here.effect, abs=1e-9)
    assert (there.low is None, there.high is None) == (here.low is None, here.high is None)


@given(PAIRS)
@settings(max_examples=40)
def test_the_effect_lies_in_its_interval(pairs: list[Pair]) -> None:
    found = estimate_effect(pairs)
    assert found.effect is not None
    assert found.low is None or found.low <= found.effect
    assert found.high is None or found.high >= found.effect


def test_five_pairs_cannot_show_anything_from_chance_and_six_can() -> None:
    five, six = (estimate_effect([Pair(200.0, 100.0)] * count) for count in (5, 6))
    assert (five.low, five.high, five.chance) == (None, None, 1 / 16)
    assert six.low is not None
    assert six.high is not None
    assert six.low == pytest.approx(six.high) == pytest.approx(1.0)


@pytest.mark.long("eighty simulated experiments")
@pytest.mark.parametrize("count", [8, 16])
def test_intervals_hold_the_truth_as_often_as_they_say(count: int) -> None:
    drawn, truth, held, rounds = Random(20_261_123), 0.12, 0, 80
    for _ in range(rounds):
        pairs = []
        for _ in range(count):
            base = drawn.lognormvariate(3, 1)
            halves = [base * drawn.lognormvariate(0, 0.3) for _ in range(2)]
            drawn.shuffle(halves)
            pairs.append(Pair(halves[0] * (1 + truth), halves[1]))
        found = estimate_effect(pairs)
        held += (found.low is None or found.low <= truth) and (found.high is None or truth <= found.high)
    # Three standard deviations of 80 throws below 0.95; the drawn numbers are the same each time.
    assert held / rounds >= LEVEL - 0.08


def test_nothing_sold_is_no_effect() -> None:
    assert estimate_effect([]).effect is None
    assert estimate_effect([Pair(5.0, 0.0)]).effect is None
