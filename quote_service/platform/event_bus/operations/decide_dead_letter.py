"""Admins have dead letters tried again, or discard them; and have a group read again.

Source: docs/spec/event-bus.md#dead-letters; docs/spec/event-bus.md#replay.
"""

from datetime import timedelta
from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.event_bus.model.dead_letters import DeadLetter, LetterUnreadable, RetriedLetters
from quote_service.platform.event_bus.model.groups import GROUPS, RELAY
from quote_service.platform.event_bus.model.status import EventReplayDraft, ReplayAsked
from quote_service.platform.event_bus.tables.dead_letters import (
    hold_dead_letter,
    make_all_due,
    make_due,
    publish_again,
    read_dead_letter,
    take_out,
)
from quote_service.platform.event_bus.tables.replays import ask_replay
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.instants import from_micros

RETRIED_MAX = 10_000


async def retry_dead_letter(connection: Connection, change: Change, letter_id: UUID) -> DeadLetter:
    """Have a letter tried again now: handled by its group, or published where the bus had refused it.

    Returns:
        The letter as it was before, where it is published again and gone by that; else as it is.

    Raises:
        NotFound: There is no such letter.
        LetterUnreadable: It holds no event.
    """
    letter = await hold_dead_letter(connection, letter_id)
    if letter.data is None:
        raise LetterUnreadable("The message is no event, so nothing can be tried again; discard it")
    await _audit(connection, change, "event.retry", letter)
    if letter.consumer_group == RELAY:
        await publish_again(connection, letter_id)
        await take_out(connection, letter_id)
        return letter
    await make_due(connection, letter_id)
    return await read_dead_letter(connection, letter_id)


async def retry_dead_letters(connection: Connection, change: Change, group: str) -> RetriedLetters:
    """Have dead letters of a group tried again now, the oldest first; at most RETRIED_MAX."""
    count = await make_all_due(connection, group, RETRIED_MAX)
    await record_change(
        connection,
        change,
        action="event.retry",
        object_kind="event_group",
        object_id=group,
        before=None,
        after=write_document({"dead_letters": count}),
    )
    return RetriedLetters(count, has_more=count == RETRIED_MAX)


async def discard_dead_letter(connection: Connection, change: Change, letter_id: UUID) -> None:
    """Give a letter up; the audit log tells which event it was.

    Raises:
        NotFound: There is no such letter.
    """
    letter = await hold_dead_letter(connection, letter_id)
    await _audit(connection, change, "event.discard", letter)
    await take_out(connection, letter_id)


async def replay_events(
    connection: Connection, change: Change, wanted: EventReplayDraft, keep_days: int
) -> ReplayAsked:
    """Have a group read again what was published from an instant on; its consumers do so within seconds.

    Raises:
        Invalid: There is no such group, or the instant is too long ago or still to come.
    """
    topic = GROUPS.get(wanted.consumer_group)
    if topic is None:
        raise Invalid.at("/consumer_group", f"must be one of {', '.join(GROUPS)}")
    now = from_micros(change.at_us)
    if not now - timedelta(days=keep_days) <= wanted.since <= now:
        raise Invalid.at("/from", f"must be within the last {keep_days} days")
    asked = ReplayAsked(wanted.consumer_group, topic, wanted.since)
    await ask_replay(connection, asked.consumer_group, topic, asked.since, change.actor)
    await record_change(
        connection,
        change,
        action="event.replay",
        object_kind="event_group",
        object_id=asked.consumer_group,
        before=None,
        after=write_document(asked),
    )
    return asked


async def _audit(connection: Connection, change: Change, action: str, letter: DeadLetter) -> None:
    await record_change(
        connection,
        change,
        action=action,
        object_kind="event_dead_letter",
        object_id=str(letter.id),
        before=write_document(
            {"consumer_group": letter.consumer_group, "topic": letter.topic, "event_id": str(letter.event_id)}
        ),
        after=None,
    )
