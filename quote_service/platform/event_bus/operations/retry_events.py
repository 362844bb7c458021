"""Try again what could not be handled.

Source: docs/spec/event-bus.md#dead-letters.
"""

from collections.abc import Mapping

from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.handle_batch import Group, pause_seconds, reason_of
from quote_service.platform.event_bus.tables.dead_letters import note_failed, take_due, take_out
from quote_service.platform.event_bus.tables.handled import mark_handled
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.traces import Work, work_span


async def retry_next(database: Database, groups: Mapping[str, Group], meters: BusMeters) -> bool:
    """Try the event that has been due longest; whether there was one.

    Raises:
        Unavailable: PostgreSQL gave no answer; the attempt does not count.
    """
    with work_span("process", "consumer", has_causes_later=True) as span:
        return await _retry_next(database, groups, meters, span)


async def _retry_next(database: Database, groups: Mapping[str, Group], meters: BusMeters, span: Work) -> bool:
    async with database.transaction() as connection:
        letter = await take_due(connection, list(groups))
        if letter is None:
            return False
        group = groups[letter.group]
        span.caused_by([letter.traceparent])
        span.worked(f"process {group.topic}", **{"messaging.consumer.group.name": group.name})
        try:
            async with connection.transaction():  # a savepoint: what failed leaves nothing behind but the note
                if await mark_handled(connection, group.name, [letter.event.id]):
                    await group.handle(connection, [letter.event])
        except Unavailable:
            raise
        except Exception as failure:  # noqa: BLE001 (as in handle_batch: it is kept with the reason)
            attempts = letter.attempts + 1
            is_dead = attempts >= group.attempts_max
            await note_failed(
                connection,
                letter.id,
                reason_of(failure),
                is_dead=is_dead,
                due_seconds=pause_seconds(attempts=attempts),
            )
            meters.note_consumed(group.name, "dead" if is_dead else "failed")
        else:
            await take_out(connection, letter.id)
            meters.note_consumed(group.name, "handled")
    return True
