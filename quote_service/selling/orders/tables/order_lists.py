"""Lists of orders, newest first. An id sorts by the instant at which its order was placed.

Source: docs/spec/orders.md#lists.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import to_micros
from quote_service.selling.orders.model.order import OrderStatus

STATEMENTS = Statements(__file__, "order_lists")


class OrderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which orders; None is all. `placed_from <= placed_at < placed_to`; a line has both the seller and the product."""

    customer_id: UUID | None = None
    seller_id: UUID | None = None
    product_id: UUID | None = None
    status: OrderStatus | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None


async def page_of_orders(connection: Connection, wanted: OrderFilter, *, before: UUID | None, limit: int) -> list[UUID]:
    """The ids of up to `limit` orders that pass the filter, newest first, from before one. To be asked within a transaction."""
    await connection.execute(STATEMENTS["plan_for_values"])
    arguments = (
        wanted.customer_id,
        wanted.status,
        wanted.placed_from,
        wanted.placed_to,
        _first_id(wanted.placed_from, 0),
        _first_id(wanted.placed_to, 1),
        before,
        limit,
    )
    if wanted.seller_id is None and wanted.product_id is None:
        rows = await connection.fetch(STATEMENTS["page_of_orders"], *arguments)
    else:
        rows = await connection.fetch(
            STATEMENTS["page_of_orders_by_line"], *arguments, wanted.seller_id, wanted.product_id
        )
    return [row["id"] for row in rows]


def _first_id(at: datetime | None, later_ms: int) -> UUID | None:
    """The least id of an instant's millisecond, or of a later one."""
    return None if at is None else UUID(int=max(0, to_micros(at) // 1000 + later_ms) << 80)
