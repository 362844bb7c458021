"""The outbox: what has happened, written in the transaction of the effect, for webhooks to tell.

An event that no endpoint wants is not written; whether one does is decided within the transaction, so that an endpoint gets
every event from the one after its creation on. Writers that also keep an audit row name the event there
(`audit_log.record_change(..., told="rate.created")`); paths that must stay fast ask `EventInterest` first.

Source: docs/spec/webhooks.md#events.
"""

import time
from collections.abc import Iterable
from itertools import islice
from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.system.event_types import EVENT_TYPES, EventType, patterns_of
from quote_service.system.new_ids import new_id

_QUERIES = load_queries(__file__, "outbox")
_TELL = _QUERIES["tell"]
_IS_WANTED = _QUERIES["is_wanted"]
_FORGET = _QUERIES["forget_customer"]
_WANTED_TYPES = _QUERIES["wanted_types"]

#: How old the knowledge of who wants what may be before nothing is left out by it.
KNOWN_FOR_SECONDS = 1.0
_AT_ONCE = 500


class EventInterest:
    """Which events somebody wants, as this process knows it; one look costs a fraction of a microsecond.

    While that was not confirmed within the last second it answers yes: `tell` then decides by what is committed.
    """

    __slots__ = ("_known_until", "_wanted")

    def __init__(self) -> None:
        self._wanted: frozenset[str] = frozenset()
        self._known_until = 0.0

    def confirm(self, patterns: Iterable[str], asked_at: float) -> None:
        """Take over what endpoints asked for as of `asked_at` (`time.monotonic()`, before the question)."""
        asked = frozenset(patterns)
        self._wanted = frozenset(event for event in EVENT_TYPES if not asked.isdisjoint(patterns_of(event)))
        self._known_until = asked_at + KNOWN_FOR_SECONDS

    def wants(self, event: EventType) -> bool:
        """Whether the event may be wanted."""
        return event in self._wanted or time.monotonic() > self._known_until


async def tell(
    connection: Connection, event: EventType, subject: str, data: bytes, *, customer_id: UUID | None = None
) -> None:
    """Write an event and its deliveries, if anybody wants it.

    Args:
        connection: Inside the transaction of the effect.
        event: What has happened.
        subject: The id of the object that it happened to.
        data: The object's JSON as a GET shows it. No names, addresses or e-mail addresses: these are for those who may read them.
        customer_id: Whom it is about: the reference in it is erased with the customer.
    """
    told = ([UUID(new_id())], event, [subject], [data.decode()])
    await connection.execute(_TELL, *told, patterns_of(event), [customer_id])


async def tell_many(connection: Connection, event: EventType, objects: Iterable[tuple[str, str, UUID | None]]) -> None:
    """As `tell`, for many objects: each its id, its JSON and its customer. They are not even looked at where nobody wants them."""
    if not await connection.fetchval(_IS_WANTED, patterns_of(event)):
        return
    rest = iter(objects)
    while batch := list(islice(rest, _AT_ONCE)):
        ids = [UUID(new_id()) for _ in batch]
        subjects, data, customers = zip(*batch, strict=True)
        await connection.execute(_TELL, ids, event, subjects, data, patterns_of(event), customers)


async def forget_customer_of_events(connection: Connection, customer_id: UUID) -> None:
    """Erase the references in what was told of a customer."""
    await connection.execute(_FORGET, customer_id)


async def wanted_types(connection: Connection) -> list[str]:
    """What the enabled endpoints have asked for, all together."""
    return [row["event_type"] for row in await connection.fetch(_WANTED_TYPES)]
