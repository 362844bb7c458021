"""Take an erased customer out of reservations, and out of what quotes have taken out of budgets.

Source: docs/spec/customers.md#erasure.
"""

from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.reservations.tables.reservations import forget_customer


async def forget_customer_of_reservations(connection: Connection, customer_id: UUID) -> None:
    """Forget a customer, within the transaction that erases; what is held stays held, and sums stay as they are."""
    await forget_customer(connection, customer_id)
