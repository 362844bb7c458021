"""One round of the campaign: a crowd that orders among faults, all of it drawn from one seed, and the verdict about it.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import get_args

from quote_service.platform.system.crash_points import CrashPoint
from tests.flash_sales.campaign.faults import KINDS as SALE_KINDS
from tests.flash_sales.campaign.faults import Fault, Kind, commit_faults
from tests.flash_sales.campaign.world import World
from tests.orders.campaign.shelf import Shelf
from tests.orders.campaign.shoppers import Shopper
from tests.orders.campaign.verdict import judge
from tests.orders.campaign.world import CONNECTIONS, OrderWorld

# The last two are passed by whoever sweeps.
POINTS = tuple(point for point in get_args(CrashPoint) if "reserv" in point or "order" in point or "refund" in point)
# Four times as many at once as both processes have connections to PostgreSQL.
SHOPPERS = 4 * 2 * CONNECTIONS
_OF_SALES = (
    "kill web",
    "crash web",
    "freeze web",
    "kill worker",
    "freeze worker",
    "kill redis",
    "freeze redis",
    "empty redis",
    "kill postgres",
    "stop postgres",
    "freeze postgres",
)


async def _end_connections(world: World, fault: Fault) -> None:
    assert isinstance(world, OrderWorld)
    for _ in range(int(fault.detail)):
        await world.end_connections()
        await asyncio.sleep(fault.seconds)


KINDS = {
    **{kind: SALE_KINDS[kind] for kind in _OF_SALES},
    "drop replies": SALE_KINDS["drop replies"],
    "cut link": SALE_KINDS["cut link"],
    "end connections": Kind("postgres", _end_connections),
}


@dataclass(frozen=True)
class Round:
    """What happens in one round."""

    seed: int
    faults: tuple[Fault, ...]
    shoppers: int = SHOPPERS
    seconds: float = 1.5

    def __str__(self) -> str:
        faults = "; ".join(f"{one.kind} {one.detail} at {one.at:.1f} s for {one.seconds:.1f} s" for one in self.faults)
        return f"seed {self.seed}: {self.shoppers} shoppers in {self.seconds:.1f} s: {faults or 'no fault'}"


def draw_round(seed: int) -> Round:
    """The round that belongs to a seed."""
    chance = random.Random(seed)
    seconds = chance.uniform(1.0, 3.0)
    count = chance.choice((0, 1, 1, 2, 2, 3))
    faults = tuple(_draw_fault(chance, seconds) for _ in range(count))
    return Round(seed, faults, chance.randint(SHOPPERS // 2, SHOPPERS), seconds)


async def play(world: OrderWorld, planned: Round) -> Shelf:
    """Sell while the faults happen; `violations` of what is answered says what is not as it should be then."""
    await world.set_up(1)
    shelf = await world.stock_up()
    chance = random.Random(planned.seed)
    shops = (world.checkout, world.second_checkout)
    async with asyncio.TaskGroup() as group:
        group.create_task(commit_faults(world, list(planned.faults), KINDS))
        for _ in range(planned.shoppers):
            shopper = Shopper(shops, shelf, random.Random(chance.getrandbits(64)))
            group.create_task(shopper.shop(chance.uniform(0, planned.seconds)))
    await world.set_up(1)
    shelf.violations = await judge(world, shelf)
    return shelf


def _draw_fault(chance: random.Random, seconds_of_round: float) -> Fault:
    kind = chance.choice(sorted(KINDS))
    at, seconds, detail = chance.uniform(0.1, seconds_of_round), chance.uniform(0.1, 1.0), ""
    if "freeze" in kind:
        seconds = chance.uniform(0.3, 2.0)
    if kind == "crash web":
        seconds, detail = 2.0, f"{chance.choice(POINTS)}:{chance.randint(1, 5)}"
    elif kind == "drop replies":
        detail = f"postgres {chance.choice((1, 2, 5))}"
    elif kind == "cut link":
        detail = f"postgres {chance.choice(('requests', 'replies'))}"
    elif kind == "end connections":
        seconds, detail = 0.05, str(chance.choice((1, 3, 8)))
    return Fault(kind, at, seconds, detail)
