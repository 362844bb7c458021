"""What is told of single quotes: a log line for the slow, the failed and a sample of the rest, a trace for a sample.

Which are sampled is known before anything else is done; a quote that is not carries no note, and costs two comparisons. Slow
and failed ones are written at most LINES_PER_SECOND_MAX times a second, since what makes one quote fail makes many.

A line and a span hold ids, figures and codes: nothing of the basket, the address or the caller's own words.

Source: docs/spec/operations.md#logs.
"""

import logging
import time
from types import MappingProxyType

import structlog

from quote_service.platform.system.traces import Attributes, Span, SpanIds, TraceParent, Traces, now_ns
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.request_figures import RequestMeters
from quote_service.quotes.operations.quote_meters import NAME, ROUTE

LINES_PER_SECOND_MAX = 20
OK = 200
_log = structlog.get_logger("quote_service.quotes")
_UNKNOWN: Attributes = MappingProxyType({})
_STEPS = ("decode", "price", "encode", "share")


class QuoteNote:
    """Notes on one sampled quote: the ends of its steps in ns, 0 for a step not come to. `span` None: not traced."""

    __slots__ = ("by_redis", "decode_ns", "encode_ns", "is_logged", "price_ns", "share_ns", "span", "start_ns")

    def __init__(self, span: SpanIds | None, is_logged: bool) -> None:
        self.span = span
        self.is_logged = is_logged
        self.start_ns = now_ns()
        self.by_redis = False
        self.decode_ns = self.price_ns = self.encode_ns = self.share_ns = 0

    def decoded(self) -> None:
        """The basket has been read."""
        self.decode_ns = now_ns()

    def priced(self) -> None:
        """The quote has been worked out."""
        self.price_ns = now_ns()

    def encoded(self) -> None:
        """Its bytes have been written and signed."""
        self.encode_ns = now_ns()

    def shared(self, *, by_redis: bool) -> None:
        """Redis has answered, or is not waited for."""
        self.by_redis = by_redis
        self.share_ns = now_ns()


class QuoteNotes:
    """Chooses the sample and reports it. `draw_max` and `follows_parents` are read by the hot path before it asks."""

    __slots__ = (
        "_dropped",
        "_lines_left",
        "_log_ratio",
        "_requests",
        "_second",
        "_store",
        "_traces",
        "draw_max",
        "follows_parents",
        "slow_seconds",
    )

    def __init__(
        self,
        registry: Registry,
        traces: Traces | None,
        *,
        slow_seconds: float,
        log_ratio: float,
        store: Attributes = _UNKNOWN,
    ) -> None:
        """What is told; `store` are the attributes of the Redis that keeps quotes."""
        self._traces = traces
        self._store = store
        self._log_ratio = log_ratio
        self._requests = RequestMeters(registry)
        self._dropped = registry.counter("quote_log_lines_dropped_total", "Lines on slow and failed quotes not written")
        self._second = 0
        self._lines_left = 0
        self.slow_seconds = slow_seconds
        self.draw_max = max(log_ratio, traces.ratio if traces is not None else 0.0)
        self.follows_parents = traces is not None

    def begin(self, draw: float, parent: TraceParent | None) -> QuoteNote | None:
        """A note, if this quote is one of the sample; `draw` was drawn from [0, 1)."""
        span = self._traces.choose(parent, draw) if self._traces is not None else None
        is_logged = draw < self._log_ratio
        return QuoteNote(span, is_logged) if is_logged or span is not None else None

    def record(
        self,
        note: QuoteNote | None,
        *,
        request_id: str,
        parent: TraceParent | None,
        status: int,
        outcome: str,
        seconds: float,
    ) -> None:
        """Log and trace an answered request.

        Args:
            note: Of a sampled quote.
            request_id: As it was answered.
            parent: The caller's trace.
            status: Of the answer.
            outcome: The tier of a quote, or the code of a problem.
            seconds: From the body received to the answer ready.
        """
        span = note.span if note is not None else None
        if note is not None and span is not None:
            self._trace(note, span, request_id, status, outcome)
            self._requests.exemplify("POST", ROUTE, str(status), seconds, span)
            if status == OK:
                self._requests.exemplify_series(f'{NAME}{{tier="{outcome}"}}', seconds, span)
        is_slow = seconds > self.slow_seconds
        is_sampled = note is not None and note.is_logged
        if is_sampled or ((is_slow or status >= 400) and self._may_write()):
            trace_id = span.trace_text if span is not None else parent.trace_id if parent is not None else None
            _log.log(
                logging.ERROR if status >= 500 else logging.WARNING if is_slow else logging.INFO,
                "quote",
                why="failed" if status >= 400 else "slow" if is_slow else "sampled",
                status=status,
                outcome=outcome,
                duration_ms=round(seconds * 1000, 3),
                request_id=request_id,
                **({"trace_id": trace_id} if trace_id is not None else {}),
            )

    def _may_write(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._lines_left = second, LINES_PER_SECOND_MAX
        if not self._lines_left:
            self._dropped.add()
            return False
        self._lines_left -= 1
        return True

    def _trace(self, note: QuoteNote, ids: SpanIds, request_id: str, status: int, outcome: str) -> None:
        assert self._traces is not None  # only it makes spans
        attributes: Attributes = {
            "http.request.method": "POST",
            "http.route": ROUTE,
            "url.path": ROUTE,
            "http.response.status_code": status,
            "quote.request_id": request_id,
            "quote.outcome": outcome,
            **({"error.type": str(status)} if status >= 500 else {}),
        }
        self._traces.finish(
            Span(f"POST {ROUTE}", ids, note.start_ns, now_ns(), attributes, "server", is_failed=status >= 500)
        )
        start_ns = note.start_ns
        ends = (note.decode_ns, note.price_ns, note.encode_ns, note.share_ns)
        for step, end_ns in zip(_STEPS, ends, strict=True):
            if end_ns:
                below = ids.child()
                self._traces.finish(Span(step, below, start_ns, end_ns, {}))
                if step == "share" and note.by_redis:  # with the quotes of others, in one write
                    asked = {"db.system.name": "redis", "db.operation.name": "SET", **self._store}
                    self._traces.finish(Span("SET", below.child(), start_ns, end_ns, asked, "client"))
                start_ns = end_ns
