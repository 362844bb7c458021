"""Who works on a replay, how far it is, and how it ends. Everything is written under a lease: whoever has lost it changes nothing.

Source: docs/spec/replay.md#processes.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.steering.replay.model.replays import ReplayFailure

_QUERIES = load_queries(__file__, "replays")
_TAKE = _QUERIES["take_replay"]
_KEEP = _QUERIES["keep_lease"]
_NOTE_QUOTES = _QUERIES["note_quotes"]
_NOTE_PROGRESS = _QUERIES["note_progress"]
_GIVE_UP = _QUERIES["give_up_lease"]
_FINISH = _QUERIES["finish_replay"]
_FAIL = _QUERIES["fail_replay"]

# Without a word for so long a process is taken for dead, and another goes on.
LEASE_SECONDS = 20.0


class Taken(NamedTuple):
    """A replay that is this process's; `position_at`, `position_id` and `tally` are where another left it, None at the beginning."""

    id: UUID
    from_us: int
    to_us: int
    sample: Decimal
    change: str
    attempts: int
    quotes: int | None
    quotes_done: int
    position_at: datetime | None
    position_id: UUID | None
    tally: bytes | None
    traceparent: str | None


class Progress(NamedTuple):
    """How far a replay is, and what it has counted up to there."""

    quotes_done: int
    position_at: datetime
    position_id: UUID
    tally: bytes


async def take_replay(connection: Connection, lease: UUID) -> Taken | None:
    """The replay that waits longest, or whose process has not been heard of; None where there is none."""
    row = await connection.fetchrow(_TAKE, lease, LEASE_SECONDS)
    return None if row is None else Taken(*row)


async def keep_lease(connection: Connection, replay_id: UUID, lease: UUID) -> bool:
    """Say that the process is alive; False where the replay is not its any more."""
    return await connection.fetchval(_KEEP, replay_id, lease, LEASE_SECONDS) is not None


async def note_quotes(connection: Connection, replay_id: UUID, lease: UUID, quotes: int) -> None:
    """Note how many quotes there are to replay."""
    await connection.execute(_NOTE_QUOTES, replay_id, lease, quotes)


async def note_progress(connection: Connection, replay_id: UUID, lease: UUID, progress: Progress) -> bool:
    """Note how far it is; False where the replay is not this process's any more."""
    return await connection.fetchval(_NOTE_PROGRESS, replay_id, lease, *progress, LEASE_SECONDS) is not None


async def give_up_lease(connection: Connection, lease: UUID) -> None:
    """Let another go on at once."""
    await connection.execute(_GIVE_UP, lease)


async def finish_replay(connection: Connection, replay_id: UUID, lease: UUID, result: str, quotes_done: int) -> bool:
    """Write the result; False where the replay is not this process's any more."""
    return await connection.fetchval(_FINISH, replay_id, lease, result, quotes_done) is not None


async def fail_replay(connection: Connection, replay_id: UUID, lease: UUID, failure: ReplayFailure) -> None:
    """Write why there is no result."""
    await connection.execute(_FAIL, replay_id, lease, failure.code, failure.detail)
