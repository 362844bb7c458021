"""Counting what waits: one process at a time, each customer once, sums exact.

Source: docs/spec/experiments.md#exposures.
"""

from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "counting")


@STATEMENTS.query()
async def take_turn(connection: Connection) -> bool:
    """Whether nobody else counts until the transaction ends."""


@STATEMENTS.query()
async def wait_for_turn(connection: Connection) -> None:
    """See to it that nobody counts until the transaction ends."""


@STATEMENTS.query()
async def count_exposures(connection: Connection, limit: int) -> int:
    """Count exposures that wait, all if they are fewer than `limit`, and little more otherwise; how many were taken."""


class DueOutcomes(NamedTuple):
    """Ids of outcomes that may be counted, single ones and batches of what a process has seen, and how many outcomes they are."""

    single: list[int]
    batches: list[int]
    outcomes: int


async def due_outcomes(connection: Connection, limit: int) -> DueOutcomes:
    """Up to `limit` single outcomes that are due, and all batches if they have fewer than `limit`, else little more."""
    single = [row["id"] for row in await connection.fetch(STATEMENTS["due_outcomes"], limit)]
    batches = await connection.fetch(STATEMENTS["due_outcome_batches"], limit)
    return DueOutcomes(single, [row["id"] for row in batches], len(single) + sum(row["size"] for row in batches))


async def count_outcomes(connection: Connection, due: DueOutcomes) -> None:
    """Count these outcomes, whose exposures have been counted."""
    await connection.fetchval(STATEMENTS["count_outcomes"], due.single, due.batches)


@STATEMENTS.query()
async def end_experiments(connection: Connection) -> None:
    """Say of experiments that are over that they are."""


@STATEMENTS.query()
async def forget_customers(connection: Connection, keep_days: int, limit: int) -> int:
    """Forget the customers of experiments that ended so many days ago, a little at a time; about how many were forgotten."""
