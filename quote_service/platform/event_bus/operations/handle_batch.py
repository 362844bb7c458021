"""Handle what a group has read: each event once, whatever comes again, and none so bad that the others wait for it.

A batch is handled in one transaction together with the notes that it was. If that fails, each event is tried alone, and
one that fails alone is put aside: it is tried again later, and kept for a person in the end.

Source: docs/spec/event-bus.md#consumers; docs/spec/event-bus.md#dead-letters.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import structlog

from quote_service.platform.event_bus.model.bus import Delivery
from quote_service.platform.event_bus.model.events import Event, Topic
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.tables.dead_letters import put_aside, put_aside_raw, take_out_handled
from quote_service.platform.event_bus.tables.handled import mark_handled
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.identifiers import uuid7_millis

#: What a group does for events that it has not handled before, in their order, within the transaction. It may be called for
#: several at once, and again after a failure.
Handler = Callable[[Connection, Sequence[Event]], Awaitable[None]]

DAY_MS = 86_400_000
_FIRST_PAUSE_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class Group(NamedTuple):
    """A consumer group: what it reads, and what it does.

    Attributes:
        name: As in `model/groups.py`.
        topic: What it reads.
        handle: What it does.
        attempts_max: After so many failures an event waits for a person.
        keep_days: Older events are not handled: whether they were, nobody knows any more.
    """

    name: str
    topic: Topic
    handle: Handler
    attempts_max: int
    keep_days: int


async def handle_batch(database: Database, group: Group, deliveries: Sequence[Delivery], meters: BusMeters) -> None:
    """Handle messages, or put them aside; they can be acknowledged then.

    Raises:
        Unavailable: PostgreSQL gave no answer; what was not handled comes again.
    """
    events = [delivery.event for delivery in deliveries if delivery.event is not None]
    oldest_ms = now_us() // 1000 - group.keep_days * DAY_MS
    fresh = [event for event in events if (uuid7_millis(event.id) or 0) >= oldest_ms]
    meters.note_consumed(group.name, "expired", len(events) - len(fresh))
    await _keep_unreadable(database, group, deliveries, meters)
    try:
        await _handle(database, group, fresh, meters)
    except Unavailable:
        raise
    except Exception as failure:  # noqa: BLE001 (whatever is wrong with one event must not stop the others; it is kept with the reason)
        _log.warning("event_batch_failed", group=group.name, events=len(fresh), reason=reason_of(failure))
        causes = {delivery.event.id: delivery.traceparent for delivery in deliveries if delivery.event is not None}
        for event in fresh:
            await _handle_alone(database, group, event, causes[event.id], meters)
    crash_point("after_events_commit")


async def _handle(database: Database, group: Group, events: Sequence[Event], meters: BusMeters) -> None:
    if not events:
        return
    async with database.transaction() as connection:
        new = await mark_handled(connection, group.name, [event.id for event in events])
        # Of the same event twice in one batch the first counts.
        unhandled = list({event.id: event for event in reversed(events) if event.id in new}.values())[::-1]
        if unhandled:
            await group.handle(connection, unhandled)
            await take_out_handled(connection, group.name, new)
        crash_point("before_events_commit")
    meters.note_consumed(group.name, "handled", len(unhandled))
    meters.note_consumed(group.name, "repeated", len(events) - len(unhandled))


async def _handle_alone(
    database: Database, group: Group, event: Event, traceparent: str | None, meters: BusMeters
) -> None:
    try:
        await _handle(database, group, [event], meters)
    except Unavailable:
        raise
    except Exception as failure:  # noqa: BLE001 (as above)
        reason, is_dead = reason_of(failure), group.attempts_max <= 1
        async with database.transaction() as connection:
            await put_aside(
                connection,
                group.name,
                event,
                reason,
                traceparent=traceparent,
                is_dead=is_dead,
                due_seconds=pause_seconds(attempts=1),
            )
        meters.note_consumed(group.name, "dead" if is_dead else "failed")
        _log.warning("event_put_aside", group=group.name, event_id=str(event.id), type=event.type, reason=reason)


async def _keep_unreadable(database: Database, group: Group, deliveries: Sequence[Delivery], meters: BusMeters) -> None:
    unreadable = [delivery for delivery in deliveries if delivery.event is None]
    if not unreadable:
        return
    async with database.transaction() as connection:
        for delivery in unreadable:
            await put_aside_raw(connection, group.name, group.topic, delivery)
    meters.note_consumed(group.name, "dead", len(unreadable))
    _log.warning("messages_unreadable", group=group.name, messages=len(unreadable), reason=unreadable[0].fault)


def pause_seconds(*, attempts: int) -> float:
    """How long after so many attempts the next one comes: doubled each time, an hour at most."""
    return float(min(_FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), 3600.0))


def reason_of(failure: Exception) -> str:
    """A failure in words, for people."""
    return f"{type(failure).__name__}: {failure}"[:2000]
