"""How the bus fares, as it is shown.

Source: docs/spec/event-bus.md#lag.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.event_bus.model.events import Topic


class GroupPosition(msgspec.Struct, frozen=True):
    """How far a consumer group is behind in one partition of a topic."""

    consumer_group: str
    """The group."""
    topic: Topic
    """What it reads."""
    partition: int
    """The partition, from 0."""
    waiting: int
    """Events that the group has not handled."""
    oldest_at: datetime | None
    """When the oldest of them was published; `null` if none waits."""
    measured_at: datetime
    """When this was found out."""


class OutboxStatus(msgspec.Struct, frozen=True):
    """Events that wait to be published."""

    waiting: int
    """How many, counted up to 1,000,000."""
    oldest_seconds: float
    """How long the oldest has waited."""


class DeadLetterCount(msgspec.Struct, frozen=True):
    """Dead letters of a consumer group."""

    consumer_group: str
    """The group that could not handle them; `relay`: the bus refused them."""
    retrying: int
    """Those that are tried again."""
    dead: int
    """Those that wait for somebody."""


class BusReach(msgspec.Struct, frozen=True):
    """Whether the bus answers."""

    state: Annotated[Literal["reachable", "away", "unknown"], Renamed("status")]
    """`away`: a background process asked and got no answer, so nothing is published. `unknown`: none has asked for a minute."""
    since: datetime | None
    """Since when the status is so; `null` where it is `unknown`."""
    checked_at: datetime | None
    """When a background process asked last; `null` for never."""
    detail: str | None
    """Why there was no answer; `null` unless the status is `away`."""


class BusStatus(msgspec.Struct, frozen=True):
    """The event bus."""

    bus: Literal["redis", "kafka"]
    """What carries the events."""
    reach: BusReach
    """Whether it answers."""
    outbox: OutboxStatus
    """Events on their way to it."""
    groups: list[GroupPosition]
    """How far each consumer group is behind, by partition; empty until a background process has measured it."""
    dead_letters: list[DeadLetterCount]
    """Events that could not be handled, by group."""


class EventReplayDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to read again."""

    consumer_group: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """The group that reads again, such as `behaviour`."""
    since: Annotated[datetime, msgspec.Meta(tz=True), Renamed("from")]
    """Events published at this instant or later are read again; at most as long ago as `QUOTE_EVENT_KEEP_DAYS`."""


class ReplayAsked(msgspec.Struct, frozen=True):
    """What the consumers of a group were asked."""

    consumer_group: str
    """The group that reads again, within seconds."""
    topic: Topic
    """What it reads."""
    since: Annotated[datetime, Renamed("from")]
    """From when on."""
