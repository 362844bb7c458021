"""Replays as they are asked for, kept and shown.

Source: docs/spec/replay.md.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.platform.system.errors import Conflict, Forbidden
from quote_service.steering.replay.model.replay_warnings import ReplayWarning
from quote_service.steering.replay.model.supposed_change import SupposedChange

Status = Literal["queued", "running", "done", "failed", "cancelled"]
FailureCode = Literal["too-many-quotes", "process-ended", "not-understood"]
KEPT_HOURS = 24
ATTEMPTS_MAX = 5
# A quote is issued at most this long before it is accepted: the longest that a quote may last.
ISSUED_BEFORE = timedelta(days=1, hours=1)


class TooManyReplays(Conflict):
    code = "too-many-replays"
    title = "Too many replays"


class ReplayEnded(Conflict):
    code = "replay-ended"
    title = "Replay already ended"


class NotYourReplay(Forbidden):
    code = "not-your-replay"
    title = "Not your replay"


class ReplayOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A replay that is wanted: of quotes accepted from `from_us` up to `to_us`, of which a share is drawn.

    `change_set_id` is the change set that asks, None where none does. `places` are the pointers of what is asked for, by those
    of the change, where they are others.
    """

    from_us: int
    to_us: int
    change: SupposedChange
    sample: Decimal = Decimal(1)
    change_set_id: UUID | None = None
    places: Mapping[str, str] = {}


class ReplayFailure(msgspec.Struct, frozen=True):
    """Why a replay failed."""

    code: FailureCode
    """Which failure it is, for programs."""
    detail: str
    """What went wrong, for people."""


class ReplayRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A replay without its result."""

    id: UUID
    """Identifies the replay."""
    status: Status
    """How far it is: `queued`, `running`, `done`, `failed` or `cancelled`."""
    from_: datetime = msgspec.field(name="from")
    """Quotes accepted from this instant on are replayed."""
    to: datetime
    """Quotes accepted before this instant are replayed."""
    sample: Decimal
    """Share of the quotes that is replayed, from 0 to 1."""
    change_set_id: UUID | None
    """The change set that the replay belongs to; null for none."""
    warnings: list[ReplayWarning]
    """What is assumed and changes nothing, or less than it seems to."""
    quotes: int | None
    """How many quotes are to be replayed; null until they have been counted."""
    quotes_done: int
    """How many quotes have been replayed."""
    error: ReplayFailure | None
    """Why the replay failed; null if it has not."""
    created_by: str
    """Who started it: the id of a user or an API key."""
    created_at: datetime
    """When it was started."""
    started_at: datetime | None
    """When work on it began; null while it waits."""
    finished_at: datetime | None
    """When it ended; null while it has not."""
    expires_at: datetime | None
    """Until when it is kept; null while it has not ended."""
