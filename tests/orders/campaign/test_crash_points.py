"""SIGKILL of a process at each step of an order's way: what is repeated afterwards, at another process, is true and once.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

import asyncio
import random
import re
import signal
from pathlib import Path

import pytest

from quote_service.platform.system import crash_points
from quote_service.platform.system.crash_points import CrashPoint
from tests.orders.campaign.rounds import POINTS
from tests.orders.campaign.shelf import Shelf
from tests.orders.campaign.shoppers import Shopper
from tests.orders.campaign.verdict import judge
from tests.orders.campaign.world import OrderWorld

CROWD = 8
# The worker sweeps.
_OF_WORKER = ("before_reservations_end", "after_reservations_end")


@pytest.mark.parametrize("point", POINTS)
async def test_a_process_dies(world: OrderWorld, point: CrashPoint) -> None:
    await world.set_up(1)
    shelf = await world.stock_up()
    is_swept = point in _OF_WORKER
    former = world.workers[0] if is_swept else world.web
    assert former is not None
    await asyncio.to_thread(former.kill)
    dying = await (world.start_worker(0, point) if is_swept else world.start_web(f"{point}:2"))
    chance = random.Random(point)
    async with asyncio.TaskGroup() as group:
        replaced = group.create_task(asyncio.to_thread(dying.wait))
        while not replaced.done():
            await _crowd(world, shelf, chance)
    assert replaced.result() == -signal.SIGKILL, dying.output()
    await world.set_up(1)
    assert await judge(world, shelf) == []
    assert shelf.bought


async def _crowd(world: OrderWorld, shelf: Shelf, chance: random.Random) -> None:
    """As many as there are ways and fates, one shortly after the other."""
    async with asyncio.TaskGroup() as group:
        for number in range(CROWD):
            shopper = Shopper((world.checkout, world.second_checkout), shelf, random.Random(chance.getrandbits(64)))
            group.create_task(shopper.shop(number * 0.02))


def test_every_point_is_passed_somewhere() -> None:
    sources = Path(crash_points.__file__).parents[2].rglob("*.py")
    called = {point for source in sources for point in re.findall(r'crash_point\("(\w+)"\)', source.read_text())}
    assert set(POINTS) <= called
    assert len(POINTS) == 10
