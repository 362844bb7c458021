"""Which arm of a flag a customer is in: arms of planned sizes, and nobody changes sides within a stage.

Source: docs/spec/experiments.md#arms.
"""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from quote_service.platform.system.instants import to_micros
from quote_service.pricing.flags.compiled_flag import compile_flag
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.flags.watched_flag import WatchedFlag, watch_flag
from quote_service.rulebook.experiments.model.sample_ratio import sample_ratio
from tests.pricing.flags.flags import CUSTOMER, NOW_US, draft, subject

FLAG = "0199a1b2-0000-7000-8000-0000000000f1"
CUSTOMERS = [str(UUID(int=number * 0x9E3779B97F4A7C15 % (1 << 128))) for number in range(20_000)]
TWO = [{"key": "a", "value": True, "weight": 1}, {"key": "b", "value": False, "weight": 3}]
RAMP = [
    {"at": "2026-03-02T00:00:00Z", "percentage": 10},
    {"at": "2026-03-03T00:00:00Z", "percentage": 50},
    {"at": "2026-03-04T00:00:00Z", "percentage": 80},
    {"at": "2026-03-05T00:00:00Z", "percentage": 30},
]


def watched(rollout: dict[str, Any] | None, at_us: int = NOW_US, version: int = 1, **fields: Any) -> WatchedFlag | None:
    flag = StoredFlag(id=FLAG, version=version, draft=draft(rollout, **fields), is_archived=False, changed_in=1)
    return watch_flag(flag, compile_flag(flag.draft, flag.version, at_us), at_us)


def arms_of(flag: WatchedFlag) -> dict[str, str | None]:
    return {customer: flag.arm_of(subject(customer)) for customer in CUSTOMERS}


@pytest.mark.parametrize(
    ("rollout", "fields"),
    [
        (None, {}),
        ({"percentage": 100}, {}),
        ({"percentage": 0}, {}),
        ({"percentage": 50}, {"is_enabled": False}),
        ({"percentage": 50, "stickiness": "session"}, {}),
        ({"variants": [{"key": "a", "value": True, "weight": 1}]}, {}),
        ({"percentage": 0, "variants": TWO}, {}),
        ({"schedule": RAMP}, {}),  # nobody is inside before its first step
    ],
)
def test_a_flag_that_splits_nobody_is_not_watched(rollout: dict[str, Any] | None, fields: dict[str, Any]) -> None:
    assert watched(rollout, **fields) is None


@pytest.mark.parametrize("algorithm", ["mm3-v1", "unleash", "growthbook-v1", "growthbook-v2"])
@pytest.mark.parametrize(
    ("rollout", "planned"),
    [
        ({"percentage": 5}, {"off": 0.05, "on": 0.05}),
        ({"percentage": 50}, {"off": 0.5, "on": 0.5}),
        ({"percentage": 80}, {"off": 0.2, "on": 0.8}),
        ({"percentage": 20, "variants": [{"key": "a", "value": True, "weight": 1}]}, {"off": 0.2, "on": 0.2}),
        ({"variants": TWO}, {"a": 0.25, "b": 0.75}),
        ({"percentage": 40, "variants": TWO}, {"a": 0.1, "b": 0.3}),
    ],
)
def test_arms_have_the_sizes_that_are_planned(
    algorithm: str, rollout: dict[str, Any], planned: dict[str, float]
) -> None:
    flag = watched(rollout, algorithm=algorithm)
    assert flag is not None
    assert [arm for arm, _ in flag.arms] == list(planned)
    arms = arms_of(flag)
    counts = Counter(arm for arm in arms.values() if arm is not None)
    assert counts.keys() == planned.keys()
    for arm, share in planned.items():
        assert abs(counts[arm] / len(CUSTOMERS) - share) < 0.015
    assert not sample_ratio([counts[arm] for arm, _ in flag.arms], [weight for _, weight in flag.arms]).mismatch


def test_those_inside_have_the_flag_and_the_control_has_it_not() -> None:
    rollout = {"percentage": 5}
    flag, compiled = watched(rollout), compile_flag(draft(rollout), 1, NOW_US)
    assert flag is not None
    for customer, arm in arms_of(flag).items():
        is_on = compiled.evaluate(subject(customer)).is_on
        assert arm == "on" if is_on else arm in ("off", None)


def test_whom_no_hash_has_put_there_is_in_no_arm() -> None:
    flag = watched({"percentage": 50, "regions": ["TR/Ankara"]})
    assert flag is not None
    assert set(arms_of(flag).values()) == {None}
    flag = watched({"percentage": 50, "variants": TWO, "overrides": {CUSTOMER: "b"}})
    assert flag is not None
    assert flag.arm_of(subject(CUSTOMER)) is None
    flag = watched({"percentage": 50})
    assert flag is not None
    assert flag.arm_of(subject(None)) is None


def test_a_ramp_begins_a_stage_where_customers_change_sides() -> None:
    days = [to_micros(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (2, 3, 4, 5)]
    flags = [watched({"schedule": RAMP}, at_us) for at_us in days]
    assert [flag.epoch[2] for flag in flags if flag is not None] == [0, 0, 1, 2]
    assert flags[0] is not None
    assert flags[1] is not None
    before, after = arms_of(flags[0]), arms_of(flags[1])
    moved = [customer for customer, arm in before.items() if arm is not None and after[customer] != arm]
    assert moved == []
    assert flags[0].arms == flags[1].arms == (("off", 1), ("on", 1))


def test_variants_stay_where_they_are_while_a_ramp_rises() -> None:
    days = [to_micros(datetime(2026, 3, day, 12, tzinfo=UTC)) for day in (2, 3, 4, 5)]
    flags = [watched({"schedule": RAMP, "variants": TWO}, at_us) for at_us in days]
    assert [flag.epoch for flag in flags if flag is not None] == [(FLAG, 1, 0)] * 3 + [(FLAG, 1, 1)]
    seen: dict[str, str] = {}
    for flag in flags[:3]:
        assert flag is not None
        arms = {customer: arm for customer, arm in arms_of(flag).items() if arm is not None}
        assert seen.items() <= arms.items()
        seen = arms


@pytest.mark.parametrize("percentage", [0.001, 1, 33.333, 49.999, 50, 66.6, 99.999])
@pytest.mark.parametrize("kind", ["BOOLEAN", "PERCENTAGE"])
def test_who_is_on_is_who_the_flag_is_on_for(percentage: float, kind: str) -> None:
    """The arm is read off the bucket where nothing else decides: that must be what the quote shows."""
    fields: dict[str, Any] = {"type": "PERCENTAGE", "value": percentage} if kind == "PERCENTAGE" else {}
    stored = StoredFlag(
        id=FLAG,
        version=1,
        draft=draft(None if fields else {"percentage": percentage}, **fields),
        is_archived=False,
        changed_in=1,
    )
    compiled = compile_flag(stored.draft, stored.version, NOW_US)
    flag = watch_flag(stored, compiled, NOW_US)
    assert flag is not None
    for customer in CUSTOMERS[:5000]:
        assert (flag.arm_of(subject(customer)) == "on") == compiled.evaluate(subject(customer)).is_on
    assert flag.arm_of(subject("")) is None
