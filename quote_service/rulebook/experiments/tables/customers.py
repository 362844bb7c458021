"""What experiments hold about a customer.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of
from quote_service.rulebook.experiments.model.customer_exposure import CustomerExposure

STATEMENTS = Statements(__file__, "customers")
# What waits goes first: nothing is counted meanwhile, and nothing refers to it.
_FORGET = [
    STATEMENTS[name]
    for name in (
        "forget_waiting_exposures",
        "forget_exposures_of_batches",
        "forget_waiting_outcomes",
        "forget_outcomes_of_batches",
        "forget_outcomes",
        "forget_exposures",
    )
]


@STATEMENTS.query()
async def has_exposures(connection: Connection, customer_id: UUID) -> bool:
    """Whether the customer is in an experiment."""


async def page_of_exposures(
    connection: Connection, customer_id: UUID, *, after: int, limit: int
) -> tuple[list[CustomerExposure], int]:
    """Up to `limit` exposures of a customer, by experiment from behind `after`, and what the next page is after."""
    rows = await connection.fetch(STATEMENTS["page_of_exposures"], customer_id, after, limit)
    page = [record_of(CustomerExposure, row, outcomes=msgspec.json.decode(row["outcomes"])) for row in rows]
    return page, rows[-1]["experiment_id"] if rows else after


async def forget_customer(connection: Connection, customer_id: UUID) -> None:
    """Remove all rows of a customer."""
    for statement in _FORGET:
        await connection.execute(statement, customer_id)
