"""Who works on a replay, how far it is, and how it ends. Everything is written under a lease: whoever has lost it changes nothing.

Source: docs/spec/replay.md#processes.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.replay.model.replays import ReplayFailure

STATEMENTS = Statements(__file__, "replays")

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


@STATEMENTS.query()
async def take_replay(connection: Connection, lease: UUID, *, lease_seconds: float = LEASE_SECONDS) -> Taken | None:
    """The replay that waits longest, or whose process has not been heard of; None where there is none."""


@STATEMENTS.query()
async def keep_lease(
    connection: Connection, replay_id: UUID, lease: UUID, *, lease_seconds: float = LEASE_SECONDS
) -> bool:
    """Say that the process is alive; False where the replay is not its any more."""


@STATEMENTS.query()
async def note_quotes(connection: Connection, replay_id: UUID, lease: UUID, quotes: int) -> None:
    """Note how many quotes there are to replay."""


@STATEMENTS.query()
async def note_progress(
    connection: Connection, replay_id: UUID, lease: UUID, progress: Progress, *, lease_seconds: float = LEASE_SECONDS
) -> bool:
    """Note how far it is; False where the replay is not this process's any more."""


@STATEMENTS.query()
async def give_up_lease(connection: Connection, lease: UUID) -> None:
    """Let another go on at once."""


@STATEMENTS.query()
async def finish_replay(connection: Connection, replay_id: UUID, lease: UUID, result: str, quotes_done: int) -> bool:
    """Write the result; False where the replay is not this process's any more."""


@STATEMENTS.query()
async def fail_replay(connection: Connection, replay_id: UUID, lease: UUID, failure: ReplayFailure) -> None:
    """Write why there is no result."""
