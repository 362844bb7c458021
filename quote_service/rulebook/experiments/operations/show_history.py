"""What came of a flag over time.

Source: docs/spec/experiments.md#over-time.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.experiments.model.history import ExperimentHistory, Grain, history_of_metric
from quote_service.rulebook.experiments.tables.experiments import experiment_of_flag
from quote_service.rulebook.experiments.tables.history import history_of
from quote_service.rulebook.feature_flags.operations.find_flag import find_flag

#: Hours can be shown of so many days.
HOURS_DAYS = 7


async def show_history(
    connection: Connection, key: str, version: int | None, metric: str, grain: Grain, zone: str
) -> ExperimentHistory:
    """A metric of the latest experiment of a flag, or of one of its versions, over time, by the clock of a zone.

    Raises:
        NotFound: There is no such flag.
    """
    flag = await find_flag(connection, key)
    experiment = await experiment_of_flag(connection, flag.id, version, flag.guardrails or [])
    notes = [] if experiment is None else await history_of(connection, experiment, grain, metric, zone, HOURS_DAYS)
    return history_of_metric(flag, experiment, metric, grain, zone, notes)
