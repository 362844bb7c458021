"""Laws that hold for every flag: drawn rollouts, customers and instants.

Source: docs/spec/feature-flags.md#rollout; docs/spec/feature-flags.md#bucketing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.decision import Decision, Subject
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.regions import address_regions
from quote_service.pricing.rulebook.effective_period import EffectivePeriod
from tests.pricing.flags.flags import NOW_US, compiled, draft

STEPS = {"mm3-v1": 1, "unleash": 1000, "growthbook-v1": 100, "growthbook-v2": 10}
START = datetime(2026, 3, 1, tzinfo=UTC)
CUSTOMERS = st.uuids().map(str)
PLACES = [
    address_regions(*place) for place in (("TR", "Istanbul", "Kadıköy"), ("TR", "Ankara", None), ("DE", "Berlin", None))
]
SUBJECTS = st.builds(
    Subject,
    CUSTOMERS,
    st.sampled_from([None, "gold", "silver"]),
    st.lists(st.sampled_from(["new", "vip"]), max_size=2),
    st.sampled_from(PLACES),
    st.sampled_from([None, "a", "b"]),
)
ARMS = st.lists(st.integers(0, 100), min_size=2, max_size=4).filter(any)
AUDIENCES = st.fixed_dictionaries(
    {},
    optional={
        "customer_tiers": st.just(["gold"]),
        "customer_segments": st.sampled_from([["vip"], ["new", "vip"]]),
        "regions": st.sampled_from([["TR"], ["TR/Istanbul"], ["DE", "Kadıköy"]]),
    },
)


def arms_of(weights: list[int]) -> list[dict[str, Any]]:
    return [{"key": "abcd"[place], "value": place, "weight": weight} for place, weight in enumerate(weights)]


@st.composite
def shares(draw: st.DrawFn, algorithm: str) -> Any:
    """A percentage that the algorithm can distinguish, as a literal."""
    return as_percent(draw(st.integers(0, 100_000 // STEPS[algorithm])) * STEPS[algorithm])


def as_percent(thousandths: int) -> str:
    return f"{thousandths // 1000}.{thousandths % 1000:03}"


@st.composite
def rollouts(draw: st.DrawFn, algorithm: str) -> dict[str, Any]:
    rollout: dict[str, Any] = draw(AUDIENCES)
    if draw(st.booleans()):
        rollout["percentage"] = draw(shares(algorithm))
    if draw(st.booleans()):
        rollout["variants"] = arms_of(draw(ARMS))
    return rollout


@st.composite
def flags(draw: st.DrawFn, key: str = "checkout") -> dict[str, Any]:
    """The members of a NUMBER flag."""
    algorithm = draw(st.sampled_from(sorted(STEPS)))
    return {
        "key": key,
        "type": "NUMBER",
        "value": 100,
        "is_enabled": draw(st.booleans()),
        "algorithm": algorithm,
        "accept_group": draw(st.booleans()),
        "salt": draw(st.sampled_from([None, "salt"])),
        "rollout": draw(rollouts(algorithm)),
    }


def shown(decision: Decision) -> dict[str, Any]:
    return msgspec.structs.asdict(decision)


@given(st.data(), SUBJECTS, st.sampled_from(sorted(STEPS)), st.booleans())
def test_raising_a_percentage_moves_nobody_out_nor_to_another_variant(
    data: st.DataObject, subject: Subject, algorithm: str, with_arms: bool
) -> None:
    first, second = sorted((data.draw(shares(algorithm)), data.draw(shares(algorithm))), key=float)
    rest = {**data.draw(AUDIENCES), **({"variants": arms_of(data.draw(ARMS))} if with_arms else {})}
    before, after = (
        compiled({**rest, "percentage": share}, type="NUMBER", value=100, algorithm=algorithm).evaluate(subject)
        for share in (first, second)
    )
    if before.is_on:
        assert shown(after) == shown(before)
    if not after.is_on:
        assert not before.is_on


@given(flags(), flags("other"), flags("third"), SUBJECTS)
def test_what_a_flag_says_does_not_depend_on_the_others(
    one: dict[str, Any], other: dict[str, Any], third: dict[str, Any], subject: Subject
) -> None:
    stored = [
        StoredFlag(id=flag["key"], version=1, draft=draft(**flag), is_archived=False, changed_in=1)
        for flag in (one, other, third)
    ]
    alone, together = EffectivePeriod((), stored[:1], NOW_US), EffectivePeriod((), stored[::-1], NOW_US)
    assert shown(alone.flags["checkout"].evaluate(subject)) == shown(together.flags["checkout"].evaluate(subject))


@given(flags(), SUBJECTS, ARMS, st.data())
def test_an_override_wins_over_all_but_the_switch(
    flag: dict[str, Any], subject: Subject, weights: list[int], data: st.DataObject
) -> None:
    arms = arms_of(weights)
    arm = data.draw(st.sampled_from(arms))
    assert subject.customer_id is not None
    rollout = {**flag["rollout"], "variants": arms, "overrides": {subject.customer_id: arm["key"]}}
    decision = compiled(**{**flag, "rollout": rollout}).evaluate(subject)
    if flag["is_enabled"]:
        assert (decision.variant, decision.value, decision.is_on) == (arm["key"], str(arm["value"]), True)
        assert decision.reason == "TARGETING_MATCH"
    else:
        assert (decision.variant, decision.value, decision.reason) == (None, None, "DISABLED")


@given(flags(), SUBJECTS, SUBJECTS)
def test_an_override_changes_nothing_for_others(flag: dict[str, Any], subject: Subject, other: Subject) -> None:
    arms = flag["rollout"].get("variants") or arms_of([1, 1])
    plain = {**flag["rollout"], "variants": arms}
    given_one = {**plain, "overrides": {other.customer_id: arms[0]["key"]}}
    if subject.customer_id != other.customer_id:
        before, after = (compiled(**{**flag, "rollout": rollout}).evaluate(subject) for rollout in (plain, given_one))
        assert shown(before) == shown(after)


@given(st.data(), SUBJECTS, st.sampled_from(sorted(STEPS)), st.integers(0, 400), st.booleans())
def test_a_schedule_is_at_each_instant_the_flag_with_that_percentage(
    data: st.DataObject, subject: Subject, algorithm: str, minute: int, with_first: bool
) -> None:
    minutes = sorted(data.draw(st.sets(st.integers(0, 400), min_size=1, max_size=5)))
    steps = [(at, data.draw(shares(algorithm))) for at in minutes]
    rest = data.draw(AUDIENCES)
    first = data.draw(shares(algorithm)) if with_first else "0"
    schedule = [{"at": (START + timedelta(minutes=at)).isoformat(), "percentage": share} for at, share in steps]
    ramp = {**rest, "schedule": schedule, **({"percentage": first} if with_first else {})}
    at_us = to_micros(START + timedelta(minutes=minute))
    # A worker compiles a flag for the stretch of time around an instant, and keeps it for all of that.
    stored = StoredFlag(id="1", version=1, draft=draft(ramp, algorithm=algorithm), is_archived=False, changed_in=1)
    period = EffectivePeriod((), [stored], at_us)
    share = ([first] + [share for at, share in steps if at <= minute])[-1]
    plain = compile_flag(draft({**rest, "percentage": share}, algorithm=algorithm), 1, at_us)
    for asked_us in {period.from_us, at_us, min(period.until_us - 1, at_us + 10**9)}:
        again = EffectivePeriod((), [stored], asked_us)
        assert shown(again.flags["checkout"].evaluate(subject)) == shown(plain.evaluate(subject))
