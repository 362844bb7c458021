"""The orders of one customer.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "customer_orders")


@STATEMENTS.query()
async def page_of_customer(connection: Connection, customer_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """The ids of up to `limit` orders of a customer, oldest first, from behind one of them."""


@STATEMENTS.query()
async def forget_customer(connection: Connection, customer_id: UUID) -> None:
    """Take an erased shopper's login out of the orders that the shopper placed."""
