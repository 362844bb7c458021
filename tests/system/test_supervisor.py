"""A loop that fails is started again; one that is stopped ends."""

import asyncio

import pytest

from quote_service.platform.system.supervisor import Supervisor
from tests.conftest import eventually


class Failing:
    """A loop that fails some times and then runs on."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.runs = 0
        self.was_cancelled = False

    async def __call__(self) -> None:
        self.runs += 1
        if self.runs <= self.failures:
            raise ValueError("not yet")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise


async def test_a_loop_is_started_again_until_it_runs_and_is_stopped_with_the_others() -> None:
    supervisor = Supervisor(backoff_seconds=(0.0,))
    loops = [Failing(7), Failing(0)]
    for number, loop in enumerate(loops):
        supervisor.start(f"loop {number}", loop)
    await eventually(lambda: [loop.runs for loop in loops] == [8, 1], "both run")
    assert supervisor.running() == {"loop 0", "loop 1"}
    assert (supervisor.failures, supervisor.failing()) == (7, frozenset({"loop 0"}))  # until it has run for long enough
    await supervisor.stop()
    assert supervisor.running() == frozenset()
    assert all(loop.was_cancelled for loop in loops)


async def test_a_loop_that_returns_is_done_and_may_be_started_again() -> None:
    supervisor = Supervisor()
    runs: list[int] = []

    async def once() -> None:
        runs.append(1)

    for count in (1, 2):
        supervisor.start("once", once)
        await eventually(lambda: not supervisor.running(), "it returned")
        assert len(runs) == count
    await supervisor.stop()


async def test_a_loop_that_waits_for_its_next_chance_stops_at_once() -> None:
    supervisor = Supervisor(backoff_seconds=(3600.0,))
    loop = Failing(1000)
    supervisor.start("failing", loop)
    await eventually(lambda: loop.runs == 1, "it failed once")
    assert supervisor.running() == {"failing"}
    await supervisor.stop()
    assert loop.runs == 1


async def test_one_name_runs_once() -> None:
    supervisor = Supervisor()
    supervisor.start("one", Failing(0))
    with pytest.raises(ValueError, match="one runs already"):
        supervisor.start("one", Failing(0))
    await supervisor.stop()


async def test_a_loop_that_swallows_a_cancellation_is_stopped_all_the_same() -> None:
    supervisor = Supervisor()
    swallowed: list[int] = []

    async def deaf_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.append(1)
        await asyncio.Event().wait()

    supervisor.start("deaf", deaf_once)
    await asyncio.sleep(0)
    await supervisor.stop()
    assert swallowed == [1]
