"""The laws of detection; source: docs/spec/signals.md#hysteresis, docs/spec/signals.md#confirmed-prices."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.signals.model.detection.found import Found, Point
from quote_service.intelligence.signals.model.detection.levels import LevelState, look_at_sales, look_at_stock
from quote_service.intelligence.signals.model.detection.listing import (
    ListingRules,
    ListingState,
    Looked,
    Seen,
    begin_listing,
    look_at_listing,
    vouch_for,
)
from quote_service.intelligence.signals.model.detection.moves import Direction, Latch, step_move
from quote_service.intelligence.signals.model.detection.war import WarState, look_at_our_price, look_at_their_price
from quote_service.intelligence.signals.model.thresholds import DEFAULTS, Rule
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.system.instants import SECOND_US

DAY = 86_400 * SECOND_US
DROP, RISE, WAR = DEFAULTS["competitor_price_drop"], DEFAULTS["competitor_price_rise"], DEFAULTS["price_war"]
LOW, SURGE = DEFAULTS["low_inventory"], DEFAULTS["demand_surge"]
RULES = ListingRules(DROP, RISE, DEFAULTS["price_anomaly"])
# Nothing is odd: what moves is to be seen.
PLAIN = ListingRules(DROP, RISE, Rule(kind="price_anomaly", is_enabled=False))
PRICES = st.lists(st.integers(1, 400), min_size=1, max_size=40)


class Shown(NamedTuple):
    """A move that was told: at which price of the list, from where, to where."""

    place: int
    base: int
    now: int


def moves(prices: list[int], rule: Rule = DROP, direction: Direction = -1, apart: int = 1) -> list[Shown]:
    """The moves that are told of prices that come so many microseconds apart."""
    latch: Latch | None = None
    last: Point | None = None
    reported = []
    for place, price in enumerate(prices):
        now = Point(str(place), place * apart, price * MICRO)
        latch, base = step_move(latch, last, now, rule, direction)
        if base is not None:
            reported.append(Shown(place, base.micro // MICRO, price))
        last = now
    return reported


def falls(prices: list[int], apart: int = 1) -> list[tuple[int, int]]:
    """From where to where each drop that is told goes."""
    return [each[1:] for each in moves(prices, apart=apart)]


@pytest.mark.parametrize(
    ("prices", "reported"),
    [
        ([100, 85], [(100, 85)]),
        ([100, 86], []),
        ([100, 80, 89, 75], [(100, 80)]),
        ([100, 80, 89, 68], [(100, 80), (80, 68)]),
        ([100, 80, 90, 76], [(100, 80), (90, 76)]),
        ([100, 80, 100, 80], [(100, 80), (100, 80)]),
        ([100, 95, 90, 85, 81], []),
        ([100, 80, 74, 68], [(100, 80), (80, 68)]),
    ],
)
def test_a_drop_is_reported_once_until_half_of_it_is_undone(prices: list[int], reported: list[tuple[int, int]]) -> None:
    assert falls(prices) == reported


def test_a_drop_that_has_expired_is_measured_again() -> None:
    # 89 to 75 is a drop of its own, and within 15 % of where the one before ended.
    week = DROP.expires_seconds * SECOND_US
    assert falls([100, 80, 89, 75]) == [(100, 80)]
    assert falls([100, 80, 89, 75], apart=week) == [(100, 80), (89, 75)]


@given(PRICES, st.integers(2, 1000))
def test_only_proportions_count(prices: list[int], factor: int) -> None:
    assert falls([price * factor for price in prices]) == [
        (before * factor, now * factor) for before, now in falls(prices)
    ]


@given(PRICES)
def test_what_is_reported_has_passed_the_threshold_down_as_up(prices: list[int]) -> None:
    both: tuple[tuple[Direction, Rule], ...] = ((-1, DROP), (1, RISE))
    for direction, rule in both:
        for reported in moves(prices, rule, direction):
            assert direction * (reported.now - reported.base) * 100 >= 15 * reported.base


@given(PRICES)
def test_after_a_drop_it_is_undone_by_half_or_goes_on_by_a_whole_threshold(prices: list[int]) -> None:
    for one, other in pairwise(moves(prices)):
        between = prices[one.place + 1 : other.place]
        undone = any((each - one.now) * 2 >= one.base - one.now for each in between)
        assert undone or (one.now - other.now) * 100 >= 15 * one.now


def looked(state: ListingState, seen: list[Seen], rules: ListingRules = RULES) -> tuple[ListingState, list[Looked]]:
    steps = []
    for each in seen:
        step = look_at_listing(state, each, (), rules)
        state = step.state
        steps.append(step)
    return state, steps


def kinds(steps: list[Looked]) -> list[tuple[str, str]]:
    return [(found.action, found.kind) for step in steps for found in step.found]


OBSERVED = st.lists(st.tuples(st.integers(0, 30), st.one_of(st.none(), st.integers(0, 300))), min_size=1, max_size=25)


def seen_of(observed: list[tuple[int, int | None]]) -> list[Seen]:
    return [
        Seen(str(place), at * DAY, None if price is None else price * MICRO)
        for place, (at, price) in enumerate(observed)
    ]


@given(OBSERVED, st.integers(0, 25))
def test_duplicates_and_what_comes_late_change_nothing(observed: list[tuple[int, int | None]], split: int) -> None:
    seen = seen_of(observed)
    state, _ = looked(ListingState(product="p"), seen)
    again, steps = looked(state, seen)
    assert again == state
    assert kinds(steps) == []
    # Where it was cut, as a process that was killed does, makes no difference; nor does being written down.
    first, before = looked(ListingState(product="p"), seen[:split])
    kept = msgspec.json.decode(msgspec.json.encode(first), type=ListingState)
    end, after = looked(kept, seen[split:])
    whole, all_steps = looked(ListingState(product="p"), seen)
    assert (end, kinds(before) + kinds(after)) == (whole, kinds(all_steps))


@given(OBSERVED)
def test_odd_prices_are_never_what_another_is_measured_from(observed: list[tuple[int, int | None]]) -> None:
    state, steps = looked(ListingState(product="p"), seen_of(sorted(observed, key=lambda each: each[0])))
    doubted = {each for step in steps for each in step.doubted}
    for step in steps:
        for found in step.found:
            if found.kind != "price_anomaly":
                assert found.before is not None
                assert found.before.id not in doubted
    assert state.last is None or state.last.id not in doubted
    assert len(state.history) <= 52
    # Raised and resolved in turns.
    odd = [action for action, kind in kinds(steps) if kind == "price_anomaly"]
    assert "resolve" not in odd[:1]
    assert all(one != "resolve" or other == "raise" for one, other in pairwise(odd))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
def test_each_confirmed_price_is_measured_from_the_one_before(prices: list[int]) -> None:
    state = ListingState(product="p")
    for place, price in enumerate(prices):
        step = look_at_listing(state, Seen(str(place), place, price * MICRO), (), PLAIN)
        assert step.confirmed == Point(str(place), place, price * MICRO)
        state = step.state
    assert [micro // MICRO for micro in state.history] == prices[-52:]


def test_a_wrong_decimal_point_is_doubted_and_the_next_drop_is_measured_from_before_it() -> None:
    past = [Point(str(place), place, 100 * MICRO) for place in range(5)]
    rivals = [99 * MICRO, 100 * MICRO, 101 * MICRO]
    state = begin_listing("p", past)
    odd = look_at_listing(state, Seen("odd", 10, 10 * MICRO), rivals, RULES)
    assert kinds([odd]) == [("raise", "price_anomaly")]
    assert odd.doubted == ("odd",)
    assert odd.found[0].reasons[0] == "decimal_shift"
    again = look_at_listing(odd.state, Seen("again", 11, 10 * MICRO), rivals, RULES)
    assert (kinds([again]), again.doubted) == ([], ("again",))
    back = look_at_listing(again.state, Seen("back", 12, 80 * MICRO), rivals, RULES)
    assert kinds([back]) == [("resolve", "price_anomaly"), ("raise", "competitor_price_drop")]
    assert back.found[1].before == past[-1]
    assert back.found[1].measured_micro == -20 * MICRO
    # A person says that it was right after all, when another price has followed: it changes nothing but the doubt.
    late = vouch_for(back.state, Seen("odd", 10, 10 * MICRO), RULES)
    assert (kinds([late]), late.cleared, late.state.last) == ([], ("odd",), back.state.last)


def test_an_odd_price_that_a_person_vouches_for_counts_and_is_not_odd_again() -> None:
    state = begin_listing("p", [Point(str(place), place, 100 * MICRO) for place in range(5)])
    odd = look_at_listing(state, Seen("odd", 10, 40 * MICRO), (), RULES)
    again = look_at_listing(odd.state, Seen("again", 11, 40 * MICRO), (), RULES)
    right = vouch_for(again.state, Seen("odd", 10, 40 * MICRO), RULES)
    assert kinds([right]) == [("resolve", "price_anomaly"), ("raise", "competitor_price_drop")]
    assert right.cleared == ("odd", "again")
    later = look_at_listing(right.state, Seen("later", 12, 40 * MICRO), (), RULES)
    assert (kinds([later]), later.doubted) == ([], ())
    free = look_at_listing(right.state, Seen("free", 13, 0), (), RULES)
    assert free.found[0].reasons == ("zero",)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40))
def test_low_stock_is_raised_once_until_it_is_well_again(levels: list[int]) -> None:
    state, is_raised = LevelState(), False
    for place, available in enumerate(levels):
        state, found = look_at_stock(state, available, place, LOW)
        if available < 10 and not is_raised:
            assert found is not None
            assert (found.action, found.measured_micro) == ("raise", available * MICRO)
            is_raised = True
        elif available >= 15 and is_raised:
            assert found is not None
            assert found.action == "resolve"
            is_raised = False
        else:
            assert found is None
        assert (state.until_us is not None) == is_raised


def test_a_surge_needs_a_usual_week_and_enough_units() -> None:
    def action(units: int, usual: int, weeks: int, state: LevelState | None = None) -> Any:
        found = look_at_sales(state or LevelState(), units, usual, weeks, 0, SURGE)[1]
        return None if found is None else (found.action, found.measured_micro)

    assert action(20, 40, 4) == ("raise", 2 * MICRO)
    assert action(19, 40, 4) is None
    assert action(9, 4, 4) is None
    assert action(100, 0, 0) is None
    raised = LevelState(10 * DAY)
    assert action(16, 40, 4, raised) is None
    assert action(14, 40, 4, raised) == ("resolve", None)


def at_war(*moves: tuple[str, int, int], rule: Rule = WAR) -> tuple[WarState, list[Found]]:
    """Moves of `us` or of a rival: who, the hour, the price."""
    state, found = WarState(ours=Point("us", -1, 100 * MICRO)), list[Found]()
    for place, (who, hour, price) in enumerate(moves):
        now = Point(str(place), hour * 3600 * SECOND_US, price * MICRO)
        if who == "us":
            state, more = look_at_our_price(state, now, rule)
        else:
            state, more = look_at_their_price(state, now, who, f"shop of {who}", rule)
        found += more
    return state, found


BATTLE = (("a", 0, 101), ("a", 1, 98), ("us", 2, 97), ("a", 3, 95), ("us", 4, 94))


def test_undercuts_in_turns_make_a_war_and_a_quiet_day_ends_it() -> None:
    found = at_war(*BATTLE)[1]
    assert [(each.action, each.measured_micro) for each in found] == [("raise", 4 * MICRO)]
    assert [turn.listing_id for turn in found[0].turns] == ["a", None, "a", None]
    assert found[0].until_us == (4 + 24) * 3600 * SECOND_US
    assert [each.action for each in at_war(*BATTLE, ("b", 5, 120), ("b", 6, 90))[1]] == ["raise", "continue"]
    assert [each.action for each in at_war(*BATTLE, ("a", 30, 96))[1]] == ["raise", "resolve"]
    # Nor does one begin when it takes longer, when one side alone goes down, or when nobody goes below the other.
    assert at_war(*((who, hour * 10, price) for who, hour, price in BATTLE))[1] == []
    assert at_war(*(("a", hour, 99 - hour) for hour in range(9)))[1] == []
    assert at_war(("a", 0, 200), ("a", 1, 190), ("us", 2, 99), ("a", 3, 180), ("us", 4, 98), ("a", 5, 170))[1] == []


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["us", "a", "b"]), st.integers(0, 60), st.integers(80, 120)), max_size=40))
def test_a_war_is_raised_and_over_in_turns_and_each_undercut_is_one(steps: list[tuple[str, int, int]]) -> None:
    state, found = at_war(*steps)
    changes = [each.action for each in found if each.action != "continue"]
    assert changes == ["raise", "resolve"] * (len(changes) // 2) + ["raise"] * (len(changes) % 2)
    assert state.is_on == (len(changes) % 2 == 1)
    for each in found:
        sides = [turn.listing_id is None for turn in each.turns]
        assert all(one != other for one, other in pairwise(sides))
        assert all(turn.point.micro < turn.below_micro for turn in each.turns)
    # Told again, it is the same.
    again, found_again = at_war(*steps, *steps)
    assert (again, len(found_again)) == (state, len(found))
