"""Counting what waits: one process at a time, each customer once, sums exact.

Source: docs/spec/experiments.md#exposures.
"""

from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "counting")
_TAKE_TURN = _QUERIES["take_turn"]
_WAIT_FOR_TURN = _QUERIES["wait_for_turn"]
_COUNT_EXPOSURES = _QUERIES["count_exposures"]
_DUE_OUTCOMES = _QUERIES["due_outcomes"]
_DUE_BATCHES = _QUERIES["due_outcome_batches"]
_COUNT_OUTCOMES = _QUERIES["count_outcomes"]
_END = _QUERIES["end_experiments"]
_FORGET = _QUERIES["forget_customers"]


async def take_turn(connection: Connection) -> bool:
    """Whether nobody else counts until the transaction ends."""
    is_ours: bool = await connection.fetchval(_TAKE_TURN)
    return is_ours


async def wait_for_turn(connection: Connection) -> None:
    """See to it that nobody counts until the transaction ends."""
    await connection.execute(_WAIT_FOR_TURN)


async def count_exposures(connection: Connection, limit: int) -> int:
    """Count exposures that wait, all if they are fewer than `limit`, and little more otherwise; how many were taken."""
    taken: int = await connection.fetchval(_COUNT_EXPOSURES, limit)
    return taken


class DueOutcomes(NamedTuple):
    """Ids of outcomes that may be counted, single ones and batches of what a process has seen, and how many outcomes they are."""

    single: list[int]
    batches: list[int]
    outcomes: int


async def due_outcomes(connection: Connection, limit: int) -> DueOutcomes:
    """Up to `limit` single outcomes that are due, and all batches if they have fewer than `limit`, else little more."""
    single = [row["id"] for row in await connection.fetch(_DUE_OUTCOMES, limit)]
    batches = await connection.fetch(_DUE_BATCHES, limit)
    return DueOutcomes(single, [row["id"] for row in batches], len(single) + sum(row["size"] for row in batches))


async def count_outcomes(connection: Connection, due: DueOutcomes) -> None:
    """Count these outcomes, whose exposures have been counted."""
    await connection.fetchval(_COUNT_OUTCOMES, due.single, due.batches)


async def end_experiments(connection: Connection) -> None:
    """Say of experiments that are over that they are."""
    await connection.execute(_END)


async def forget_customers(connection: Connection, keep_days: int, limit: int) -> int:
    """Forget the customers of experiments that ended so many days ago, a little at a time; about how many were forgotten."""
    forgotten: int = await connection.fetchval(_FORGET, keep_days, limit)
    return forgotten
