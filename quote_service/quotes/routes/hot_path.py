"""The quote route on uvicorn's protocol: requests to the endpoint, answers to the wire, one piece of bytes each.

Source: docs/spec/quotes.md; `hot_protocol.py`.
"""

import asyncio
from functools import lru_cache

import structlog

from quote_service.platform.http.cross_origin import CrossOrigin
from quote_service.platform.http.problems import PROBLEM_JSON, internal_problem
from quote_service.platform.http.protocol.hot_cycle import HotCycle, Reply
from quote_service.platform.http.protocol.hot_protocol import HotProtocol
from quote_service.platform.http.protocol.refusals import reply_head
from quote_service.platform.http.protocol.request_heads import RequestHead
from quote_service.platform.http.security_headers import SECURITY_HEADERS
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import QuoteServiceError, TimedOut, TooLarge
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
from quote_service.quotes.operations.quote_request import QuoteAsker, QuoteRequest
from quote_service.quotes.routes.quote_endpoint import QUOTE_PATH, EndpointAnswer, QuoteEndpoint

_log = structlog.get_logger("quote_service.quotes")


def hot_protocol(parts: Parts) -> type[asyncio.Protocol]:
    """The protocol class of a server that answers quotes itself and hands everything else to its application."""
    endpoint, lifecycle = parts[QuoteEndpoint], parts[Lifecycle]
    too_large = TooLarge(f"The body may have at most {parts[Settings].body_limit_bytes} bytes")
    too_slow = TimedOut("The request was not received in time")

    def handle(protocol: HotProtocol, cycle: HotCycle) -> None:
        asker = _HotAsker(endpoint, protocol, cycle)
        cycle.given_up = endpoint.ask(asker, cycle.head, cycle.body, cycle.started_at).give_up

    # Made by a call, because a compiled module holds no class within a function.
    return type(
        "QuoteProtocol",
        (HotProtocol,),
        {
            "path": QUOTE_PATH.encode(),
            "max_body_bytes": parts[Settings].body_limit_bytes,
            "arrival_seconds": parts[Settings].arrival_seconds,
            "body_seconds": parts[Settings].timeout_ms / 1000,
            "handler": staticmethod(handle),
            "too_large": staticmethod(lambda cycle: _refuse(endpoint, cycle, too_large)),
            "too_slow": staticmethod(lambda cycle: _refuse(endpoint, cycle, too_slow)),
            "failed": staticmethod(lambda cycle: _failed(endpoint, cycle)),
            "is_closing": staticmethod(lambda: lifecycle.is_draining),
            "more_headers": _cross_origin(parts[Settings].cors_origins),
        },
    )


def _cross_origin(origins: tuple[str, ...]) -> "staticmethod[[RequestHead], bytes] | None":
    if not origins:
        return None
    written_for = CrossOrigin(origins).written_for
    return staticmethod(lambda head: written_for(head.named.get(b"origin")))


class _HotAsker(QuoteAsker):
    """A request of a connection, which is written to as soon as the answer is there."""

    __slots__ = ("_cycle", "_endpoint", "_protocol")

    def __init__(self, endpoint: QuoteEndpoint, protocol: HotProtocol, cycle: HotCycle) -> None:
        self._endpoint = endpoint
        self._protocol = protocol
        self._cycle = cycle

    def over(self, request: QuoteRequest) -> None:
        endpoint, cycle = self._endpoint, self._cycle
        head = cycle.head
        answer = endpoint.answer(request, head)
        request_id = head.request_id or new_id()
        self._protocol.reply(cycle, _reply(request_id, answer))
        endpoint.record(request, head, request_id, answer.status)

    def failed(self, mistake: Exception) -> None:
        self._protocol.fail(self._cycle, mistake)


def _reply(request_id: str, answer: EndpointAnswer) -> Reply:
    head = _head(answer.status, answer.media_type)
    if answer.headers:
        head += b"".join(
            [b"%b: %b\r\n" % (name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        )
    return Reply(b"%bx-request-id: %b\r\n" % (head, request_id.encode()), answer.body)


def _refuse(endpoint: QuoteEndpoint, cycle: HotCycle, error: QuoteServiceError) -> Reply:
    return _reply(cycle.head.request_id or new_id(), endpoint.problem(error, _seconds_since(cycle.started_at)))


def _failed(endpoint: QuoteEndpoint, cycle: HotCycle) -> Reply:
    endpoint.mistake(_seconds_since(cycle.started_at))
    request_id = cycle.head.request_id or new_id()
    # The connection has logged the mistake itself; this says whose request it was.
    _log.error("quote_failed", request_id=request_id)
    answer = internal_problem(QUOTE_PATH, request_id)
    head = _head(answer.status, PROBLEM_JSON)
    return Reply(b"%bx-request-id: %b\r\n" % (head, request_id.encode()), answer.body)


def _seconds_since(started_at: float) -> float:
    return asyncio.get_running_loop().time() - started_at


@lru_cache(maxsize=64)
def _head(status: int, media_type: str) -> bytes:
    return reply_head(status, ((b"content-type", media_type.encode()), *SECURITY_HEADERS))
