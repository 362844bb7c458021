"""The outbox as rows: written in the transaction of what happened, taken out when the bus has them.

Source: docs/spec/event-bus.md#outbox.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from quote_service.platform.event_bus.model.events import Event, Topic
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Affected, Statements

STATEMENTS = Statements(__file__, "outbox")

COUNTED_MAX = 1_000_000


class OutboxRow(NamedTuple):
    """An event with its place in its lane, and the span that has written it, where that was traced."""

    seq: int
    event: Event
    traceparent: str | None


class Waiting(NamedTuple):
    """How many rows wait, up to COUNTED_MAX, and for how long the oldest has."""

    events: int
    oldest_seconds: float


async def write_events(connection: Connection, topic: Topic, kind: str, reported: Sequence[tuple[str, bytes]]) -> None:
    """Write events of one type, each of a key and its data, within the transaction of what happened.

    Raises:
        Invalid: The data of one is longer than DATA_BYTES_MAX, or a key is empty or too long.
    """
    if reported:
        keys, data = [key for key, _ in reported], [text.decode() for _, text in reported]
        await connection.execute(STATEMENTS["publish"], topic, kind, keys, data)


@STATEMENTS.query()
async def take_lane(connection: Connection) -> int | None:
    """A lane with rows that nobody publishes of, held until the transaction ends; None where there is none."""


async def first_of_lane(connection: Connection, lane: int, limit: int) -> list[OutboxRow]:
    """The oldest rows of a held lane, in their order."""
    return [
        OutboxRow(
            row["seq"],
            Event(row["id"], row["topic"], row["key"], row["type"], row["at"], msgspec.Raw(row["data"].encode())),
            row["traceparent"],
        )
        for row in await connection.fetch(STATEMENTS["first_of_lane"], lane, limit)
    ]


@STATEMENTS.query()
async def take_out(connection: Connection, lane: int, rows: Sequence[OutboxRow]) -> None:
    """Take rows out of a held lane."""


async def count_waiting(connection: Connection, limit: int = COUNTED_MAX) -> Waiting:
    """What waits to be published."""
    row = await connection.fetchrow(STATEMENTS["waiting"], limit)
    assert row is not None
    return Waiting(row["count"], max(row["oldest_seconds"], 0.0))


@STATEMENTS.query()
async def drop_old(connection: Connection, keep_days: int, rows_max: int, limit: int) -> Affected:
    """Give up on rows older than the days, and on the oldest of more than `rows_max`; how many."""
