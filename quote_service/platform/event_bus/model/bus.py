"""What a bus is to those who use it; `tables/redis_bus.py` and `tables/kafka_bus.py` are the two there are.

Every method raises Unavailable where the bus gives no answer. Delivery is at least once: an event that was published, or
delivered, just before something failed comes again.

Source: docs/spec/event-bus.md#delivery.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from quote_service.platform.event_bus.model.events import Event, Topic

#: What a message calls the span that has written its event: a field of an entry, or a header.
TRACEPARENT = "traceparent"
UNTRACED: Mapping[UUID, str] = MappingProxyType({})


class Delivery(NamedTuple):
    """One message as it was read: the event, or what is wrong with it."""

    partition: int
    #: The entry's id of a stream, or the offset of a partition.
    position: str
    message: bytes
    event: Event | None
    fault: str = ""
    #: Of what has written the event, as the message says it beside the event.
    traceparent: str | None = None


class Refused(NamedTuple):
    """An event that the bus takes neither now nor later, and why."""

    event: Event
    reason: str


class PartitionLag(NamedTuple):
    """How far a group is behind in a partition: events that wait, and since when the oldest of them does."""

    partition: int
    waiting: int
    oldest_at: datetime | None


#: What runs the bus, as spans name it.
BusSystem = Literal["redis", "kafka"]


class EventConsumer(Protocol):
    """One member of a group that reads a topic; partitions are shared out among the members."""

    system: BusSystem

    async def read(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """Up to `limit` messages of the partitions that are this member's, those of a partition in order."""

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """What was read has been handled; what its partition has lost to another member meanwhile is left to that."""

    async def forget(self) -> None:
        """What was read and not acknowledged is read again."""

    async def partitions(self) -> frozenset[int]:
        """Those that are this member's now."""

    async def rewind(self, partition: int, since: datetime) -> None:
        """Read a partition of this member's again, from what was published at the instant or later."""

    async def close(self) -> None:
        """Leave the group, for others to go on at once."""


class EventBus(Protocol):
    """Where events go, and come from."""

    system: BusSystem

    async def publish(self, events: Sequence[Event], traceparents: Mapping[UUID, str] = UNTRACED) -> list[Refused]:
        """Publish events, those of a key in their order; returns when all but those that it answers are kept.

        `traceparents` are those of what has written them, by the event's id.
        """

    async def consumer(self, group: str, topic: Topic) -> EventConsumer:
        """Join a group; one that is new begins with the oldest event there is."""

    async def lag(self, group: str, topic: Topic) -> list[PartitionLag]:
        """How far a group is behind."""

    async def trim(self, keep_days: int) -> None:
        """Let go of what is older, where the bus does not by itself."""

    async def close(self) -> None:
        """Close what is open."""
