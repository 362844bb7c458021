"""Guardrails by example, and their laws on drawn proposals.

Source: docs/spec/price-decisions.md#guardrails; docs/spec/price-decisions.md#laws.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.intelligence.demand.optimiser.price_points import PricePoints
from quote_service.intelligence.price_decisions.model.guardrail_cases import draw_cases
from quote_service.intelligence.price_decisions.model.guardrail_laws import broken_laws
from quote_service.intelligence.price_decisions.model.guardrails import (
    Limits,
    Proposal,
    RivalPrice,
    Verdict,
    breaker_opens,
    guard_price,
)

# Cost 80.00, price 100.00: a margin of 20 %, in the middle of 5 .. 30 %.
USUAL = Proposal(
    proposed_minor=103_00,
    current_minor=100_00,
    floor_minor=85_00,
    ceiling_minor=130_00,
    cost_minor=80_00,
    day_start_minor=100_00,
    confirmed_minor=100_00,
)
LIMITS = Limits(above_rivals_bp=1_000, below_rivals_bp=500)


def guarded(**changes: Any) -> Verdict:
    limits = changes.pop("limits", LIMITS)
    return guard_price(msgspec.structs.replace(USUAL, **changes), limits)


def test_a_price_inside_all_bounds_is_set() -> None:
    verdict = guarded()
    assert (verdict.outcome, verdict.price_minor, verdict.clamped_by) == ("set", 103_00, None)
    assert (verdict.low_by, verdict.high_by) == ("step", "step")


@pytest.mark.parametrize(
    ("changes", "price_minor", "by"),
    [
        ({"proposed_minor": 120_00}, 105_00, "step"),
        ({"proposed_minor": 1}, 95_00, "step"),
        ({"proposed_minor": 120_00, "day_start_minor": 93_00}, 102_30, "day"),
        ({"proposed_minor": 120_00, "confirmed_minor": 86_00, "day_start_minor": 96_00}, 103_20, "cumulative"),
        ({"proposed_minor": 90_00, "floor_minor": 98_00}, 98_00, "floor"),
        ({"proposed_minor": 120_00, "ceiling_minor": 101_00}, 101_00, "ceiling"),
        ({"proposed_minor": 90_00, "minimum_advertised_minor": 99_00}, 99_00, "minimum_advertised"),
        # 92.00 / 0.95 = 96.842...: the first whole cent at or above it.
        ({"proposed_minor": 90_00, "cost_minor": 92_00}, 96_85, "lowest_margin"),
        # 72.00 / 0.7 = 102.857...: the last whole cent at or below it.
        ({"proposed_minor": 105_00, "cost_minor": 72_00}, 102_85, "highest_margin"),
        ({"proposed_minor": 105_00, "rivals": (RivalPrice(94_00, 60), RivalPrice(99_00, 60))}, 103_40, "position"),
        ({"proposed_minor": 120_00, "by_person": True}, 114_28, "highest_margin"),
    ],
)
def test_a_price_outside_goes_to_the_nearest_inside(changes: dict[str, Any], price_minor: int, by: str) -> None:
    verdict = guarded(**changes)
    assert (verdict.outcome, verdict.price_minor, verdict.clamped_by) == ("set", price_minor, by)


@pytest.mark.parametrize(
    ("changes", "held_by"),
    [
        ({"floor_minor": None}, "no_floor"),
        ({"floor_minor": 0}, "no_floor"),
        ({"cost_minor": None}, "no_cost"),
        ({"cost_minor": -1}, "no_cost"),
        ({"proposed_minor": 0}, "no_price"),
        ({"confirmed_minor": 0}, "no_price"),
        ({"proposed_minor": 0, "by_person": True}, "no_price"),
        ({"floor_minor": None, "by_person": True}, "no_floor"),
        ({"floor_minor": 131_00}, "bounds_exclude_each_other"),
        ({"floor_minor": 120_00}, "bounds_exclude_each_other"),  # further than one step
        ({"rivals": (RivalPrice(99_00, 86_401),)}, "unfit_rival_price"),
        ({"rivals": (RivalPrice(99_00, -1),)}, "unfit_rival_price"),
        ({"rivals": (RivalPrice(99_00, 60), RivalPrice(99_00, 60, anomalous=True))}, "unfit_rival_price"),
        ({"rivals": (RivalPrice(99_00, 60, comparable=False),)}, "unfit_rival_price"),
        ({"identified": False}, "not_identified"),
        ({"contradicted": True}, "second_opinion"),
        ({"price_war": True}, "price_war"),
        ({"breaker_open": True}, "circuit_breaker"),
        ({"limits": Limits(points=PricePoints(every_minor=100_00, endings_minor=(50_00,)))}, "no_legal_price"),
    ],
)
def test_what_is_missing_or_doubtful_holds_the_price(changes: dict[str, Any], held_by: str) -> None:
    verdict = guarded(**changes)
    assert (verdict.outcome, verdict.price_minor) == ("held", 100_00)
    assert held_by in verdict.held_by


def test_where_bounds_exclude_each_other_the_floor_is_suggested() -> None:
    assert guarded(floor_minor=131_00, ceiling_minor=120_00).suggested_minor == 131_00
    assert guarded(floor_minor=1, cost_minor=133_00, minimum_advertised_minor=120_00).suggested_minor == 140_00


def test_a_person_gives_a_price_to_what_was_free() -> None:
    free = {"current_minor": 0, "day_start_minor": 0, "confirmed_minor": 0, "proposed_minor": 90_00}
    assert guarded(**free, by_person=True).price_minor == 90_00
    assert guarded(**free).held_by == ("no_price",)


def test_a_doubtful_change_is_suggested_as_it_would_have_been() -> None:
    assert guarded(proposed_minor=120_00, price_war=True).suggested_minor == 105_00


def test_a_price_that_stays_is_not_held() -> None:
    verdict = guarded(proposed_minor=100_00, identified=False)
    assert (verdict.outcome, verdict.price_minor, verdict.held_by) == ("unchanged", 100_00, ())


def test_a_price_ends_as_prices_end() -> None:
    limits = Limits(points=PricePoints(every_minor=1_00, endings_minor=(95, 99)))
    assert guarded(limits=limits).price_minor == 102_99
    assert guarded(limits=limits, proposed_minor=200_00).price_minor == 104_99


@pytest.mark.parametrize(
    ("moves", "opens"),
    [
        ([(100_00, 103_00)] * 100, False),  # 3 % is not more than 3 %
        ([(100_00, 103_01)] * 20, False),  # a fifth is not more than a fifth
        ([(100_00, 103_01)] * 21, True),
        ([(100_00, 1)] * 21, True),
        ([], False),
    ],
)
def test_the_breaker_opens_when_too_much_would_move(moves: list[tuple[int, int]], opens: bool) -> None:
    assert breaker_opens(moves, 100, LIMITS) is opens


@pytest.mark.parametrize(
    "limits",
    [
        {"lowest_margin_bp": 3_000, "highest_margin_bp": 2_000},
        {"lowest_margin_bp": 10_000, "highest_margin_bp": 10_000},
        {"step_bp": -1},
        {"above_rivals_bp": -1},
    ],
)
def test_limits_that_limit_nothing_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"margins|below zero"):
        Limits(**limits)


def test_no_drawn_proposal_breaks_a_law() -> None:
    seen: Counter[str] = Counter()
    for proposal, limits in draw_cases(seed=13, count=15_000):
        verdict = guard_price(proposal, limits)
        assert broken_laws(proposal, limits, verdict) == [], (proposal, limits, verdict)
        seen.update((verdict.outcome, *verdict.held_by))
    assert len(seen) == 13, "every outcome and every reason is drawn"
    assert seen["set"] > 1_500


@pytest.mark.parametrize(
    "forged",
    [
        lambda price: price + 50_00,
        lambda price: price - 50_00,
        lambda price: price * 100,
        lambda price: 1,
    ],
)
def test_the_laws_notice_a_forged_price(forged: Callable[[int], int]) -> None:
    verdict = guarded()
    assert broken_laws(USUAL, LIMITS, verdict) == []
    assert broken_laws(USUAL, LIMITS, msgspec.structs.replace(verdict, price_minor=forged(verdict.price_minor)))


cases = st.builds(lambda seed: next(draw_cases(seed, 1)), st.integers(min_value=0))


@given(cases, st.integers(1, 10**6))
def test_a_higher_proposal_never_becomes_a_lower_price(case: tuple[Proposal, Limits], more: int) -> None:
    proposal, limits = case
    higher = msgspec.structs.replace(proposal, proposed_minor=proposal.proposed_minor + more)
    one, other = guard_price(proposal, limits), guard_price(higher, limits)
    if one.outcome == other.outcome == "set":
        assert one.price_minor <= other.price_minor


@given(cases)
def test_what_was_set_is_not_moved_again_by_its_own_bounds(case: tuple[Proposal, Limits]) -> None:
    proposal, limits = case
    verdict = guard_price(proposal, limits)
    if verdict.outcome == "set":
        again = guard_price(msgspec.structs.replace(proposal, proposed_minor=verdict.price_minor), limits)
        assert (again.outcome, again.price_minor, again.clamped_by) == ("set", verdict.price_minor, None)
