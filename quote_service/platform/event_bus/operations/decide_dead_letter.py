"""Admins have dead letters tried again, or discard them; and have a group read again.

Source: docs/spec/event-bus.md#dead-letters; docs/spec/event-bus.md#replay.
"""

from datetime import timedelta
from uuid import UUID

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
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid

RETRIED_MAX = 10_000


async def retry_dead_letter(change: Change, letter_id: UUID) -> DeadLetter:
    """Have a letter tried again now: handled by its group, or published where the bus had refused it.

    Returns:
        The letter as it was before, where it is published again and gone by that; else as it is.

    Raises:
        NotFound: There is no such letter.
        LetterUnreadable: It holds no event.
    """
    letter = await hold_dead_letter(change.connection, letter_id)
    if letter.data is None:
        raise LetterUnreadable("The message is no event, so nothing can be tried again; discard it")
    await _audit(change, "event.retry", letter)
    if letter.consumer_group == RELAY:
        await publish_again(change.connection, letter_id)
        await take_out(change.connection, letter_id)
        return letter
    await make_due(change.connection, letter_id)
    return await read_dead_letter(change.connection, letter_id)


async def retry_dead_letters(change: Change, group: str) -> RetriedLetters:
    """Have dead letters of a group tried again now, the oldest first; at most RETRIED_MAX."""
    count = await make_all_due(change.connection, group, RETRIED_MAX)
    await change.record("event.retry", None, {"dead_letters": count}, kind="event_group", object_id=group)
    return RetriedLetters(count, has_more=count == RETRIED_MAX)


async def discard_dead_letter(change: Change, letter_id: UUID) -> None:
    """Give a letter up; the audit log says which event it was.

    Raises:
        NotFound: There is no such letter.
    """
    letter = await hold_dead_letter(change.connection, letter_id)
    await _audit(change, "event.discard", letter)
    await take_out(change.connection, letter_id)


async def replay_events(change: Change, wanted: EventReplayDraft, keep_days: int) -> ReplayAsked:
    """Have a group read again what was published from an instant on; its consumers do so within seconds.

    Raises:
        Invalid: There is no such group, or the instant is too long ago or still to come.
    """
    topic = GROUPS.get(wanted.consumer_group)
    if topic is None:
        raise Invalid.at("/consumer_group", f"must be one of {', '.join(GROUPS)}")
    now = change.at
    if not now - timedelta(days=keep_days) <= wanted.since <= now:
        raise Invalid.at("/from", f"must be within the last {keep_days} days")
    asked = ReplayAsked(wanted.consumer_group, topic, wanted.since)
    await ask_replay(change.connection, asked.consumer_group, topic, asked.since, change.actor)
    await change.record("event.replay", None, asked, kind="event_group", object_id=asked.consumer_group)
    return asked


async def _audit(change: Change, action: str, letter: DeadLetter) -> None:
    await change.record(
        action,
        {"consumer_group": letter.consumer_group, "topic": letter.topic, "event_id": str(letter.event_id)},
        kind="event_dead_letter",
        object_id=letter.id,
    )
