"""However units are divided into refunds, these add up to the whole.

Source: docs/spec/ledger.md#partial-refunds.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.money.refunds import partial_refund

AMOUNTS = st.one_of(st.integers(-1000, 1000), st.integers(-(10**17), 10**17))
CUTS = st.lists(st.integers(1, 1000), min_size=1, max_size=8)


def refunds_of(whole_minor: int, cuts: list[int]) -> list[int]:
    refunds: list[int] = []
    units_refunded = 0
    for cut in cuts:
        units_refunded += cut
        refunds.append(partial_refund(whole_minor, sum(cuts), units_refunded, sum(refunds)))
    return refunds


@given(AMOUNTS, CUTS)
def test_all_refunds_add_up_to_the_whole_and_none_has_the_other_sign(whole_minor: int, cuts: list[int]) -> None:
    refunds = refunds_of(whole_minor, cuts)
    assert sum(refunds) == whole_minor
    assert all(refund * whole_minor >= 0 for refund in refunds)
    assert [-refund for refund in refunds] == refunds_of(-whole_minor, cuts)


@given(AMOUNTS, st.lists(st.integers(1, 50), min_size=1, max_size=4))
def test_the_order_of_refunds_leaves_the_same_whole(whole_minor: int, cuts: list[int]) -> None:
    assert {sum(refunds_of(whole_minor, list(order))) for order in permutations(cuts)} == {whole_minor}


@given(AMOUNTS, CUTS)
def test_no_refund_is_more_than_a_unit_away_from_its_share(whole_minor: int, cuts: list[int]) -> None:
    units = sum(cuts)
    for cut, refund in zip(cuts, refunds_of(whole_minor, cuts), strict=True):
        assert abs(refund * units - whole_minor * cut) <= units


@given(AMOUNTS, st.integers(1, 100), st.integers(0, 100), st.integers(0, 100))
def test_one_refund_is_worth_what_it_is_in_two(whole_minor: int, units: int, first: int, second: int) -> None:
    first, second = sorted((first % (units + 1), second % (units + 1)))
    at_once = partial_refund(whole_minor, units, second, 0)
    one = partial_refund(whole_minor, units, first, 0)
    assert one + partial_refund(whole_minor, units, second, one) == at_once


def test_examples() -> None:
    assert refunds_of(1000, [1, 1, 1]) == [333, 334, 333]
    assert refunds_of(5, [1, 1]) == [3, 2]
    assert refunds_of(1, [1, 1, 1]) == [0, 1, 0]
    assert refunds_of(0, [3]) == [0]


@pytest.mark.parametrize(("units", "units_refunded"), [(3, 4), (3, -1), (0, 0)])
def test_more_than_was_bought_is_refused(units: int, units_refunded: int) -> None:
    with pytest.raises(ValueError, match="units cannot be refunded"):
        partial_refund(100, units, units_refunded, 0)
