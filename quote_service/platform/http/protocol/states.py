"""The states of a connection and of the requests on it, as tables: what may happen in each, and what follows.

There are two tables, because requests are pipelined: a connection carries several, each at another point of its way. An
answer is an event of both, so each request is answered once, and nothing is answered on a connection that has said its
last. What stands in no table raises `ImpossibleEvent`.

Beside the tables stands what goes with every state:
- whether the peer takes what is written (`flow.write_paused`): it holds the next answer back, whatever comes meanwhile;
- whether an answer is the last one (`keep_alive`): uvicorn sets it too, when the server stops;
- how much of a body is to come, what has been decided to be said last, and instants and timers: values, not states;
- whether uvicorn has closed the transport by itself, which the transport alone knows;
- how far an ordinary request is: uvicorn's own cycle keeps that, and refuses to answer twice.

Source: RFC 9112, 9; `docs/decisions/hot-protocol.md`.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

Table = Mapping[str, Mapping[str, str]]

CONNECTION_TABLE: Table = {
    # Nothing has come in part, and all that came is answered.
    "resting": {"head_begun": "head", "whole_read": "answering", "refused": "closing", "closed": "closed"},
    # Part of a head has come. Earlier requests may be waiting for their answers.
    "head": {
        "head_begun": "head",
        "head_read": "body",
        "refused": "closing",
        "half_closed": "closing",
        "answered": "head",
        "answered_all": "head",
        "said_last": "lingering",
        "closed": "closed",
    },
    # A head has come, and not all of its body; its request is not answered.
    "body": {
        "body_read": "answering",
        "last_read": "closing",
        "refused": "closing",
        "half_closed": "closing",
        "answered": "body",
        "answered_all": "rest",
        "said_last": "lingering",
        "closed": "closed",
    },
    # All that came is answered, the last request before its body had come whole.
    "rest": {
        "body_read": "resting",
        "last_read": "closing",
        "refused": "closing",
        "said_last": "lingering",
        "closed": "closed",
    },
    # Nothing has come in part; requests are waiting for their answers.
    "answering": {
        "head_begun": "head",
        "refused": "closing",
        "half_closed": "closing",
        "answered": "answering",
        "answered_all": "resting",
        "said_last": "lingering",
        "closed": "closed",
    },
    # What still comes is dropped. Requests that came before are answered.
    "closing": {
        "refused": "closing",
        "half_closed": "closing",
        "answered": "closing",
        "answered_all": "closing",
        "said_last": "lingering",
        "closed": "closed",
    },
    # All has been said. The peer has a while to read it.
    "lingering": {"closed": "closed"},
    "closed": {"closed": "closed"},
}

REQUEST_TABLE: Table = {
    # The client waits to be asked for the body (`Expect: 100-continue`).
    "unasked": {"asked": "arriving", "body_read": "whole", "refused": "refused", "lost": "lost"},
    "arriving": {"body_read": "whole", "refused": "refused", "lost": "lost"},
    "whole": {"handed_over": "handled", "lost": "lost"},
    # It will not be handled, and is told so in its turn.
    "refused": {"body_read": "refused", "refused": "refused", "answered": "answered", "lost": "lost"},
    "handled": {"answered": "answered", "lost": "lost"},
    "answered": {"lost": "answered"},
    # Its peer has gone. Whatever becomes of it is told to nobody.
    "lost": {"lost": "lost"},
}


_State = TypeVar("_State", "ConnectionState", "RequestState")


class ImpossibleEvent(Exception):
    """An event that the table does not have in this state."""

    def __init__(self, state: object, event: str) -> None:
        super().__init__(f"{event} cannot happen to a {state}")


class _NotInTable:
    """In the place of an event in the states that do not have it."""

    def __set_name__(self, owner: type, event: str) -> None:
        self._event = event

    def __get__(self, state: object | None, owner: type) -> Any:
        if state is None:
            return self
        raise ImpossibleEvent(state, self._event)


def _event() -> Any:
    return _NotInTable()


class ConnectionState:
    """A state of a connection. Its attribute of an event's name is the state that follows."""

    __slots__ = ()
    head_begun: "ConnectionState" = _event()  # the first bytes of a head, or more of them
    head_read: "ConnectionState" = _event()
    body_read: "ConnectionState" = _event()  # there may be none
    last_read: "ConnectionState" = _event()  # as `body_read`, of a request that ends the connection
    whole_read: "ConnectionState" = _event()  # a request in one piece, whose head is known
    refused: "ConnectionState" = _event()  # what came is no request that is taken
    half_closed: "ConnectionState" = _event()  # the peer sends no more, and still wants its answers
    answered: "ConnectionState" = _event()  # and there is another request to answer
    answered_all: "ConnectionState" = _event()
    said_last: "ConnectionState" = _event()  # an answer, or a refusal, that ends the connection at a peer's leisure
    closed: "ConnectionState" = _event()  # by us, or lost


class RequestState:
    """A state of a request of the fast path. Its attribute of an event's name is the state that follows."""

    __slots__ = ()
    asked: "RequestState" = _event()  # for the body
    body_read: "RequestState" = _event()
    refused: "RequestState" = _event()
    handed_over: "RequestState" = _event()  # to the handler
    answered: "RequestState" = _event()
    lost: "RequestState" = _event()  # with its connection


def _states(kind: type[_State], called: str, table: Table) -> dict[str, _State]:
    """A state for each row of a table.

    Each is of a class of its own, whose attributes are its row: a step costs no more than reading an attribute.
    """
    states = {
        name: type(name, (kind,), {"__slots__": (), "__str__": lambda state: called + type(state).__name__})()
        for name in table
    }
    for name, row in table.items():
        for event, following in row.items():
            assert isinstance(vars(kind)[event], _NotInTable), event
            setattr(type(states[name]), event, states[following])
    return states


CONNECTION_STATES = _states(ConnectionState, "connection in the state ", CONNECTION_TABLE)
RESTING, HEAD, BODY, REST, ANSWERING, CLOSING, LINGERING, CLOSED = CONNECTION_STATES.values()
REQUEST_STATES = _states(RequestState, "request in the state ", REQUEST_TABLE)
UNASKED, ARRIVING, WHOLE, REFUSED, HANDLED, ANSWERED, LOST = REQUEST_STATES.values()
