"""Tell the bus what has happened, within the transaction in which it does.

Nothing is sent here: the row is there if, and only if, what it tells of is. A background process publishes it.

Source: docs/spec/event-bus.md#outbox.
"""

from collections.abc import Sequence

from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.tables.outbox import write_events
from quote_service.platform.postgres.pool import Connection


async def publish_to_bus(connection: Connection, topic: Topic, key: str, kind: str, data: bytes) -> None:
    """Write one event.

    Args:
        connection: Inside the transaction of the effect.
        topic: What it is about.
        key: What keeps order, the product's id: events of one key come in the order in which they were told.
        kind: The type, such as `decision.applied`.
        data: A JSON object of at most 256 KiB. Nothing of a person: no names, addresses, ids of customers or users.

    Raises:
        Invalid: The data is too long, or the key or type is none.
    """
    await write_events(connection, topic, kind, [(key, data)])


async def publish_many_to_bus(
    connection: Connection, topic: Topic, kind: str, reported: Sequence[tuple[str, bytes]]
) -> None:
    """As `publish_to_bus`, for many events of one type: each its key and its data."""
    await write_events(connection, topic, kind, reported)
