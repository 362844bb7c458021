"""Publish what waits in the outbox: one lane at a time, the oldest first, by any number of processes.

The rows stay until the bus has them. A process that dies in between has published them, and the next one does it again:
that is what consumers know events by their ids for.

Source: docs/spec/event-bus.md#outbox.
"""

from quote_service.platform.event_bus.model.bus import EventBus
from quote_service.platform.event_bus.model.groups import RELAY
from quote_service.platform.event_bus.model.spans import messaging
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.tables.dead_letters import put_aside
from quote_service.platform.event_bus.tables.outbox import first_of_lane, take_lane, take_out
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.traces import usable_traceparent, work_span

ROWS_AT_ONCE = 500


async def relay_outbox(database: Database, bus: EventBus, meters: BusMeters, *, limit: int = ROWS_AT_ONCE) -> int:
    """Publish the oldest rows of one lane; how many there were.

    Raises:
        Unavailable: PostgreSQL or the bus gave no answer; the rows stay.
    """
    with work_span("send", "client", has_causes_later=True) as span:
        async with database.transaction() as connection:
            lane = await take_lane(connection)
            if lane is None:
                return 0
            rows = await first_of_lane(connection, lane, limit)
            span.caused_by(row.traceparent for row in rows)
            topics = sorted({row.event.topic for row in rows})
            span.worked(" ".join(("send", *topics)), **messaging(bus.system, "send", topics, len(rows)))
            traceparents = {
                row.event.id: traceparent
                for row in rows
                if (traceparent := usable_traceparent(row.traceparent)) is not None
            }
            refused = await bus.publish([row.event for row in rows], traceparents)
            crash_point("after_event_published")
            for event, reason in refused:
                # Kept for a person: everything behind it in the lane would wait for it else.
                traceparent = traceparents.get(event.id)
                await put_aside(connection, RELAY, event, reason, traceparent=traceparent, is_dead=True)
            await take_out(connection, lane, rows)
    given_up = {event.id for event, _ in refused}
    for row in rows:
        if row.event.id not in given_up:
            meters.note_published(row.event.topic)
    return len(rows)
