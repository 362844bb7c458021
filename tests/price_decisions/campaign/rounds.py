"""One round: a shop with a database of its own, everybody at it, and whatever its faults are; then the verdict.

Source: docs/spec/price-decisions.md#faults.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.pool import Database
from tests.conftest import PATIENCE_SECONDS
from tests.price_decisions.campaign.faults import break_things
from tests.price_decisions.campaign.verdict import judge
from tests.price_decisions.campaign.world import World


class Played(NamedTuple):
    """What became of a round.

    Attributes:
        violations: What is wrong by history, outbox and audit log; nothing of a shop that works.
        by_itself: Prices that were set by themselves.
        by_person: Prices that people set.
        world: With what was told and refused.
    """

    violations: list[str]
    by_itself: int
    by_person: int
    world: World


async def play_round(url: str, seed: int, turns: int, server: PostgresServer | None = None, faults: int = 0) -> Played:
    """Play in an empty database.

    Args:
        url: Of the database.
        seed: Of everything that is drawn.
        turns: How often everybody does something.
        server: That PostgreSQL is broken too; None ends connections alone.
        faults: How often.
    """
    database = await Database.open(url, connections_max=20)
    # One connection: whoever ends the others does not end its own.
    chaos = await Database.open(url, connections_max=1, acquire_seconds=PATIENCE_SECONDS)
    try:
        world = World(database, chaos, seed)
        await world.stock_up()
        await world.play(turns, None if server is None else functools.partial(break_things, world, server, url, faults))
        violations = await judge(chaos, world.products)
        async with chaos.read() as connection:
            rows = await connection.fetch("SELECT by_person FROM price_decisions WHERE applied_at IS NOT NULL")
        by_person = sum(row["by_person"] for row in rows)
        return Played(violations, len(rows) - by_person, by_person, world)
    finally:
        await database.close()
        await chaos.close()
