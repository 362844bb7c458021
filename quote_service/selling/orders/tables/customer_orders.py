"""The orders of one customer.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "customer_orders")
_PAGE = _QUERIES["page_of_customer"]
_FORGET = _QUERIES["forget_customer"]


async def page_of_customer(connection: Connection, customer_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """The ids of up to `limit` orders of a customer, oldest first, from behind one of them."""
    return [row["id"] for row in await connection.fetch(_PAGE, customer_id, after, limit)]


async def forget_customer(connection: Connection, customer_id: UUID) -> None:
    """Take an erased shopper's login out of the orders that the shopper placed."""
    await connection.execute(_FORGET, customer_id)
