"""Find a customer of whom nobody has to know.

Source: docs/spec/customers.md#customers.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import read
from quote_service.platform.system.errors import NotFound
from quote_service.shop.customers.model.customers import CustomerErased, CustomerRecord
from quote_service.shop.customers.operations.customers import CUSTOMERS


async def find_customer(connection: Connection, customer_id: UUID) -> CustomerRecord | None:
    """The record of a customer, None where there is none.

    Raises:
        CustomerErased: There is no more.
    """
    try:
        return await read(CUSTOMERS, connection, customer_id)
    except CustomerErased:
        raise
    except NotFound:
        return None
