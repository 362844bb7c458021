"""What a process notes of experiments is bounded, and given on once.

Source: docs/spec/experiments.md#exposures.
"""

from typing import Any
from uuid import uuid4

import pytest

from quote_service.experiments.operations import exposure_log
from quote_service.experiments.operations.exposure_log import ExposureLog
from quote_service.experiments.words.observations import ONE
from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.watched_flag import WatchedFlag

AT = 1_772_366_400_000_000
FLAG = "0199a1b2-0000-7000-8000-0000000000f1"


def flag(arm: str | None = "on", version: int = 1) -> WatchedFlag:
    return WatchedFlag((FLAG, version, 0), (("off", 1), ("on", 1)), lambda subject: arm)


def somebody(customer_id: str | None = None) -> Subject:
    return Subject(customer_id or str(uuid4()), None, [], {})


def told(log: ExposureLog) -> tuple[list[tuple[str, int, str]], dict[tuple[str, str], tuple[int, int]]]:
    exposures, outcomes = log.take()
    return (
        [(exposure.customer_id, exposure.flag.epoch[1], exposure.arm) for exposure in exposures],
        {(each.customer_id, each.metric): (each.observations, each.total) for each in outcomes},
    )


def test_a_customer_is_told_once_for_each_version() -> None:
    log, who = ExposureLog(), somebody()
    first, second = (flag(),), (flag(version=2),)
    assert [log.expose(first, who, AT) for _ in range(3)] == [who.customer_id] * 3
    assert told(log)[0] == [(who.customer_id, 1, "on")]
    assert log.expose(first, who, AT) == who.customer_id
    assert told(log)[0] == []
    log.expose(second, who, AT)
    assert told(log)[0] == [(who.customer_id, 2, "on")]
    # The same flags compiled anew, as at the next rule that somebody writes.
    log.expose((flag(version=2),), who, AT)
    assert (told(log)[0], log.exposed) == ([], 2)


def test_who_is_in_no_arm_is_of_no_interest() -> None:
    log = ExposureLog()
    assert log.expose((flag(None),), somebody(), AT) is None
    assert log.expose((flag(),), Subject(None, None, [], {}), AT) is None
    assert told(log) == ([], {})


def test_outcomes_of_a_customer_add_up() -> None:
    log = ExposureLog(slow_seconds=0.3)
    log.answered("a", 0.25, AT)
    log.answered("a", 0.5, AT)
    log.observe("b", "error", ONE, AT)
    assert told(log)[1] == {
        ("a", "latency_ms"): (2, 750 * ONE),
        ("a", "slow"): (1, ONE),
        ("b", "error"): (1, ONE),
    }


def test_what_could_not_be_written_is_told_with_the_next() -> None:
    log, watched = ExposureLog(), (flag(),)
    first, second = somebody(), somebody()
    log.expose(watched, first, AT)
    log.observe("a", "error", ONE, AT)
    taken = log.take()
    log.expose(watched, second, AT)
    log.observe("a", "error", ONE, AT + 1)
    log.put_back(*taken)
    exposures, outcomes = told(log)
    assert [customer for customer, _, _ in exposures] == [first.customer_id, second.customer_id]
    assert outcomes == {("a", "error"): (2, 2 * ONE)}
    assert log.dropped == 0


def test_it_keeps_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    if exposure_log.__file__.endswith(".so"):  # a compiled module holds its constants
        pytest.skip("compiled")
    for bound in ("_WAITING_MAX", "_SEEN_MAX"):
        monkeypatch.setattr(exposure_log, bound, 3)
    log, watched = ExposureLog(), (flag(),)
    people = [somebody() for _ in range(5)]
    for who in people:
        log.expose(watched, who, AT)
        log.observe(str(who.customer_id), "error", ONE, AT)
    taken: Any = log.take()
    assert (len(taken[0]), len(taken[1]), log.dropped) == (3, 3, 4)
    # Whom there was no room for is told the next time; whom it has forgotten is told again.
    for who in people[3:]:
        log.expose(watched, who, AT)
    assert [customer for customer, _, _ in told(log)[0]] == [who.customer_id for who in people[3:]]
    log.put_back(*taken)
    for who in people:
        log.expose(watched, who, AT)
    assert len(log.take()[0]) == 3
