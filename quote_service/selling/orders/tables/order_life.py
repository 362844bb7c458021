"""What becomes of an order: its status, changed by one statement with its conditions, and an event for each change.

Source: docs/spec/orders.md#life.
"""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.event_types import EventType, patterns_of
from quote_service.platform.system.instants import from_micros
from quote_service.selling.orders.model.order import OrderAction, OrderStatus
from quote_service.selling.orders.model.records import OrderEvent

_QUERIES = load_queries(__file__, "order_life", OUTBOX)
_FULFIL = _QUERIES["fulfil"]
_CANCEL = _QUERIES["cancel"]
_INSERT_EVENT = _QUERIES["insert_event"]
_EVENTS = _QUERIES["events"]
_EVENTS_OF_ACTIONS: Mapping[OrderAction, EventType] = MappingProxyType(
    {"fulfil": "order.fulfilled", "cancel": "order.cancelled", "refund": "refund.created"}
)


async def mark_fulfilled(connection: Connection, order_id: UUID, at_us: int) -> OrderStatus | None:
    """The status from now on; None where the order cannot be fulfilled, or there is none."""
    status: OrderStatus | None = await connection.fetchval(_FULFIL, order_id, from_micros(at_us))
    return status


async def mark_cancelled(connection: Connection, order_id: UUID, at_us: int) -> OrderStatus | None:
    """As `mark_fulfilled`."""
    status: OrderStatus | None = await connection.fetchval(_CANCEL, order_id, from_micros(at_us))
    return status


async def insert_event(
    connection: Connection, change: Change, order_id: UUID, action: OrderAction, status: OrderStatus, reason: str | None
) -> bool:
    """Note what was done to an order, whose row the transaction holds.

    Returns:
        Whether an endpoint wants the event of it.
    """
    is_wanted: bool = await connection.fetchval(
        _INSERT_EVENT,
        order_id,
        action,
        status,
        from_micros(change.at_us),
        change.actor,
        change.actor_kind,
        change.request_id,
        reason,
        patterns_of(_EVENTS_OF_ACTIONS[action]),
    )
    return is_wanted


async def events_of(connection: Connection, order_id: UUID) -> list[OrderEvent]:
    """What was done to an order since it was placed."""
    return [OrderEvent(**row) for row in await connection.fetch(_EVENTS, order_id)]
