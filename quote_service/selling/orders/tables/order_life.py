"""What becomes of an order: its status, changed by one statement with its conditions, and an event for each change.

Source: docs/spec/orders.md#life.
"""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.event_types import EventType, patterns_of
from quote_service.platform.system.instants import from_micros
from quote_service.selling.orders.model.order import OrderAction, OrderStatus
from quote_service.selling.orders.model.records import OrderEvent

STATEMENTS = Statements(__file__, "order_life", OUTBOX)
_EVENTS_OF_ACTIONS: Mapping[OrderAction, EventType] = MappingProxyType(
    {"fulfil": "order.fulfilled", "cancel": "order.cancelled", "refund": "refund.created"}
)


@STATEMENTS.query(arguments={"at_us": from_micros})
async def mark_fulfilled(connection: Connection, order_id: UUID, at_us: int) -> OrderStatus | None:
    """The status from now on; None where the order cannot be fulfilled, or there is none."""


@STATEMENTS.query(arguments={"at_us": from_micros})
async def mark_cancelled(connection: Connection, order_id: UUID, at_us: int) -> OrderStatus | None:
    """As `mark_fulfilled`."""


@STATEMENTS.query()
async def write_event(
    connection: Connection,
    change: Author,
    order_id: UUID,
    action: OrderAction,
    status: OrderStatus,
    reason: str | None,
    wanted_by: list[str],
) -> bool:
    """Note what was done to an order; whether an endpoint wants what is `wanted_by` these patterns."""


async def insert_event(
    connection: Connection, change: Author, order_id: UUID, action: OrderAction, status: OrderStatus, reason: str | None
) -> bool:
    """Note what was done to an order, whose row the transaction holds.

    Returns:
        Whether an endpoint wants the event of it.
    """
    wanted_by = patterns_of(_EVENTS_OF_ACTIONS[action])
    return await write_event(connection, change, order_id, action, status, reason, wanted_by)


@STATEMENTS.query()
async def events_of(connection: Connection, order_id: UUID) -> list[OrderEvent]:
    """What was done to an order since it was placed."""
