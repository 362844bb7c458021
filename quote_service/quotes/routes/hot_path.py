"""The quote route on uvicorn's protocol: requests to the door, answers to the wire, one piece of bytes each.

Source: spec 2; `hot_protocol.py`.
"""

import asyncio
from functools import lru_cache

import structlog

from quote_service.api.hot_cycle import HotCycle, Reply
from quote_service.api.hot_protocol import HotProtocol, reply_head
from quote_service.api.problems import PROBLEM_JSON, internal_problem, unreadable_problem
from quote_service.api.quote_door import QUOTE_PATH, DoorAnswer, Errand, QuoteDoor
from quote_service.api.runtime import Runtime
from quote_service.api.security_headers import SECURITY_HEADERS
from quote_service.domain.errors import QuoteServiceError, TimedOut, TooLarge
from quote_service.system.new_ids import new_id

_log = structlog.get_logger("quote_service.quotes")


def hot_protocol(runtime: Runtime) -> type[asyncio.Protocol]:
    """The protocol class of a server that answers quotes itself and hands everything else to its application."""
    door = runtime.door
    too_large = TooLarge(f"The body may have at most {runtime.settings.body_limit_bytes} bytes")
    too_slow = TimedOut("The request did not come whole in time")

    def handle(protocol: HotProtocol, cycle: HotCycle) -> None:
        errand = _HotErrand(protocol, cycle)
        door.answer(errand)
        cycle.given_up = errand.give_up

    # Made by a call, because a compiled module holds no class within a function.
    return type(
        "QuoteProtocol",
        (HotProtocol,),
        {
            "path": QUOTE_PATH.encode(),
            "max_body_bytes": runtime.settings.body_limit_bytes,
            "body_seconds": runtime.settings.timeout_ms / 1000,
            "handler": staticmethod(handle),
            "too_large": staticmethod(lambda cycle: _refuse(door, cycle, too_large)),
            "too_slow": staticmethod(lambda cycle: _refuse(door, cycle, too_slow)),
            "failed": staticmethod(lambda cycle: _failed(door, cycle)),
            "unreadable": staticmethod(_unreadable),
            "is_closing": staticmethod(lambda: runtime.is_draining),
        },
    )


class _HotErrand(Errand):
    """An errand for a connection, which is written to as soon as the answer is there."""

    __slots__ = ("_cycle", "_protocol")

    def __init__(self, protocol: HotProtocol, cycle: HotCycle) -> None:
        super().__init__(cycle.head, cycle.body, cycle.started_at)
        self._protocol = protocol
        self._cycle = cycle

    def answered(self, answer: DoorAnswer) -> None:
        request_id = self.head.request_id or new_id()
        self._protocol.reply(self._cycle, _reply(request_id, answer))
        if self.note is not None or answer.status != 200 or self.seconds > self.door.slow_seconds:
            self.door.tell(self, request_id, answer.status)

    def failed(self, mistake: Exception) -> None:
        self._protocol.fail(self._cycle, mistake)


def _reply(request_id: str, answer: DoorAnswer) -> Reply:
    head = _head(answer.status, answer.media_type)
    more = b"".join(b"%b: %b\r\n" % (name.lower().encode(), value.encode()) for name, value in answer.headers.items())
    return Reply(b"%b%bx-request-id: %b\r\n" % (head, more, request_id.encode()), answer.body)


def _refuse(door: QuoteDoor, cycle: HotCycle, error: QuoteServiceError) -> Reply:
    return _reply(cycle.head.request_id or new_id(), door.problem(error))


def _failed(door: QuoteDoor, cycle: HotCycle) -> Reply:
    door.mistake()
    request_id = cycle.head.request_id or new_id()
    # The connection has logged the mistake itself; this says whose request it was.
    _log.error("quote_failed", request_id=request_id)
    answer = internal_problem(QUOTE_PATH, request_id)
    head = _head(answer.status, PROBLEM_JSON)
    return Reply(b"%bx-request-id: %b\r\n" % (head, request_id.encode()), answer.body)


def _unreadable() -> Reply:
    answer = unreadable_problem()
    # It may have sent an id, but nobody can tell.
    return _reply(new_id(), DoorAnswer(answer.status, PROBLEM_JSON, answer.headers, answer.body))


@lru_cache(maxsize=64)
def _head(status: int, media_type: str) -> bytes:
    return reply_head(status, ((b"content-type", media_type.encode()), *SECURITY_HEADERS))
