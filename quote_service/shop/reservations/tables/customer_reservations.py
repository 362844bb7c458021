"""The reservations of one customer, and what is left of them once the customer is erased.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.reservations.model.customer_reservation import CustomerReservation

STATEMENTS = Statements(__file__, "customer_reservations")


@STATEMENTS.query()
async def page_of_customer_reservations(
    connection: Connection, customer_id: UUID, *, after: UUID | None, limit: int
) -> list[CustomerReservation]:
    """Up to `limit` reservations of a customer, by quote from behind `after`."""


@STATEMENTS.query()
async def forget_customer(connection: Connection, customer_id: UUID) -> None:
    """Take an erased customer out of reservations, and out of what quotes have taken."""
