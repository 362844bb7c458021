"""Outcomes that others report.

Source: docs/spec/experiments.md#reported-metrics.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "reports")


class ReportedOutcome(NamedTuple):
    """One outcome: its value in millionths, and the id by which it counts once."""

    customer_id: UUID
    metric: str
    value: int
    at: datetime
    id: str | None


async def write_reports(connection: Connection, reported_by: str, outcomes: Sequence[ReportedOutcome]) -> int:
    """Have outcomes counted, but for those whose id this caller has sent before; how many there are."""
    columns: list[list[object]] = [list(column) for column in zip(*outcomes, strict=True)]
    customers, metrics, values, instants, ids = columns
    totals = [Decimal(str(value)) for value in values]
    counted: int = await connection.fetchval(
        STATEMENTS["write_reports"], customers, metrics, totals, instants, ids, reported_by
    )
    return counted
