"""The outermost layer of the application: the request's id, the headers of every answer, one log line each.

Source: docs/spec/wire.md#request-ids-and-traces; docs/spec/access.md#headers; docs/spec/operations.md#logs.
"""

import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from quote_service.http.request_ids import request_id_of_headers, trace_parent_of_headers
from quote_service.http.security_headers import with_security_headers
from quote_service.system.lifecycle import Lifecycle
from quote_service.system.parts import Parts
from quote_service.telemetry.traces import Span, SpanIds, Traces, now_ns

# As in the ASGI specification, and as every server has them: the framework's own types are narrower than that.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_UNTRACED = ("/health", "/metrics")
_LOGGER = "quote_service.requests"
_log = structlog.get_logger(_LOGGER)
_lines = logging.getLogger(_LOGGER)


class Edge:
    """Wraps the application; connections other than HTTP pass through untouched."""

    __slots__ = ("_inner", "_lifecycle", "_traces")

    def __init__(self, inner: Application, parts: Parts) -> None:
        self._inner = inner
        self._lifecycle = parts[Lifecycle]
        self._traces = parts.find(Traces)

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
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
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
        try:
            await self._inner(scope, receive, send_with_headers)
            if scope["state"].get("is_told"):
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


def _server_span(scope: MutableMapping[str, Any], ids: SpanIds, started_ns: int, status: int, request_id: str) -> Span:
    """The span of a whole request. It is named by the route's template: a path may hold a name."""
    route = scope.get("path_template") or "unknown"
    attributes: dict[str, str | int | float | bool] = {
        "http.request.method": scope["method"],
        "http.route": route,
        "http.response.status_code": status,
        "quote.request_id": request_id,
    }
    name = f"{scope['method']} {route}"
    return Span(name, ids, started_ns, now_ns(), attributes, is_server=True, is_failed=status >= 500)
