"""Read what a group has not handled, handle it, and say so to the bus; in that order.

Source: docs/spec/event-bus.md#consumers; docs/spec/event-bus.md#replay.
"""

from quote_service.platform.event_bus.model.bus import EventConsumer
from quote_service.platform.event_bus.model.spans import messaging
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.handle_batch import Group, handle_batch
from quote_service.platform.event_bus.tables.replays import asked_replays, note_done
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.traces import work_span

EVENTS_AT_ONCE = 500


async def consume_next(
    database: Database,
    consumer: EventConsumer,
    group: Group,
    meters: BusMeters,
    *,
    wait_seconds: float,
    limit: int = EVENTS_AT_ONCE,
) -> int:
    """Handle one batch, if anything comes in time; how many messages there were.

    Raises:
        Unavailable: PostgreSQL or the bus gave no answer: the caller lets the consumer forget what it has read.
    """
    deliveries = await consumer.read(limit, wait_seconds)
    if deliveries:
        reported = messaging(consumer.system, "process", {group.topic}, len(deliveries), group.name)
        causes = [delivery.traceparent for delivery in deliveries]
        with work_span(f"process {group.topic}", "consumer", causes=causes) as span:
            span.worked(**reported)
            await handle_batch(database, group, deliveries, meters)
            await consumer.acknowledge(deliveries)
    return len(deliveries)


async def apply_replays(database: Database, consumer: EventConsumer, group: Group) -> None:
    """Go back where somebody has asked for it, in the partitions that are this consumer's.

    Raises:
        Unavailable: As above; what was not noted is done again.
    """
    async with database.read() as connection:
        asked = await asked_replays(connection, group.name, group.topic)
    for replay in asked:
        for partition in sorted(await consumer.partitions() - replay.done):
            with work_span(f"rewind {group.topic}") as span:
                span.worked(**messaging(consumer.system, "rewind", {group.topic}, 0, group.name))
                await consumer.rewind(partition, replay.since)
                async with database.transaction() as connection:
                    await note_done(connection, replay.id, partition)
