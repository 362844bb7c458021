"""Which requests and which work of the background are traced, decided before anything else is done: most cost one random number.

A caller who records its trace, or does not, has decided for us; else QUOTE_TRACE_SAMPLE_RATIO does. Work of the background that
a traced request has caused is traced too, in a trace of its own with a link to that request. Where no collector is named there
is no `Traces` at all.

It stands here because the rooms that speak to PostgreSQL, Redis and servers of others report what they ask (`SPAN`).

Source: docs/spec/operations.md#traces; W3C Trace Context.
"""

import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from random import getrandbits, random
from typing import Any, Literal, NamedTuple, ParamSpec, Protocol, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

Attributes = Mapping[str, str | int | float | bool]
SpanKind = Literal["internal", "server", "client", "consumer"]

#: Of one piece of work in the background; what is asked beyond is not recorded.
CALLS_MAX = 200
LINKS_MAX = 128
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


class TraceParent(NamedTuple):
    """The caller's trace, its span that calls us, and whether the caller records it."""

    trace_id: str
    span_id: str
    is_sampled: bool


def read_traceparent(text: str) -> TraceParent | None:
    """What a `traceparent` says; None of one that cannot be used."""
    found = _TRACEPARENT.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    # Later versions may have more fields, version 00 has not; ff is no version.
    if version == "ff" or (version == "00" and more) or trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return TraceParent(trace_id, span_id, bool(int(flags, 16) & 1))


def usable_traceparent(text: str | None) -> str | None:
    """A `traceparent` as a row keeps it, if it can be handed on."""
    return text if text is not None and read_traceparent(text) is not None else None


class SpanIds(NamedTuple):
    """Where a span stands: its trace, itself, and the span above it, 0 for none."""

    trace_id: int
    span_id: int
    parent_id: int

    @property
    def trace_text(self) -> str:
        """The trace's id as it is logged."""
        return f"{self.trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """What those are told who go on with the trace below this span."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-01"

    def child(self) -> "SpanIds":
        """A new span below this one."""
        return SpanIds(self.trace_id, new_span_id(), self.span_id)


class Span(NamedTuple):
    """A span that is over; instants in ns since 1970. `is_failed`: it ended in an error. `links` are to what caused it."""

    name: str
    ids: SpanIds
    start_ns: int
    end_ns: int
    attributes: Attributes
    kind: SpanKind = "internal"
    is_failed: bool = False
    links: Sequence[TraceParent] = ()


class Call(NamedTuple):
    """Another server was asked, and the answer is there or will not come. `error` is what kind of failure it was, if it was one.

    `span_id` is the span's own, where the other server was told of it; else it gets one.
    """

    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
    error: str | None = None
    span_id: int = 0


class SpanExport(Protocol):
    """Takes spans on their way; must cost next to nothing and never wait."""

    def emit_span(self, span: Span) -> None: ...


class Traces:
    """Chooses, and hands finished spans on. `ratio` is the share of requests, and of work without a cause, that is chosen."""

    __slots__ = ("_export", "ratio")

    def __init__(self, export: SpanExport, ratio: float) -> None:
        self._export = export
        self.ratio = ratio

    def choose(self, parent: TraceParent | None, draw: float | None = None) -> SpanIds | None:
        """The span of a request if it is to be traced; `draw` is a number drawn from [0, 1), if one was drawn already."""
        if parent is not None:
            if not parent.is_sampled:
                return None
            return SpanIds(int(parent.trace_id, 16), new_span_id(), int(parent.span_id, 16))
        if (random() if draw is None else draw) >= self.ratio:  # noqa: S311 (a sample, no secret)
            return None
        return new_trace()

    def finish(self, span: Span) -> None:
        """Send a span on its way."""
        self._export.emit_span(span)


class OpenSpan:
    """A span under way, below which calls are recorded."""

    __slots__ = ("_traces", "ids")

    def __init__(self, traces: Traces, ids: SpanIds) -> None:
        self._traces = traces
        self.ids = ids

    @property
    def traceparent(self) -> str | None:
        """What rows keep of it that are written within; None where it is no single one, or not known to be traced."""
        return self.ids.traceparent

    def traceparent_of_call(self, span_id: int) -> str:
        """What the server is told that is asked by a call below this one."""
        return SpanIds(self.ids.trace_id, span_id, self.ids.span_id).traceparent

    def record(self, call: Call) -> None:
        """Send the span of a call below this one."""
        self._traces.finish(_below(self.ids, call))


class _SharedSpan(OpenSpan):
    """Those of several requests that are answered by the same work: each has the calls below its own."""

    __slots__ = ("_spans",)

    def __init__(self, spans: Sequence[OpenSpan]) -> None:
        super().__init__(spans[0]._traces, spans[0].ids)
        self._spans = spans

    @property
    def traceparent(self) -> str | None:
        return None

    def record(self, call: Call) -> None:
        for span in self._spans:
            span.record(call)


def shared_span(spans: Sequence[OpenSpan | None]) -> OpenSpan | None:
    """That of work for several requests, of which some may be traced."""
    traced = [span for span in spans if span is not None]
    return traced[0] if len(spans) == len(traced) == 1 else _SharedSpan(traced) if traced else None


class WorkSpan(OpenSpan):
    """That of a piece of work in the background, which is kept if something was done and it is traced."""

    __slots__ = ("_calls", "_causes", "_is_chosen", "_name", "attributes", "has_worked")

    def __init__(self, traces: Traces, name: str, *, is_chosen: bool) -> None:
        super().__init__(traces, new_trace())
        self._name = name
        self._is_chosen = is_chosen
        self._causes: dict[TraceParent, None] = {}
        self._calls: list[Call] = []
        self.attributes: dict[str, str | int | float | bool] = {}
        self.has_worked = False

    @property
    def traceparent(self) -> str | None:
        return self.ids.traceparent if self._is_chosen or self._causes else None

    def record(self, call: Call) -> None:
        """Keep a call until it is known whether this one is sent."""
        if len(self._calls) < CALLS_MAX:
            self._calls.append(call)

    def caused_by(self, traceparents: Iterable[str | None]) -> None:
        """Link it to what has caused the work, where that was traced."""
        for text in traceparents:
            if text is not None and len(self._causes) < LINKS_MAX and (cause := read_traceparent(text)) is not None:
                self._causes[cause] = None

    def worked(self, name: str = "", /, **attributes: str | int | float | bool) -> None:
        """There was something to do; `name` is what it was, where that was not known before."""
        self.has_worked = True
        self._name = name or self._name
        self.attributes |= attributes

    def finish(self, kind: SpanKind, start_ns: int, error: str | None) -> None:
        """Send it and the calls below it, if it is to be kept."""
        if not self.has_worked or self.traceparent is None:
            return
        reported = self.attributes if error is None else {**self.attributes, "error.type": error}
        links = tuple(self._causes)
        self._traces.finish(Span(self._name, self.ids, start_ns, now_ns(), reported, kind, error is not None, links))
        for call in self._calls:
            self._traces.finish(_below(self.ids, call))


class _UntracedWork:
    """Stands for a span where there is none."""

    __slots__ = ()
    traceparent: None = None

    def caused_by(self, traceparents: Iterable[str | None]) -> None: ...

    def worked(self, name: str = "", /, **attributes: str | int | float | bool) -> None: ...


_UNTRACED = _UntracedWork()
Work = WorkSpan | _UntracedWork

#: The span that calls in this context are recorded below; None where nothing is traced.
SPAN: ContextVar[OpenSpan | None] = ContextVar("span", default=None)
#: Of the loops of a process; None where no collector is named.
BACKGROUND: ContextVar[Traces | None] = ContextVar("background_traces", default=None)


@contextmanager
def work_span(
    name: str,
    kind: SpanKind = "internal",
    *,
    causes: Sequence[str | None] = (),
    has_causes_later: bool = False,
) -> Iterator[Work]:
    """A piece of work in the background: a trace of its own, with links to what has caused it.

    It is sent if `worked` was called, or a mistake ended it; and if a cause is traced, or else for the usual share.

    Args:
        name: What is done, one of few: no ids.
        kind: `consumer` of what works off messages.
        causes: The `traceparent` of each cause, as rows keep them; None for one that was not traced.
        has_causes_later: Whether `caused_by` will tell of more, as where the rows are read within.
    """
    traces = BACKGROUND.get()
    if traces is None or SPAN.get() is not None:  # within a request, or a larger piece of work, it is part of that
        yield _UNTRACED
        return
    is_chosen = random() < traces.ratio  # noqa: S311 (a sample, no secret)
    if not is_chosen and not has_causes_later and not any(causes):
        yield _UNTRACED
        return
    span = WorkSpan(traces, name, is_chosen=is_chosen)
    span.caused_by(causes)
    start_ns = now_ns()
    token = SPAN.set(span)
    error: str | None = None
    try:
        yield span
    except Exception as mistake:
        error, span.has_worked = type(mistake).__name__, True
        raise
    finally:
        SPAN.reset(token)
        span.finish(kind, start_ns, error)


def traced_work(
    name: str, *, has_causes_later: bool = False
) -> Callable[[Callable[_P, Awaitable[_R]]], Callable[_P, Coroutine[Any, Any, _R]]]:
    """An operation of the background as a span of its own (`work_span`), where it says by its answer that it did something."""

    def decorate(work: Callable[_P, Awaitable[_R]]) -> Callable[_P, Coroutine[Any, Any, _R]]:
        @wraps(work)
        async def traced(*args: _P.args, **options: _P.kwargs) -> _R:
            with work_span(name, has_causes_later=has_causes_later) as span:
                answer = await work(*args, **options)
                if answer:
                    span.worked()
                return answer

        return traced

    return decorate


def note_cause(traceparent: str | None) -> None:
    """Link the work of the background that runs now to what has caused it."""
    span = SPAN.get()
    if isinstance(span, WorkSpan):
        span.caused_by([traceparent])


def current_traceparent() -> str | None:
    """That of what runs now, as rows keep it; None where it is not traced."""
    span = SPAN.get()
    return None if span is None else span.traceparent


def new_trace() -> SpanIds:
    """The first span of a trace of its own."""
    return SpanIds(getrandbits(128) or 1, new_span_id(), 0)


def new_span_id() -> int:
    """64 random bits, not all of them 0."""
    return getrandbits(64) or 1


def now_ns() -> int:
    """The wall clock that spans are timed by."""
    return time.time_ns()


def _below(ids: SpanIds, call: Call) -> Span:
    error = call.error
    reported = call.attributes if error is None else {**call.attributes, "error.type": error}
    own = SpanIds(ids.trace_id, call.span_id or new_span_id(), ids.span_id)
    return Span(call.name, own, call.start_ns, call.end_ns, reported, "client", error is not None)
