"""What a process notes of experiments is bounded, and given on once.

Source: docs/spec/experiments.md#exposures.
"""

from uuid import uuid4

import pytest

from quote_service.pricing.flags.decision import Subject
from quote_service.pricing.flags.watched_flag import WatchedFlag
from quote_service.rulebook.experiments.model.observations import ONE
from quote_service.rulebook.experiments.operations import exposure_log
from quote_service.rulebook.experiments.operations.exposure_log import ExposureLog

AT = 1_772_366_400_000_000
FLAG = "0199a1b2-0000-7000-8000-0000000000f1"


def flag(arm: str | None = "on", version: int = 1) -> WatchedFlag:
    return WatchedFlag((FLAG, version, 0), (("off", 1), ("on", 1)), lambda subject: arm)


def somebody(customer_id: str | None = None) -> Subject:
    return Subject(customer_id or str(uuid4()), None, [], {})


def shown(log: ExposureLog) -> tuple[list[tuple[str, int, str]], dict[tuple[str, str], tuple[int, int]]]:
    exposures, outcomes = log.take()
    return (
        [
            (customer_id, flag.epoch[1], flag.arms[int(place)][0])
            for exposed in exposures
            for customer_id, code in zip(exposed.customer_ids, exposed.codes, strict=True)
            for flag, place in zip(exposed.flags, code.split("."), strict=True)
            if place
        ],
        {
            (customer_id, metric): (outcome.observations, outcome.total)
            for metric, customers in outcomes.items()
            for customer_id, outcome in customers.items()
        },
    )


def test_a_customer_is_reported_once_for_each_version() -> None:
    log, who = ExposureLog(), somebody()
    first, second = (flag(),), (flag(version=2),)
    assert [log.expose(first, who, AT) for _ in range(3)] == [who.customer_id] * 3
    assert shown(log)[0] == [(who.customer_id, 1, "on")]
    assert log.expose(first, who, AT) == who.customer_id
    assert shown(log)[0] == []
    log.expose(second, who, AT)
    assert shown(log)[0] == [(who.customer_id, 2, "on")]
    # The same flags compiled again, as at the next rule that somebody writes.
    log.expose((flag(version=2),), who, AT)
    assert (shown(log)[0], log.exposed) == ([], 2)


def test_flags_are_reported_together_and_each_by_itself() -> None:
    log = ExposureLog()
    arms: dict[str, tuple[str | None, ...]] = {
        "first": ("on", "off", None),
        "second": (None, "off", None),
        "third": ("on", "off", None),
    }

    def of(version: int) -> WatchedFlag:
        epoch = (FLAG, version, 0)
        return WatchedFlag(epoch, (("off", 1), ("on", 1)), lambda subject: arms[str(subject.customer_id)][version])

    watched = (of(0), of(1), of(2))
    for customer_id in arms:
        assert log.expose(watched, somebody(customer_id), AT) == customer_id
    assert sorted(shown(log)[0]) == [
        ("first", 0, "on"),
        ("first", 1, "off"),
        ("second", 1, "off"),
        ("third", 0, "on"),
        ("third", 1, "off"),
    ]
    assert log.exposed == 5
    # What else decides about somebody at another address is told as well; PostgreSQL counts the first of each flag.
    arms["second"] = ("on", "off", "on")
    log.expose(watched, somebody("second"), AT)
    assert shown(log)[0] == [("second", 0, "on"), ("second", 1, "off"), ("second", 2, "on")]


def test_what_waits_of_flags_as_they_were_is_reported_with_the_others() -> None:
    log, who = ExposureLog(), somebody()
    log.expose((flag(),), who, AT)
    log.expose((flag(version=2), flag("off", version=3)), who, AT)
    assert shown(log)[0] == [(who.customer_id, 1, "on"), (who.customer_id, 2, "on"), (who.customer_id, 3, "off")]


def test_who_is_in_no_arm_is_of_no_interest() -> None:
    log = ExposureLog()
    assert log.expose((flag(None),), somebody(), AT) is None
    assert log.expose((flag(),), Subject(None, None, [], {}), AT) is None
    assert shown(log) == ([], {})


def test_outcomes_of_a_customer_add_up() -> None:
    log = ExposureLog(slow_seconds=0.3)
    log.answered("a", 0.25, AT)
    log.answered("a", 0.5, AT)
    log.observe("b", "error", ONE, AT)
    assert shown(log)[1] == {
        ("a", "latency_ms"): (2, 750 * ONE),
        ("a", "slow"): (1, ONE),
        ("b", "error"): (1, ONE),
    }


def test_what_could_not_be_written_is_reported_with_the_next() -> None:
    log, watched = ExposureLog(), (flag(),)
    first, second = somebody(), somebody()
    log.expose(watched, first, AT)
    log.observe("a", "error", ONE, AT)
    taken = log.take()
    log.expose(watched, second, AT)
    log.observe("a", "error", ONE, AT + 1)
    log.put_back(*taken)
    exposures, outcomes = shown(log)
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
    taken = log.take()
    (exposed,), outcomes = taken
    assert (exposed.size, len(outcomes["error"]), log.dropped) == (3, 3, 4)
    # Whom there was no room for is told the next time; whom it has forgotten is told again.
    for who in people[3:]:
        log.expose(watched, who, AT)
    assert [customer for customer, _, _ in shown(log)[0]] == [who.customer_id for who in people[3:]]
    log.put_back(*taken)
    for who in people:
        log.expose(watched, who, AT)
    assert (len(shown(log)[0]), log.dropped) == (3, 7)


def test_what_could_not_be_written_again_and_again_stays_one_list_as_far_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if exposure_log.__file__.endswith(".so"):  # a compiled module holds its constants
        pytest.skip("compiled")
    monkeypatch.setattr(exposure_log, "_WAITING_MAX", 10)
    log, watched = ExposureLog(), (flag(), flag("off", version=2), flag(None, version=3))
    people = [somebody() for _ in range(8)]
    for who in people[:4]:  # eight exposures, a try after each
        log.expose(watched, who, AT)
        log.put_back(*log.take())
    taken = log.take()
    assert (len(taken[0]), taken[0][0].size, log.dropped) == (1, 8, 0)
    for who in people[4:7]:
        log.expose(watched, who, AT)
    log.put_back(*taken)  # there is room for one of the three
    kept = [customer for customer, version, _ in shown(log)[0] if version == 1]
    assert (kept, log.dropped) == ([who.customer_id for who in people[:5]], 4)
