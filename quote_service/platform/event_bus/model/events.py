"""An event as it goes over the bus, and the topics that there are.

Source: docs/spec/event-bus.md#events.
"""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

Topic = Literal["price-updates", "competitor-data", "user-behavior", "decisions"]
TOPICS: tuple[Topic, ...] = get_args(Topic)

#: What the data of an event may be long, in bytes; brokers refuse messages of a megabyte.
DATA_BYTES_MAX = 262_144


class Event(msgspec.Struct, frozen=True):
    """What has happened to a product.

    Attributes:
        id: A version-7 UUID, the same however often the event comes.
        topic: What it is about.
        key: What keeps order: events of one key come in the order in which they were told. A product's id.
        type: Such as `price.changed`.
        at: When it was told.
        data: JSON.
    """

    id: UUID
    topic: Topic
    key: str
    type: str
    at: datetime
    data: msgspec.Raw


class EventUnreadable(ValueError):
    """Bytes that are no event; says why."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def write_event(event: Event) -> bytes:
    """The event as one JSON object: what a message of the bus holds."""
    return _encoder.encode(event)


def read_event(message: bytes) -> Event:
    """The event that a message holds.

    Raises:
        EventUnreadable: It holds none.
    """
    try:
        event = _decoder.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise EventUnreadable(f"no event: {fault}") from None
    if event.id.version != 7 or event.at.tzinfo is None:
        raise EventUnreadable("no event: its id is no version-7 UUID, or its instant has no offset")
    return event
