"""What processes have seen of experiments and nobody has counted yet.

Source: docs/spec/experiments.md#exposures.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from quote_service.experiments.words.observations import Exposure, Outcome
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.system.instants import from_micros

_QUERIES = load_queries(__file__, "waiting")
_MAKE = _QUERIES["make_experiments"]
_WRITE_EXPOSURES = _QUERIES["write_exposures"]
_WRITE_OUTCOMES = _QUERIES["write_outcomes"]


async def make_experiments(connection: Connection, first: Sequence[Exposure]) -> None:
    """See to it that there is an experiment for each of these exposures."""
    await connection.execute(
        _MAKE,
        *_epochs(first),
        [msgspec.json.encode(exposure.flag.arms).decode() for exposure in first],
        [from_micros(exposure.at_us) for exposure in first],
    )


async def write_waiting(connection: Connection, exposures: Sequence[Exposure], outcomes: Sequence[Outcome]) -> None:
    """Write what one process has seen; its outcomes may be counted together with its exposures."""
    if exposures:
        await connection.execute(
            _WRITE_EXPOSURES,
            *_epochs(exposures),
            [UUID(exposure.customer_id) for exposure in exposures],
            [exposure.arm for exposure in exposures],
            [from_micros(exposure.at_us) for exposure in exposures],
        )
    if outcomes:
        await connection.execute(
            _WRITE_OUTCOMES,
            [UUID(outcome.customer_id) for outcome in outcomes],
            [outcome.metric for outcome in outcomes],
            [outcome.observations for outcome in outcomes],
            [Decimal(outcome.total) for outcome in outcomes],
            [from_micros(outcome.at_us) for outcome in outcomes],
        )


def _epochs(exposures: Sequence[Exposure]) -> tuple[list[UUID], list[int], list[int]]:
    epochs = [exposure.flag.epoch for exposure in exposures]
    return [UUID(epoch[0]) for epoch in epochs], [epoch[1] for epoch in epochs], [epoch[2] for epoch in epochs]
