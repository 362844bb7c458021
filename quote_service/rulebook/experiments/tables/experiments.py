"""Experiments with their figures.

Source: docs/spec/experiments.md#figures-of-an-arm.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.pricing.flags.guardrails import FlagGuardrail
from quote_service.pricing.flags.watched_flag import Arms
from quote_service.rulebook.experiments.model.experiment import Experiment, Sums

STATEMENTS = Statements(__file__, "experiments")


async def guarded_experiments(connection: Connection) -> list[Experiment]:
    """Those that run and have guardrails."""
    return await _with_figures(connection, await connection.fetch(STATEMENTS["guarded_experiments"]))


async def experiment_of_flag(
    connection: Connection, flag_id: UUID, version: int | None, guardrails: list[FlagGuardrail]
) -> Experiment | None:
    """The latest experiment of a flag, or of one of its versions, to be judged by these guardrails."""
    found = await _with_figures(
        connection, await connection.fetch(STATEMENTS["experiment_of_version"], flag_id, version)
    )
    return found[0]._replace(guardrails=guardrails) if found else None


async def _with_figures(connection: Connection, rows: Sequence[Record]) -> list[Experiment]:
    ids = [row["id"] for row in rows]
    sums: dict[int, dict[tuple[str, str], Sums]] = {each: {} for each in ids}
    exposures: dict[int, dict[str, int]] = {each: {} for each in ids}
    # In this order: what is counted in between has more exposures, and never more events than exposures.
    for row in await connection.fetch(STATEMENTS["figures_of"], ids) if ids else ():
        experiment_id, arm, metric, *figures = row
        sums[experiment_id][arm, metric] = Sums(*map(int, figures))
    for row in await connection.fetch(STATEMENTS["exposures_of"], ids) if ids else ():
        exposures[row["experiment_id"]][row["arm"]] = row["exposures"]
    return [_experiment(row, exposures[row["id"]], sums[row["id"]]) for row in rows]


def _experiment(row: Record, exposures: dict[str, int], sums: dict[tuple[str, str], Sums]) -> Experiment:
    members: dict[str, Any] = dict(row)
    guardrails = members.pop("guardrails")
    arms = msgspec.json.decode(members.pop("arms"), type=Arms)
    written = [] if guardrails is None else convert_exact(parse_exact(guardrails), list[FlagGuardrail])
    return Experiment(**members, arms=arms, guardrails=written, exposures=exposures, sums=sums)
