"""What happens to the shop's PostgreSQL and to a process that decides, as often as a round says.

Source: docs/spec/price-decisions.md#faults.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL

from quote_service.lab.embedded.postgres_server import PostgresServer
from tests.flash_sales.campaign.world import signal_postgres
from tests.price_decisions.campaign.world import World

KINDS = ("kill postgres", "stop postgres", "freeze postgres", "end connections", "kill worker")
_DECIDES = """
import asyncio, sys
from quote_service.platform.postgres.pool import Database
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.intelligence.price_decisions.tables.runs import RunLost
from quote_service.platform.system.errors import Unavailable

async def main():
    database = await Database.open(sys.argv[1])
    while True:
        try:
            await run_if_due(database, DecisionTerms(interval_seconds=0))
        except (RunLost, Unavailable):
            pass
        await asyncio.sleep(0.01)

asyncio.run(main())
"""


async def break_things(world: World, server: PostgresServer, url: str, count: int) -> None:
    """So many faults one after the other, each kind once before any comes again, in an order of chance; everything is up again at
    the end.
    """
    worker = await _start_worker(url)
    kinds: list[str] = []
    try:
        for _ in range(count):
            await asyncio.sleep(world.chance.uniform(1.0, 2.5))
            kinds = kinds or world.chance.sample(KINDS, len(KINDS))
            kind, seconds = kinds.pop(), world.chance.uniform(0.1, 0.6)
            if kind == "end connections":
                await world.attempt(world.end_connections)
            elif kind == "kill worker":
                worker.kill()
                await worker.wait()
                worker = await _start_worker(url)
                await world.until_done(world.give_up)
            elif kind == "freeze postgres":
                signal_postgres(server, signal.SIGSTOP)
                try:
                    await asyncio.sleep(seconds)
                finally:
                    signal_postgres(server, signal.SIGCONT)
            else:
                await asyncio.to_thread(server.kill if kind == "kill postgres" else server.stop)
                await asyncio.sleep(seconds)
                await asyncio.to_thread(server.start)
            world.counts[kind] += 1
    finally:
        worker.kill()
        await worker.wait()


async def _start_worker(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", _DECIDES, url, stdout=DEVNULL, stderr=DEVNULL)
