"""Find a customer of whom nobody has to know.

Source: docs/spec/customers.md#customers.
"""

from uuid import UUID

from quote_service.customers.tables.customers import read_customer
from quote_service.customers.words.customers import CustomerErased, CustomerRecord
from quote_service.postgres.pool import Connection
from quote_service.system.errors import NotFound


async def find_customer(connection: Connection, customer_id: UUID) -> CustomerRecord | None:
    """The record of a customer, None where there is none.

    Raises:
        CustomerErased: There is no more.
    """
    try:
        return await read_customer(connection, customer_id)
    except CustomerErased:
        raise
    except NotFound:
        return None
