"""Which requests are traced, decided before anything else is done for them: most cost one random number.

A caller who records its trace, or does not, has decided for us; else QUOTE_TRACE_SAMPLE_RATIO does. Where no collector is
named there is no `Traces` at all.

Source: docs/spec/operations.md#traces; W3C Trace Context.
"""

import time
from collections.abc import Mapping
from random import getrandbits, random
from typing import NamedTuple, Protocol

Attributes = Mapping[str, str | int | float | bool]


class TraceParent(NamedTuple):
    """The caller's trace, its span that calls us, and whether the caller records it."""

    trace_id: str
    span_id: str
    is_sampled: bool


class SpanIds(NamedTuple):
    """Where a span stands: its trace, itself, and the span above it, 0 for none."""

    trace_id: int
    span_id: int
    parent_id: int

    @property
    def trace_text(self) -> str:
        """The trace's id as it is logged."""
        return f"{self.trace_id:032x}"

    def child(self) -> "SpanIds":
        """A new span below this one."""
        return SpanIds(self.trace_id, new_span_id(), self.span_id)


class Span(NamedTuple):
    """A span that is over. `is_server` is the one that a request from outside began; instants in ns since 1970."""

    name: str
    ids: SpanIds
    start_ns: int
    end_ns: int
    attributes: Attributes
    is_server: bool = False
    is_failed: bool = False


class SpanExport(Protocol):
    """Takes spans on their way; must cost next to nothing and never wait."""

    def emit_span(self, span: Span) -> None: ...


class Traces:
    """Chooses, and hands finished spans on. `ratio` is the share of requests that are chosen."""

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
        return SpanIds(getrandbits(128) or 1, new_span_id(), 0)

    def finish(self, span: Span) -> None:
        """Send a span on its way."""
        self._export.emit_span(span)


def new_span_id() -> int:
    """64 random bits, not all of them 0."""
    return getrandbits(64) or 1


def now_ns() -> int:
    """The wall clock that spans are timed by."""
    return time.time_ns()
