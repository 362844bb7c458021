"""SIGKILL of `serve` and of `worker` at every step of a purchase's way: what is repeated afterwards is true and once.

The process that dies is a real one, in the midst of buyers; it is started again, and then every invariant holds.

Source: docs/spec/flash-sales.md#faults; docs/spec/flash-sales.md#recording; docs/spec/flash-sales.md#repair.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path
from typing import Literal, NamedTuple, get_args
from uuid import uuid4

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system import crash_points
from tests.fixtures.fork_server import CRASH_AT, Child, ForkServer
from tests.fixtures.service import STOP_SECONDS, Started
from tests.flash_sales.campaign.buyers import Buyer, Plan
from tests.flash_sales.campaign.counter import Counter, Product
from tests.flash_sales.campaign.verdict import judge
from tests.flash_sales.campaign.world import World

BUYERS = 12
# Long enough to be confirmed or cancelled beside other work; buyers who let it expire are not to wait for it. A buyer may
# wait a second for the outcome, and has to have time to confirm after that.
HOLD_SECONDS: dict[Plan, int] = {"confirm": 20, "cancel": 20, "let expire": 2}


class Death(NamedTuple):
    """Which process dies where, among buyers who plan what, and what happens to Redis before."""

    process: Literal["web", "worker"]
    at: str
    plan: Plan | None = None  # None: the sale has no holds
    redis: Literal["", "away", "emptied"] = ""

    def __str__(self) -> str:
        return " ".join(each for each in (self.process, self.at, self.plan, self.redis) if each)


DEATHS = [
    Death("web", "before_script:4"),
    Death("web", "after_script:4"),
    Death("web", "before_direct_commit:3", redis="away"),
    Death("web", "after_direct_commit:3", redis="away"),
    Death("web", "before_decision:2", "confirm"),
    Death("web", "after_decision:2", "confirm"),
    Death("web", "after_notifying_redis:2", "confirm"),
    Death("web", "before_decision:2", "cancel"),
    Death("web", "after_decision:2", "cancel"),
    Death("worker", "after_read:2"),
    Death("worker", "before_commit:2"),
    Death("worker", "after_commit:2"),
    Death("worker", "after_ack:2"),
    Death("worker", "before_expiry:2", "let expire"),
    Death("worker", "after_expiry:2", "let expire"),
    Death("worker", "after_notifying_redis", "let expire"),
    Death("worker", "after_fence", redis="emptied"),
    Death("worker", "after_drain", redis="emptied"),
    Death("worker", "before_opening", redis="emptied"),
    Death("worker", "after_opening", redis="emptied"),
]


@pytest.mark.parametrize("death", DEATHS, ids=str)
async def test_a_process_dies(world: World, stock: ValkeyServer, death: Death) -> None:
    product = Product(uuid4(), allocated=10, limit=2)
    web = await world.start_web(death.at if death.process == "web" else "")
    await world.until_ready()
    counter = await world.announce(product, hold_seconds=HOLD_SECONDS[death.plan] if death.plan else None)
    worker = await world.start_worker(crash_at=death.at if death.process == "worker" else "")
    async with asyncio.TaskGroup() as group:
        # From now on: what is slow is done again, so that a point may be passed sooner than the crowd is there.
        replaced = group.create_task(_replace(world, stock, death, web if death.process == "web" else worker))
        if death.process == "worker":
            await Buyer(counter, product, quantity=2).buy()
        if death.redis == "emptied":
            await _empty(stock)
        elif death.redis == "away":
            await asyncio.to_thread(stock.kill)
        await _crowd(counter, product, death.plan)
        # As long as nobody has died there are more of them: units that are given back are for sale.
        while not replaced.done():
            await _crowd(counter, product, death.plan)
    report = await judge(world, counter, product)
    assert report.violations == []
    assert report.lost == 0


async def _replace(world: World, stock: ValkeyServer, death: Death, dying: Child) -> None:
    """Wait for the death of a process, and start another in its place."""
    assert await asyncio.to_thread(dying.wait) == -signal.SIGKILL, dying.output()
    if death.redis == "away":
        await asyncio.to_thread(stock.start)
    await (world.start_web() if death.process == "web" else world.start_worker())


async def _crowd(counter: Counter, product: Product, plan: Plan | None) -> None:
    """More buyers than there are units, one shortly after the other; each comes back and asks again."""
    buyers = [Buyer(counter, product, plan=plan or "confirm", repeats=1) for _ in range(BUYERS)]
    async with asyncio.TaskGroup() as group:
        for number, buyer in enumerate(buyers):
            group.create_task(buyer.buy(number * 0.02))


def test_every_point_has_a_death() -> None:
    points = set(get_args(crash_points.CrashPoint))
    # Those of other subjects have theirs beside them: campaigns/test_crashes.py, orders/campaign/test_crash_points.py,
    # webhooks/test_killed.py.
    of_others = set(get_args(crash_points.CrashPoint)[17:])
    assert {death.at.partition(":")[0] for death in DEATHS} == points - of_others
    sources = Path(crash_points.__file__).parents[2].rglob("*.py")
    called = {point for source in sources for point in re.findall(r'crash_point\("(\w+)"\)', source.read_text())}
    assert called == points


def test_a_service_in_production_knows_no_such_setting(fork_server: ForkServer, server_folder: Path) -> None:
    refused = fork_server.start(["worker"], server_folder / "refused.log", {CRASH_AT: "after_read"})
    assert refused.wait() == 1
    assert f"{CRASH_AT} is no setting" in refused.output()


def test_only_who_names_a_port_has_one_for_figures(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many processes run at once, and beside a service that has the usual port."""
    monkeypatch.setenv("QUOTE_METRICS_PORT", "9464")
    for named, shown in ({}, "0"), ({"QUOTE_METRICS_PORT": "9465"}, "9465"):
        for is_forked in (False, True):
            log = server_folder / f"config-{shown}-{is_forked}.log"
            started = Started(["config"], log, named, forked=is_forked)
            assert started.process.wait(STOP_SECONDS) == 0
            assert re.search(rf"^QUOTE_METRICS_PORT +{shown} ", started.output(), re.MULTILINE), started.output()


def test_points_are_armed_in_development_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, sent: killed.append(sent))
    monkeypatch.setattr(crash_points, "_armed", "")
    monkeypatch.setenv(crash_points.VARIABLE, "after_read:2")
    crash_points.arm_in_development(is_development=False)
    crash_points.crash_point("after_read")
    crash_points.crash_point("after_read")
    assert killed == []
    crash_points.arm_in_development(is_development=True)
    crash_points.crash_point("after_read")
    crash_points.crash_point("before_commit")
    assert killed == []
    crash_points.crash_point("after_read")
    crash_points.crash_point("after_read")
    assert killed == [signal.SIGKILL]


@pytest.mark.parametrize("text", ["nowhere", "after_read:0", "after_read:x", "after_read:-1"])
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=CRASH_AT):
        crash_points.arm(text)


async def _empty(stock: ValkeyServer) -> None:
    client = open_redis(stock.url, 2000)
    await client.flushall()
    await client.aclose()
