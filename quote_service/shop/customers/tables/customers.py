"""Customers as rows, where they are erased.

Source: docs/spec/customers.md#erasure.
"""

from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "customers")


@STATEMENTS.query()
async def is_erased(connection: Connection, customer_id: UUID) -> bool:
    """Whether there was a customer whose data has been erased."""


@STATEMENTS.query()
async def hold_alone(connection: Connection, customer_id: UUID) -> None:
    """Wait for whoever is writing about a customer for good, and let others wait until the transaction ends."""


@STATEMENTS.query()
async def mark_erased(connection: Connection, customer_id: UUID, author: str, at: datetime) -> None:
    """Leave of a customer nothing but that the id is not used again; without a record too."""
