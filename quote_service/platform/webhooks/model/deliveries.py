"""Deliveries: what became of an event at an endpoint, and when the next attempt is due.

Source: docs/spec/webhooks.md#deliveries.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.event_types import EventType

DeliveryState = Literal["pending", "delivered", "parked"]

#: After the first failure, the second and so on; then always the last.
PAUSES_SECONDS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0)
#: Each pause is up to this share shorter or longer, so that what failed together does not come again together.
JITTER = 0.25
#: How long attempts are made.
TRY_SECONDS = 24 * 3600
REPLAYED_MAX = 10_000
#: Of the last answer so much is kept, for whoever looks for the mistake.
ANSWER_LETTERS = 500


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event at an endpoint."""

    id: UUID
    """The event, and the header `webhook-id` of every attempt."""
    endpoint_id: UUID
    """Where it is delivered."""
    type: str
    """Type of the event."""
    subject: str
    """Id of the object that the event is about."""
    time: datetime
    """When it happened."""
    state: Annotated[DeliveryState, Renamed("status")]
    """`pending`, `delivered`, or `parked`: given up until it is replayed."""
    attempts: int
    """How many attempts have been made."""
    next_attempt_at: datetime | None
    """When the next attempt is due; null when none is."""
    last_attempt_at: datetime | None
    """When the last attempt ended; null before the first."""
    last_status: int | None
    """Status that the endpoint answered last; null where it gave none."""
    last_error: str | None
    """Why the last attempt failed; null where it did not."""
    last_answer: str | None
    """The beginning of the last answer that was no success; null where there was none."""
    last_seconds: float | None
    """How long the last attempt took."""
    ended_at: datetime | None
    """When it was delivered or parked; null while it is pending."""


class DeliveryDetail(Delivery, frozen=True, kw_only=True):
    """A delivery with what is sent."""

    event: msgspec.Raw
    """The event, as CloudEvents 1.0."""


class ReplayRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which deliveries to send again."""

    from_: Annotated[datetime, msgspec.Meta(tz=True)] | None = msgspec.field(default=None, name="from")
    """Only events from this instant on."""
    to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Only events before this instant."""
    state: Annotated[Literal["parked", "pending"], Renamed("status")] = "parked"
    """`parked` for those that were given up; `pending` for those that wait for their next attempt."""


class Replayed(msgspec.Struct, frozen=True):
    """How many deliveries are sent again."""

    replayed: int
    """How many deliveries are due now."""
    has_more: bool
    """Whether there are more: repeat the request for the next ones."""


class DueDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery taken to be attempted, with what an attempt needs; secrets are sealed."""

    endpoint_id: UUID
    event_id: UUID
    type: EventType
    subject: str
    data: str
    told_at: datetime
    traceparent: str | None
    url: str
    secret: bytes
    secret_key_id: str
    former_secret: bytes | None
    former_secret_key_id: str | None
    attempts: int
    attempts_in_row: int
    is_test: bool
    is_failing: bool


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended; `error` None is success. `is_gone`: the endpoint wants nothing any more."""

    status: int | None = None
    error: str | None = None
    answer: str | None = None
    seconds: float = 0.0
    wait_seconds: float = 0.0
    is_gone: bool = False


def pause_seconds(failures_in_row: int, chance: float) -> float:
    """How long to wait after so many failures, at least 1.

    Args:
        failures_in_row: Since the event was told, or replayed.
        chance: From 0 to 1: where in the range around the pause.
    """
    pause = PAUSES_SECONDS[min(failures_in_row, len(PAUSES_SECONDS)) - 1]
    return pause * (1 - JITTER + 2 * JITTER * chance)
