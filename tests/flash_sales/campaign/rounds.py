"""One round of the campaign: a sale among faults, all of it drawn from one seed, and the verdict about it.

The same seed draws the same sale, buyers and faults; how they fall together is up to the machine, so a failure may take
a few tries to come again.

Source: docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec

from tests.flash_sales.campaign.buyers import crowd, probe
from tests.flash_sales.campaign.counter import Product
from tests.flash_sales.campaign.faults import KINDS, WEB_POINTS, WORKER_POINTS, Fault, commit_faults
from tests.flash_sales.campaign.verdict import Report, history_lines, judge, until_sold_again
from tests.flash_sales.campaign.world import World

HOLD_SECONDS = 2
LIMIT = 2
PROBED_UNITS = 100_000
LINKS = ("web", "worker", "postgres")


@dataclass(frozen=True)
class Round:
    """What happens in one round."""

    seed: int
    faults: tuple[Fault, ...]
    holds: bool = False
    allocated: int = 30
    buyers: int = 45
    seconds: float = 1.5
    workers: int = 1

    def __str__(self) -> str:
        faults = "; ".join(f"{one.kind} {one.detail} at {one.at:.1f} s for {one.seconds:.1f} s" for one in self.faults)
        held = "with" if self.holds else "without"
        return (
            f"seed {self.seed}: {self.allocated} units, {self.buyers} buyers in {self.seconds:.1f} s, {held} holds, "
            f"{self.workers} workers: {faults or 'no fault'}"
        )


def draw_round(seed: int) -> Round:
    """The round that belongs to a seed."""
    chance = random.Random(seed)
    seconds = chance.uniform(1.5, 4.0)
    workers = chance.choice((1, 1, 2))
    count = chance.choice((0, 1, 1, 2, 2, 3, 4))
    return Round(
        seed=seed,
        faults=tuple(_draw_fault(chance, seconds, workers) for _ in range(count)),
        holds=chance.random() < 0.5,
        allocated=chance.randint(20, 60),
        buyers=chance.randint(50, 100),
        seconds=seconds,
        workers=workers,
    )


async def play(world: World, planned: Round, folder: Path | None = None) -> Report:
    """Sell while the faults happen; then everything must be as it should.

    Args:
        world: Whose parts all run; they do again when this returns.
        planned: The round.
        folder: Where the history goes if something is wrong.
    """
    await world.set_up(planned.workers)
    product = Product(uuid4(), allocated=planned.allocated, limit=LIMIT)
    probed = Product(uuid4(), allocated=PROBED_UNITS, limit=1)
    violations = ["the round was not played to its end"]
    try:
        counter = await world.announce(product, probed, hold_seconds=HOLD_SECONDS if planned.holds else None)
        chance = random.Random(planned.seed)
        buyers = crowd(counter, product, planned.buyers, chance)
        probing = asyncio.create_task(probe(counter, probed))
        try:
            async with asyncio.TaskGroup() as group:
                doing = group.create_task(commit_faults(world, list(planned.faults)))
                for buyer in buyers:
                    group.create_task(buyer.buy(chance.uniform(0, planned.seconds)))
            late = await until_sold_again(doing.result(), probed)
        finally:
            probing.cancel()
            with suppress(asyncio.CancelledError):
                await probing
        faultless = not (planned.faults or planned.holds)
        report = await judge(world, counter, product, probed=probed, faultless=faultless)
        report.violations += late
        amiss = report.lost + report.rejected + report.recoveries
        if amiss and not planned.faults:
            report.violations.append(
                "I13: something was lost, refused late or built repeated, and nothing had happened"
            )
        violations = report.violations
        await world.end_sale(counter.sale_id)
        return report
    finally:
        if violations and folder is not None:
            _keep(folder, planned, violations, product, probed)
            for log in world.logs():
                shutil.copy(log, folder / f"round-{planned.seed}-{log.parent.name}-{log.name}")


def history_path(folder: Path, seed: int) -> Path:
    """Where the history of a round is kept."""
    return folder / f"round-{seed}.jsonl"


def _keep(folder: Path, planned: Round, violations: list[str], *products: Product) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    head = msgspec.json.encode({"round": planned, "violations": violations})
    history_path(folder, planned.seed).write_bytes(head + b"\n" + history_lines(*products))


def _draw_fault(chance: random.Random, sale_seconds: float, workers: int) -> Fault:
    kind = chance.choice(sorted(KINDS))
    at, seconds, detail = chance.uniform(0.1, sale_seconds), chance.uniform(0.1, 1.0), ""
    if "freeze" in kind:
        seconds = chance.uniform(0.3, 3.0)
    if kind in ("kill worker", "freeze worker"):
        detail = str(chance.randrange(workers))
    elif kind == "crash web":
        seconds, detail = 2.0, f"{chance.choice(WEB_POINTS)}:{chance.randint(1, 5)}"
    elif kind == "crash worker":
        seconds, detail = 2.0, f"{chance.choice(WORKER_POINTS)}:{chance.randint(1, 3)}"
    elif kind == "cut redis file":
        detail = str(chance.choice((1, 50, 300, 1000, 5000, 20_000)))
    elif kind == "cut link":
        seconds = chance.uniform(0.3, 3.0)
        detail = f"{chance.choice(LINKS)} {chance.choice(('requests', 'replies'))}"
    elif kind == "delay link":
        detail = chance.choice(LINKS)
    elif kind == "drop replies":
        # One: the service's own repeat is answered; several: its repeats are lost as well.
        detail = f"{chance.choice(LINKS)} {chance.choice((1, 1, 2, 5))}"
    return Fault(kind, at, seconds, detail)
