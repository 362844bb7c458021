"""What was asked of consumers to be read again, and how far each group is, as rows.

Source: docs/spec/event-bus.md#replay; docs/spec/event-bus.md#lag.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.event_bus.model.bus import PartitionLag
from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.model.status import GroupPosition
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "replays")


class AskedReplay(NamedTuple):
    """Read again from an instant, but for the partitions in which that is done."""

    id: UUID
    since: datetime
    done: frozenset[int]


@STATEMENTS.query()
async def ask_replay(connection: Connection, group: str, topic: Topic, since: datetime, asked_by: str) -> UUID:
    """Ask the consumers of a group to read again; the id of what was asked."""


@STATEMENTS.query(row=lambda row: AskedReplay(row["id"], row["since"], frozenset(row["partitions"])))
async def asked_replays(connection: Connection, group: str, topic: Topic) -> list[AskedReplay]:
    """What is asked of a group, the oldest first."""


@STATEMENTS.query()
async def note_done(connection: Connection, replay_id: UUID, partition: int) -> None:
    """A partition is read again from there."""


@STATEMENTS.query()
async def forget_done(connection: Connection) -> None:
    """Forget what is done in all partitions in which the group has been found, or was asked a day ago."""


async def write_positions(connection: Connection, found: Mapping[tuple[str, Topic], Sequence[PartitionLag]]) -> None:
    """Write how far each group is with its topic, in the partitions that there are, and forget all others."""
    rows = [(*of, *lag) for of, lags in found.items() for lag in lags]
    await connection.execute(STATEMENTS["write_positions"], *(zip(*rows, strict=True) if rows else [()] * 5))


@STATEMENTS.query()
async def read_positions(connection: Connection) -> list[GroupPosition]:
    """How far each group was found to be, by group and partition."""
