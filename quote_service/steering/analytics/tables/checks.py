"""What is wrong with rollups, found by PostgreSQL: nothing of them is read into memory but what is told.

Source: docs/spec/analytics.md#check.
"""

from quote_service.platform.postgres.checks import run_checks
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.analytics.model.findings import CHECKS, AnalyticsCheck

STATEMENTS = Statements(__file__, "checks")


async def find_breakages(connection: Connection, shown_max: int) -> AnalyticsCheck:
    """All checks, of one state of the database.

    Args:
        connection: In a snapshot.
        shown_max: The most findings of one check.
    """
    counts, findings = await run_checks(connection, STATEMENTS, CHECKS, shown_max)
    return AnalyticsCheck(counts["hours"], counts["rows"], counts["waiting"], findings)
