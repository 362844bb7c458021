"""The tables of states: what is in them leads on, what is not is an error that says so, and nothing is answered twice.

Source: docs/decisions/hot-protocol.md.
"""

from __future__ import annotations

import pytest

from quote_service.platform.http.protocol.states import (
    CONNECTION_STATES,
    CONNECTION_TABLE,
    REQUEST_STATES,
    REQUEST_TABLE,
    ConnectionState,
    ImpossibleEvent,
    RequestState,
    Table,
)

ANSWERS = {"answered", "answered_all"}
READS = {"head_begun", "head_read", "body_read", "last_read", "whole_read"}
EVENTS = {kind: sorted(kind.__annotations__) for kind in (ConnectionState, RequestState)}


def reached_from(table: Table, start: str) -> set[str]:
    """A state and all that can follow it, by whatever events."""
    found, left = {start}, [start]
    while left:
        following = set(table[left.pop()].values()) - found
        found |= following
        left += following
    return found


@pytest.mark.parametrize(
    ("kind", "table", "states"),
    [(ConnectionState, CONNECTION_TABLE, CONNECTION_STATES), (RequestState, REQUEST_TABLE, REQUEST_STATES)],
    ids=["connection", "request"],
)
def test_every_event_in_every_state(
    kind: type[ConnectionState] | type[RequestState], table: Table, states: dict[str, object]
) -> None:
    assert {event for row in table.values() for event in row} == set(EVENTS[kind])
    for name, row in table.items():
        for event in EVENTS[kind]:
            if event in row:
                assert getattr(states[name], event) is states[row[event]]
                continue
            with pytest.raises(ImpossibleEvent) as impossible:
                getattr(states[name], event)
            words = str(impossible.value).split()
            assert (words[0], words[-1]) == (event, name)


def test_every_state_is_reached_and_comes_to_an_end() -> None:
    assert reached_from(CONNECTION_TABLE, "resting") == set(CONNECTION_TABLE)
    assert reached_from(REQUEST_TABLE, "unasked") == set(REQUEST_TABLE)
    for name in CONNECTION_TABLE:
        assert CONNECTION_TABLE[name]["closed"] == "closed", "a connection may be lost at any time"
    for name in REQUEST_TABLE:
        assert REQUEST_TABLE[name]["lost"] in ("lost", "answered")
        assert name in ("answered", "lost") or "answered" in reached_from(REQUEST_TABLE, name)


def test_a_request_is_answered_once() -> None:
    for name, row in REQUEST_TABLE.items():
        if "answered" in row:
            after = reached_from(REQUEST_TABLE, row["answered"])
            assert not [each for each in after if "answered" in REQUEST_TABLE[each]]
            assert name in ("handled", "refused"), "nothing is answered that is neither worked out nor refused"


def test_nothing_is_said_on_a_connection_that_has_said_its_last() -> None:
    for name in reached_from(CONNECTION_TABLE, "lingering"):
        assert not CONNECTION_TABLE[name].keys() & {*ANSWERS, "said_last"}


def test_nothing_is_read_after_a_refusal_or_the_last_request() -> None:
    for event in ("refused", "last_read", "half_closed", "said_last", "closed"):
        for row in CONNECTION_TABLE.values():
            for name in reached_from(CONNECTION_TABLE, row[event]) if event in row else ():
                assert not CONNECTION_TABLE[name].keys() & READS


def test_nothing_is_answered_where_nothing_was_asked() -> None:
    for name in ("resting", "rest"):
        assert not CONNECTION_TABLE[name].keys() & ANSWERS
