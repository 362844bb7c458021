"""What came of a flag.

Source: docs/spec/experiments.md#report.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.experiments.model.report import ExperimentReport, report_experiment
from quote_service.rulebook.experiments.tables.experiments import experiment_of_flag
from quote_service.rulebook.feature_flags.operations.find_flag import find_flag


async def show_experiment(connection: Connection, key: str, version: int | None) -> ExperimentReport:
    """The latest experiment of a flag, or of one of its versions.

    Raises:
        NotFound: There is no such flag.
    """
    flag = await find_flag(connection, key)
    return report_experiment(flag, await experiment_of_flag(connection, flag.id, version, flag.guardrails or []))
