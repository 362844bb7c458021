"""The event loop that is held by one request is noticed, with the route that held it.

Source: docs/spec/operations.md#metrics; docs/spec/operations.md#metrics.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter, thread_time
from typing import Any

import pytest
import structlog

from quote_service.platform.telemetry.loop_watch import BACKGROUND, HELD_SECONDS, OTHERS, LoopWatch, WatchedSteps
from quote_service.platform.telemetry.registry import Registry
from tests.conftest import eventually


@pytest.fixture
async def watch() -> AsyncIterator[LoopWatch]:
    watching = LoopWatch(Registry())
    beating = asyncio.create_task(watching.keep_watch())
    await asyncio.sleep(0)
    yield watching
    beating.cancel()


def count_of(watch: LoopWatch, route: str) -> int:
    registry = watch._registry
    return registry.slot.values().get(f'quote_event_loop_held_total{{route="{route}"}}', 0)


def asked(path: str) -> dict[str, Any]:
    return {"method": "GET", "path_template": path, "path": "/of/one"}


def hold(seconds: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        thread_time()


async def test_a_request_that_computes_is_named(watch: LoopWatch) -> None:
    async def compute() -> None:
        await asyncio.sleep(0)
        hold(2.5 * HELD_SECONDS)
        await asyncio.sleep(0)

    with structlog.testing.capture_logs() as lines:
        await WatchedSteps(compute(), asked("/x/{id}"), watch)
        await eventually(lambda: count_of(watch, "GET /x/{id}") == 1, "the route is counted")
    [line] = [line for line in lines if line["route"] == "GET /x/{id}"]
    assert line["event"] == "event_loop_held"
    assert line["held_ms"] >= 100
    assert line["cpu_ms"] > 0


async def test_a_request_that_waits_is_not(watch: LoopWatch) -> None:
    async def wait() -> None:
        await asyncio.sleep(3 * HELD_SECONDS)

    waiting = asyncio.create_task(_awaited(WatchedSteps(wait(), asked("/waits"), watch)))
    await asyncio.sleep(0)
    hold(2.5 * HELD_SECONDS)
    await waiting
    await eventually(lambda: count_of(watch, BACKGROUND) >= 1, "what no request explains")
    assert count_of(watch, "GET /waits") == 0


async def test_a_request_without_steps_is_named_where_no_beat_came(watch: LoopWatch) -> None:
    began_at = perf_counter()
    await asyncio.sleep(3 * HELD_SECONDS)
    watch.answered(asked("/has-waited"), began_at)
    began_at = perf_counter()
    hold(2.5 * HELD_SECONDS)
    watch.answered(asked("/has-computed"), began_at)
    await eventually(lambda: count_of(watch, "GET /has-computed") == 1, "the route is counted")
    assert count_of(watch, "GET /has-waited") == 0


async def test_the_steps_of_a_request_are_what_they_were(watch: LoopWatch) -> None:
    async def cancelled() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            raise ValueError("at its end") from None

    task = asyncio.create_task(_awaited(WatchedSteps(cancelled(), asked("/x"), watch)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(ValueError, match="at its end"):
        await task


def test_routes_beyond_the_bound_are_counted_together() -> None:
    watch = LoopWatch(Registry())
    for number in range(40):
        watch.longest, watch.request = 1.0, asked(f"/{number}/" + "x" * 200)
        watch._note(1.0, 1.0)
    names = [name for name in watch._registry.slot.names() if name.startswith("quote_event_loop_held_total")]
    assert len(names) == 24
    assert count_of(watch, OTHERS) == 40 - 22


async def _awaited(steps: WatchedSteps) -> None:
    await steps
