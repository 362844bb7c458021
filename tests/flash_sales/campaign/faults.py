"""What can be done to a service: each fault is done to one part, for a while, and leaves that part well again.

Faults to different parts may be under way at once; of two to the same part the second waits.

Source: docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, get_args

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.crash_points import CrashPoint
from tests.fixtures.fork_server import Child
from tests.flash_sales.campaign.world import World, signal_postgres
from tests.flash_sales.fault_proxy import Way

WEB_POINTS = tuple(get_args(CrashPoint))[:7]
# Those after them are passed for other reasons than sales.
WORKER_POINTS = tuple(get_args(CrashPoint))[7:17]


class Fault(NamedTuple):
    """One fault: what, how many seconds after the sale began, for how long; `detail` says how much or where."""

    kind: str
    at: float
    seconds: float
    detail: str = ""


class Kind(NamedTuple):
    """A kind of fault: the part that it is done to, and how."""

    part: str
    do: Callable[[World, Fault], Awaitable[None]]


async def commit_faults(world: World, faults: list[Fault], kinds: Mapping[str, Kind] | None = None) -> list[float]:
    """Do each when its time has come; when each was over, on the loop's clock, which is the monotonic one.

    `kinds` are those that there are; None for those of sales.
    """
    kinds = KINDS if kinds is None else kinds
    parts = {kind.part: asyncio.Lock() for kind in kinds.values()}
    clock = asyncio.get_running_loop().time

    async def commit(fault: Fault) -> float:
        kind = kinds[fault.kind]
        await asyncio.sleep(fault.at)
        async with parts[kind.part]:
            await kind.do(world, fault)
        return clock()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(commit(fault)) for fault in faults]
    return [task.result() for task in tasks]


async def _kill_web(world: World, fault: Fault) -> None:
    assert world.web is not None
    await asyncio.to_thread(world.web.kill)
    await asyncio.sleep(fault.seconds)
    await world.start_web()


async def _crash_web(world: World, fault: Fault) -> None:
    """Killed, and started again to die at a point; where nobody passes it in time it is killed as it is."""
    assert world.web is not None
    await asyncio.to_thread(world.web.kill)
    await _die_within(await world.start_web(fault.detail), fault.seconds)
    await world.start_web()


async def _freeze_web(world: World, fault: Fault) -> None:
    assert world.web is not None
    await _stand_still(world.web, fault.seconds)


async def _kill_worker(world: World, fault: Fault) -> None:
    place = _place(world, fault)
    await asyncio.to_thread(_running(world, place).kill)
    await asyncio.sleep(fault.seconds)
    await world.start_worker(place)


async def _crash_worker(world: World, fault: Fault) -> None:
    await asyncio.to_thread(_running(world, 0).kill)
    await _die_within(await world.start_worker(0, fault.detail), fault.seconds)
    await world.start_worker(0)


async def _freeze_worker(world: World, fault: Fault) -> None:
    await _stand_still(_running(world, _place(world, fault)), fault.seconds)


async def _kill_redis(world: World, fault: Fault) -> None:
    await asyncio.to_thread(world.stock.kill)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(world.stock.start)


async def _freeze_redis(world: World, fault: Fault) -> None:
    world.stock.freeze()
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        world.stock.thaw()


async def _empty_redis(world: World, fault: Fault) -> None:
    client = open_redis(world.stock.url, 5000)
    await client.flushall()
    await client.aclose()


async def _cut_redis_file(world: World, fault: Fault) -> None:
    """Killed, and its append-only file loses its last bytes, as a disk does that had not written them."""
    await asyncio.to_thread(world.stock.kill)
    cut_append_only_file(world.stock, int(fault.detail))
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(world.stock.start)


async def _lose_redis_file(world: World, fault: Fault) -> None:
    """Killed, and everything that it had written is gone."""
    await asyncio.to_thread(world.stock.kill)
    shutil.rmtree(world.stock.data_dir / "appendonlydir")
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(world.stock.start)


async def _kill_postgres(world: World, fault: Fault) -> None:
    await asyncio.to_thread(world.postgres.kill)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(world.postgres.start)


async def _stop_postgres(world: World, fault: Fault) -> None:
    await asyncio.to_thread(world.postgres.stop)
    await asyncio.sleep(fault.seconds)
    await asyncio.to_thread(world.postgres.start)


async def _freeze_postgres(world: World, fault: Fault) -> None:
    signal_postgres(world.postgres, signal.SIGSTOP)
    try:
        await asyncio.sleep(fault.seconds)
    finally:
        signal_postgres(world.postgres, signal.SIGCONT)


async def _delay_link(world: World, fault: Fault) -> None:
    link = world.links[fault.detail]
    link.delay_seconds = 0.15
    await asyncio.sleep(fault.seconds)
    link.delay_seconds = 0.0


async def _cut_link(world: World, fault: Fault) -> None:
    name, _, way = fault.detail.partition(" ")
    cut: set[Way] = {"requests"} if way == "requests" else {"replies"}
    world.links[name].cut |= cut
    await asyncio.sleep(fault.seconds)
    world.links[name].cut.clear()


async def _drop_replies(world: World, fault: Fault) -> None:
    """The answers to so many calls of a function, or to so many commits, are lost with their connections."""
    name, _, count = fault.detail.partition(" ")
    world.links[name].drop_replies_to = int(count)
    await asyncio.sleep(fault.seconds)
    world.links[name].drop_replies_to = 0


KINDS = {
    "kill web": Kind("web", _kill_web),
    "crash web": Kind("web", _crash_web),
    "freeze web": Kind("web", _freeze_web),
    "kill worker": Kind("worker", _kill_worker),
    "crash worker": Kind("worker", _crash_worker),
    "freeze worker": Kind("worker", _freeze_worker),
    "kill redis": Kind("redis", _kill_redis),
    "freeze redis": Kind("redis", _freeze_redis),
    "empty redis": Kind("redis", _empty_redis),
    "cut redis file": Kind("redis", _cut_redis_file),
    "lose redis file": Kind("redis", _lose_redis_file),
    "kill postgres": Kind("postgres", _kill_postgres),
    "stop postgres": Kind("postgres", _stop_postgres),
    "freeze postgres": Kind("postgres", _freeze_postgres),
    "delay link": Kind("links", _delay_link),
    "cut link": Kind("links", _cut_link),
    "drop replies": Kind("links", _drop_replies),
}


def cut_append_only_file(server: ValkeyServer, count: int) -> int:
    """Cut bytes off the end of what a stopped server has appended; how many there were to cut.

    Only off the increments: the base under them was written whole, and is not open any more.
    """
    files = (server.data_dir / "appendonlydir").glob("*.incr.aof")
    last = max(files, key=lambda file: int(file.name.split(".")[-3]))
    size = last.stat().st_size
    cut = min(count, size)
    with last.open("r+b") as opened:
        opened.truncate(size - cut)
    return cut


async def _die_within(child: Child, seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    while await asyncio.to_thread(child.poll) is None and clock() < deadline:  # noqa: ASYNC110 (a process has no event)
        await asyncio.sleep(0.02)
    await asyncio.to_thread(child.kill)


async def _stand_still(child: Child, seconds: float) -> None:
    child.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        child.send_signal(signal.SIGCONT)


def _place(world: World, fault: Fault) -> int:
    return int(fault.detail or 0) % len(world.workers)


def _running(world: World, place: int) -> Child:
    worker = world.workers[place]
    assert worker is not None
    return worker
