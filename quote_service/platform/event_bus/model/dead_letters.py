"""Events that could not be handled, as they are shown.

Source: docs/spec/event-bus.md#dead-letters.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Conflict

LetterState = Literal["retrying", "dead"]


class DeadLetter(msgspec.Struct, frozen=True):
    """An event that a consumer group could not handle."""

    id: UUID
    """The letter's id."""
    consumer_group: str
    """The group that could not handle it; `relay` if the bus refused it."""
    topic: str
    """The topic that it was read from, or was to be published to."""
    event_id: UUID
    """The event's id, the same for each group; one of its own if the message is no event."""
    key: str | None
    """The event's key, usually a product's id."""
    type: str | None
    """The event's type; `null` if the message is no event."""
    at: datetime | None
    """When the event was told."""
    data: Annotated[msgspec.Raw | None, msgspec.Meta(description="The event's data.")]
    raw: str | None
    """What the message held, if it is no event."""
    state: Annotated[LetterState, Renamed("status")]
    """`retrying` until its attempts are used up, then `dead`."""
    attempts: int
    """How often it was tried."""
    last_error: str
    """Why it failed last."""
    next_attempt_at: datetime | None
    """When it is tried next; `null` if it is dead."""
    failed_at: datetime
    """When it first failed."""
    last_failed_at: datetime
    """When it last failed."""


class RetriedLetters(msgspec.Struct, frozen=True):
    """What is tried again."""

    retried: int
    """Dead letters that are tried again now."""
    has_more: bool
    """Whether there may be more: ask again then."""


class LetterUnreadable(Conflict):
    """The message is no event."""

    code = "event-unreadable"
    title = "Message is no event"
