"""Events that could not be handled, as rows: those to be tried again, and those that wait for a person.

Source: docs/spec/event-bus.md#dead-letters.
"""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec
from asyncpg import Record

from quote_service.platform.event_bus.model.bus import Delivery
from quote_service.platform.event_bus.model.dead_letters import DeadLetter
from quote_service.platform.event_bus.model.events import Event, Topic
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "dead_letters")

RAW_BYTES_MAX = 65_536
#: What ids of messages that are no events are made from: the same message has the same id.
_NO_EVENT = UUID("6f0c1b0e-3f5d-5d0b-9a53-0a8f7f4f2b11")


class DueLetter(NamedTuple):
    """A letter to be tried again, held by the transaction."""

    id: UUID
    group: str
    event: Event
    attempts: int
    traceparent: str | None


def _shown(row: Record) -> DeadLetter:
    fields = dict(row)
    data, raw = fields.pop("data"), fields.pop("raw")
    return DeadLetter(
        **fields,
        data=None if data is None else msgspec.Raw(data.encode()),
        raw=None if raw is None else raw.decode("utf-8", "replace"),
    )


async def put_aside(
    connection: Connection,
    group: str,
    event: Event,
    error: str,
    *,
    traceparent: str | None,
    is_dead: bool = False,
    due_seconds: float = 0.0,
) -> None:
    """Keep an event that a group could not handle, to be tried again in so many seconds or, dead, for a person."""
    what = (event.id, event.key, event.type, event.at, bytes(event.data).decode())
    await connection.execute(
        STATEMENTS["put_aside"], group, event.topic, *what, error or "failed", is_dead, due_seconds, traceparent
    )


async def put_aside_raw(connection: Connection, group: str, topic: Topic, delivery: Delivery) -> None:
    """Keep a message that is no event, as far as RAW_BYTES_MAX."""
    identity = uuid5(_NO_EVENT, f"{topic} {delivery.partition} {delivery.position}")
    await connection.execute(
        STATEMENTS["put_aside_raw"],
        group,
        topic,
        identity,
        delivery.message[:RAW_BYTES_MAX],
        delivery.fault or "no event",
    )


async def take_due(connection: Connection, groups: list[str]) -> DueLetter | None:
    """The letter of these groups that has been due longest, held; None where none is."""
    row = await connection.fetchrow(STATEMENTS["take_due"], groups)
    if row is None:
        return None
    event = Event(row["event_id"], row["topic"], row["key"], row["type"], row["at"], msgspec.Raw(row["data"].encode()))
    return DueLetter(row["id"], row["consumer_group"], event, row["attempts"], row["traceparent"])


async def note_failed(
    connection: Connection, letter_id: UUID, error: str, *, is_dead: bool, due_seconds: float
) -> None:
    """One more attempt at a held letter has failed."""
    await connection.execute(STATEMENTS["note_failed"], letter_id, error or "failed", is_dead, due_seconds)


@STATEMENTS.query()
async def take_out(connection: Connection, letter_id: UUID) -> None:
    """Remove a held letter."""


@STATEMENTS.query()
async def take_out_handled(connection: Connection, group: str, event_ids: Collection[UUID]) -> None:
    """Remove letters of events that have come again, and were handled now."""


@STATEMENTS.query(missing="There is no such dead letter", row=_shown)
async def read_dead_letter(connection: Connection, letter_id: UUID) -> DeadLetter:
    """A letter.

    Raises:
        NotFound: There is none.
    """


async def hold_dead_letter(connection: Connection, letter_id: UUID) -> DeadLetter:
    """A letter, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["hold_dead_letter"], letter_id)
    return await read_dead_letter(connection, letter_id)


@STATEMENTS.query()
async def make_due(connection: Connection, letter_id: UUID) -> None:
    """Try a held letter again now."""


@STATEMENTS.query()
async def publish_again(connection: Connection, letter_id: UUID) -> None:
    """Put the event of a held letter back into the outbox."""


@STATEMENTS.query()
async def make_all_due(connection: Connection, group: str, limit: int) -> Affected:
    """Try dead letters of a group again now, the oldest first; how many."""


@STATEMENTS.query()
async def count_by_group(connection: Connection) -> dict[tuple[str, str], int]:
    """How many letters there are by group and state."""


@STATEMENTS.query()
async def forget_old(connection: Connection, days: int, limit: int) -> Affected:
    """Forget dead letters that last failed so long ago; how many."""


LETTER_ROWS = ListedRows(
    DeadLetter,
    STATEMENTS["dead_letters"],
    order="-id",
    sorts=("failed_at", "last_failed_at", "next_attempt_at", "attempts"),
    search=("last_error", "type", "key"),
    make=_shown,
)
