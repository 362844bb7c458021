"""What is cancelled ends, whatever a library makes of it, and nobody goes before those that it has started."""

from __future__ import annotations

import asyncio
import sys

import pytest

from quote_service.platform.system.cancellation import end_if_cancelled, end_tasks
from quote_service.platform.system.supervisor import Supervisor
from tests.conftest import eventually


async def test_a_loop_ends_though_wait_for_swallows_its_cancellation() -> None:
    waiting: list[asyncio.Future[None]] = []
    swallowed: list[int] = []

    async def turns() -> None:
        while True:
            end_if_cancelled()
            waiting.append(asyncio.get_running_loop().create_future())
            await asyncio.wait_for(waiting[-1], 3600)
            task = asyncio.current_task()
            assert task is not None
            swallowed.append(task.cancelling())

    looping = asyncio.create_task(turns())
    await eventually(lambda: len(waiting) == 1, "it waits")
    waiting[0].set_result(None)
    looping.cancel()  # at the very moment at which the answer is there
    await asyncio.wait([looping])
    assert looping.cancelled()
    assert len(waiting) == 1
    assert swallowed == ([1] if sys.version_info < (3, 12) else [])


class Child:
    """Hears of its cancellation when it has been told so often."""

    def __init__(self, deaf_times: int) -> None:
        self.left = deaf_times
        self.has_ended = False

    async def __call__(self) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.left -= 1
                if self.left < 0:
                    self.has_ended = True
                    raise


async def test_a_parent_that_is_cancelled_again_and_again_does_not_go_before_its_child() -> None:
    child = Child(deaf_times=3)

    async def parent() -> None:
        children = [asyncio.create_task(child())]
        try:
            await asyncio.Event().wait()
        finally:
            await end_tasks(children)

    elder = asyncio.create_task(parent())
    await asyncio.sleep(0)
    while not elder.done():
        elder.cancel()
        await asyncio.sleep(0)
        assert child.has_ended or not elder.done()
    assert child.has_ended
    assert elder.cancelled()


@pytest.mark.parametrize("deaf_times", [0, 1, 2])
async def test_a_supervisor_leaves_nothing_behind(deaf_times: int) -> None:
    supervisor, child = Supervisor(), Child(deaf_times)

    async def parent() -> None:
        children = [asyncio.create_task(child())]
        try:
            await asyncio.Event().wait()
        finally:
            await end_tasks(children)

    supervisor.start("parent", parent)
    await asyncio.sleep(0)
    await supervisor.stop()
    assert child.has_ended


async def test_a_loop_that_turns_its_cancellation_into_a_failure_is_not_started_again() -> None:
    supervisor = Supervisor(backoff_seconds=(0.0,))
    runs: list[int] = []

    async def fails() -> None:
        runs.append(1)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("the client makes a failure of it") from None

    supervisor.start("fails", fails)
    await eventually(lambda: runs == [1], "it runs")
    await supervisor.stop()
    assert runs == [1]
