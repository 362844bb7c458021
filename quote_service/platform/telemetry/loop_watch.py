"""Notices when the event loop was held: while one request computes, every other one waits.

A beat that comes late says that the loop was held, and the longest step of a request since the last beat says by whom. Requests
are measured step by step, from one `await` to the next; quotes of the fast path, which have no steps, say how long they took
where that is long. What no request explains was done in the background, or by others on the same processor: `cpu_ms` in the log
is what this thread has used meanwhile.

Source: docs/spec/operations.md#metrics.
"""

import asyncio
import logging
from collections.abc import Coroutine, Generator, Mapping
from time import perf_counter, thread_time
from typing import Any, Final

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.telemetry.registry import MICRO, Counter, Registry

HELD_SECONDS: Final = 0.1
#: From here on it is a warning.
LONG_SECONDS: Final = 1.0
BACKGROUND: Final = "background"
OTHERS: Final = "others"
_ROUTES_MAX = 24  # with a count of their own
_ROUTE_LENGTH_MAX = 72
_log = structlog.get_logger("quote_service.loop")


class LoopWatch:
    """What is known of the loop since the last beat."""

    __slots__ = ("_beat_at", "_counters", "_registry", "_seconds", "longest", "request")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._counters: dict[str, Counter] = {}
        self._seconds = 0.0
        self._beat_at = perf_counter()
        #: The longest step of a request since the last beat, in seconds, and the scope of that request.
        self.longest = 0.0
        self.request: Mapping[str, Any] = {}
        for route in (BACKGROUND, OTHERS):
            self._counter(route)
        registry.register_counter(
            "quote_event_loop_held_seconds_total",
            "How long the event loop was held, by whatever",
            lambda: self._seconds,
            divisor=MICRO,
        )

    def answered(self, request: Mapping[str, Any], began_at: float) -> None:
        """A request that has no steps is over; it has held the loop if no beat has come since it began, and no step says why.

        Args:
            request: With its method and `path_template`.
            began_at: By `perf_counter`.
        """
        seconds = perf_counter() - began_at
        if self._beat_at <= began_at and self.longest < HELD_SECONDS <= seconds:
            self.longest, self.request = seconds, request

    async def keep_watch(self) -> None:
        """Beat again and again, until cancelled."""
        while True:
            end_if_cancelled()
            self.longest, self.request = 0.0, {}
            self._beat_at, used_before = perf_counter(), thread_time()
            await asyncio.sleep(HELD_SECONDS)
            late = perf_counter() - self._beat_at - HELD_SECONDS
            if max(late, self.longest) >= HELD_SECONDS:
                self._note(late, thread_time() - used_before)

    def _note(self, late: float, used: float) -> None:
        # Beside many short steps none is to blame.
        is_of_request = self.longest >= max(HELD_SECONDS, late) / 2
        route, held = (_route_of(self.request), max(late, self.longest)) if is_of_request else (BACKGROUND, late)
        self._counter(route).add(1)
        self._seconds += held
        level = logging.WARNING if held >= LONG_SECONDS else logging.INFO
        _log.log(level, "event_loop_held", route=route, held_ms=round(held * 1000), cpu_ms=round(used * 1000))

    def _counter(self, route: str) -> Counter:
        known = self._counters.get(route)
        if known is None and len(self._counters) >= _ROUTES_MAX:
            return self._counters[OTHERS]
        if known is None:
            meaning = "Times that the event loop was held for more than 100 ms"
            known = self._registry.counter("quote_event_loop_held_total", meaning, {"route": route})
            self._counters[route] = known
        return known


class WatchedSteps:
    """A request whose steps are measured while it is awaited."""

    __slots__ = ("_request", "_steps", "_watch")

    def __init__(self, steps: Coroutine[Any, Any, None], request: Mapping[str, Any], watch: LoopWatch) -> None:
        self._steps = steps
        self._request = request
        self._watch = watch

    def __await__(self) -> Generator[Any, Any, None]:
        watch, step, given = self._watch, self._steps.send, None
        while True:
            began = perf_counter()
            try:
                awaited = step(given)
            except StopIteration:
                return
            finally:
                took = perf_counter() - began
                if took > watch.longest:
                    watch.longest, watch.request = took, self._request
            try:
                given = yield awaited
                step = self._steps.send
            except BaseException as raised:  # noqa: BLE001 (it is the request's: a cancellation, or the end)
                step, given = self._steps.throw, raised


def _route_of(request: Mapping[str, Any]) -> str:
    return f"{request['method']} {request.get('path_template') or 'unknown'}"[:_ROUTE_LENGTH_MAX]
