"""The outermost layer of the application: the request's id, the headers of every answer, one log line each.

Source: docs/spec/wire.md#request-ids-and-traces; docs/spec/access.md#headers; docs/spec/operations.md#logs.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from typing import Any

import structlog

from quote_service.platform.http.protocol.lost_connections import CLIENT_IS_GONE
from quote_service.platform.http.request_ids import request_id_of_headers, trace_parent_of_headers
from quote_service.platform.http.security_headers import with_security_headers
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.traces import SPAN, OpenSpan, Span, SpanIds, Traces, now_ns
from quote_service.platform.system.waiting_client import client_waits
from quote_service.platform.telemetry.loop_watch import LoopWatch, WatchedSteps
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.request_figures import GONE, UNKNOWN_ROUTE, RequestMeters

# As in the ASGI specification, and as every server has them: the framework's own types are narrower than that.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Coroutine[Any, Any, None]]

_UNTRACED = ("/health", "/metrics")
_LOGGER = "quote_service.requests"
_log = structlog.get_logger(_LOGGER)
_lines = logging.getLogger(_LOGGER)


class Edge:
    """Wraps the application; connections other than HTTP pass through untouched."""

    __slots__ = ("_inner", "_lifecycle", "_meters", "_traces", "_watch")

    def __init__(self, inner: Application, parts: Parts) -> None:
        self._inner = inner
        self._lifecycle = parts[Lifecycle]
        self._meters = RequestMeters(parts[Registry])
        self._traces = parts.find(Traces)
        self._watch = parts.find(LoopWatch)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        started = time.perf_counter()
        headers = scope["headers"]
        request_id = request_id_of_headers(headers)
        parent = trace_parent_of_headers(headers)
        # Each request has its own state: a server may hand out one mapping for all of them.
        scope["state"] = {**scope.get("state", {}), "request_id": request_id, "trace_parent": parent}
        status, began = 0, 0.0

        async def send_with_headers(message: Message) -> None:
            nonlocal status, began
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_stream(message["headers"]):
                    began = time.perf_counter()
                message["headers"] = [
                    *with_security_headers(message["headers"]),
                    (b"x-request-id", request_id.encode()),
                ]
                if self._lifecycle.is_draining:
                    # The client's next request shall find another worker instead of a closed connection.
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        # Health and figures are asked for all the time, and nobody wants to see how.
        traces = self._traces if not scope["path"].startswith(_UNTRACED) else None
        span = traces.choose(parent) if traces is not None else None
        started_ns = now_ns()
        trace_id = span.trace_text if span is not None else parent.trace_id if parent is not None else None
        bound = {"request_id": request_id, **({"trace_id": trace_id} if trace_id is not None else {})}
        # By hand: the library's context manager copies all of the context first.
        tokens = structlog.contextvars.bind_contextvars(**bound)
        if traces is not None and span is not None:
            SPAN.set(OpenSpan(traces, span))  # in the context of this request alone
        try:
            try:
                steps = self._inner(scope, receive, send_with_headers)
                with client_waits(scope.get("extensions", {}).get(CLIENT_IS_GONE, _stays)):
                    await (steps if self._watch is None else WatchedSteps(steps, scope, self._watch))
            finally:
                if not scope["state"].get("is_reported"):
                    # A stream goes on for as long as somebody looks at it: what it took is the time to its beginning.
                    self._count(scope, status, (began or time.perf_counter()) - started, span)
            if scope["state"].get("is_reported"):
                return
            if traces is not None and span is not None:
                traces.finish(_server_span(scope, span, started_ns, status, request_id))
            level = logging.ERROR if status >= 500 else logging.INFO
            if not _lines.isEnabledFor(level):  # what is not written shall not be made ready either
                return
            # The path as it was routed, without its query: identifiers, and no personal data.
            _log.log(
                level,
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 3),
            )
        finally:
            structlog.contextvars.reset_contextvars(**tokens)

    def _count(self, scope: MutableMapping[str, Any], status: int, seconds: float, span: SpanIds | None) -> None:
        route = scope.get("path_template") or UNKNOWN_ROUTE
        self._meters.observe(scope["method"], route, str(status) if status else GONE, seconds, span)


def _is_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)


def _stays() -> bool:
    """The client of a server that does not say whether it has gone."""
    return False


def _server_span(scope: MutableMapping[str, Any], ids: SpanIds, started_ns: int, status: int, request_id: str) -> Span:
    """The span of a whole request. It is named by the route's template: a path may hold a name."""
    route = scope.get("path_template")
    attributes: dict[str, str | int | float | bool] = {
        "http.request.method": scope["method"],
        "quote.request_id": request_id,
        # Of a route, whose path holds identifiers and nothing else; any other may hold anything.
        **({"http.route": route, "url.path": scope["path"]} if route else {}),
        **({"http.response.status_code": status} if status else {}),
        **({"error.type": str(status)} if status >= 500 else {}),
    }
    name = f"{scope['method']} {route}" if route else str(scope["method"])
    return Span(name, ids, started_ns, now_ns(), attributes, "server", is_failed=status >= 500)
