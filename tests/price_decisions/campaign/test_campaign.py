"""Loops, people and a PostgreSQL that lets go or is killed, all at once: afterwards every price is where a decision within bounds put it.

Source: docs/spec/price-decisions.md#runs.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.pool import Database
from tests.conftest import MakeDatabase
from tests.price_decisions.campaign.faults import KINDS
from tests.price_decisions.campaign.rounds import play_round
from tests.price_decisions.campaign.verdict import judge
from tests.price_decisions.campaign.world import NOW, World

TURNS = 15
_DIES = """
import asyncio, sys
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.pool import Database
from quote_service.intelligence.price_decisions.operations.gather_facts import DecisionTerms
from quote_service.intelligence.price_decisions.operations.run_decisions import run_if_due
from quote_service.platform.system.crash_points import arm
arm(sys.argv[2])

async def main():
    await run_if_due(await Database.open(sys.argv[1]), DecisionTerms(interval_seconds=0))

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", [4, 9])
async def test_a_shop_goes_on_while_everything_happens_at_once(new_database_url: MakeDatabase, seed: int) -> None:
    played = await play_round(new_database_url(), seed, TURNS)
    assert played.violations == []
    reported, refused = played.world.counts, played.world.refused
    # Otherwise nothing much was tried.
    assert min(played.by_itself, played.by_person) > 3, (reported, refused)
    assert reported["connections ended"] > 0, (reported, refused)


@pytest.mark.parametrize("seed", [2, 3])
async def test_a_shop_goes_on_while_postgresql_and_workers_are_killed(
    own_postgres: PostgresServer, own_url: str, seed: int
) -> None:
    played = await play_round(own_url, seed, TURNS, own_postgres, faults=5)
    assert played.violations == []
    reported, refused = played.world.counts, played.world.refused
    assert min(played.by_itself, played.by_person) > 3, (reported, refused)
    assert sum(reported[kind] for kind in KINDS) == 5
    assert reported["kill postgres"] + reported["stop postgres"] > 0, reported


@pytest.mark.parametrize("point", ["before_price_decision_commit:2", "after_price_decision_commit:2"])
async def test_a_worker_is_killed_between_two_decisions(new_database_url: MakeDatabase, point: str) -> None:
    url = new_database_url()
    database = await Database.open(url)
    try:
        world = World(database, database, 1)
        for _ in range(3):
            world.products.append(await world.shelves.product(mode="auto"))
        await world.shelves.learn(dict.fromkeys(world.products, -2.0))
        command = [sys.executable, "-c", _DIES, url, point]
        died = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        assert died.returncode == -9, died.stderr
        decided = 1 if point.startswith("before") else 2
        assert (
            sorted([await world.shelves.price(each) for each in world.products])
            == [100] * (3 - decided) + [105] * decided
        )
        assert await judge(database, world.products) == []
        await world.shelves.look()
        # Nobody takes over what somebody may still be at; then the run is begun again.
        assert await run_if_due(database, NOW) is None
        async with database.transaction() as connection:
            await connection.execute("UPDATE price_decision_runs SET claimed_until = now()")
        assert await run_if_due(database, NOW) is not None
        prices = sorted([await world.shelves.price(each) for each in world.products])
        assert prices == [105] * (3 - decided) + [110] * decided
        assert await judge(database, world.products) == []
    finally:
        await database.close()
