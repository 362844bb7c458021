"""The outbox: what has happened, written in the transaction of the effect, for webhooks to tell.

An event that no endpoint wants is not written; whether one does is decided within the transaction, so that an endpoint gets
every event from the one after its creation on. Writers that also keep an audit row name the event there
(`Change.record`). Paths that must stay fast ask in a statement that they send anyway
(`OUTBOX`), so that an event nobody wants costs no document and no round trip. Nothing of it is kept in memory: an endpoint
counts for every process from its commit on.

Source: docs/spec/webhooks.md#events.
"""

from collections.abc import Iterable, Mapping
from itertools import islice, repeat
from types import MappingProxyType
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.event_types import EventType, patterns_of
from quote_service.platform.system.new_ids import new_id

_QUERIES = load_queries(__file__, "outbox")
_PUBLISH = _QUERIES["publish"]
_IS_WANTED = _QUERIES["is_wanted"]
_FORGET = _QUERIES["forget_customer"]
#: What other queries name to ask whether an event is wanted: `EXISTS (SELECT 1 :of_endpoints_wanting $1::text[])`, with
#: `patterns_of(event)`.
OUTBOX: Mapping[str, str] = MappingProxyType({"of_endpoints_wanting": _QUERIES["of_endpoints_wanting"]})

_AT_ONCE = 500


async def publish(
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
    reported = ([UUID(new_id())], event, [subject], [data.decode()])
    await connection.execute(_PUBLISH, *reported, patterns_of(event), [customer_id], [None])


async def publish_many(
    connection: Connection,
    event: EventType,
    objects: Iterable[tuple[str, str, UUID | None]],
    *,
    traceparents: Iterable[str | None] = repeat(None),
) -> None:
    """As `tell`, for many objects: each its id, its JSON and its customer. They are not even looked at where nobody wants them.

    `traceparents` are those of the requests that they are of, where several share the transaction.
    """
    if not await connection.fetchval(_IS_WANTED, patterns_of(event)):
        return
    rest = zip(objects, traceparents, strict=False)
    while batch := list(islice(rest, _AT_ONCE)):
        ids = [UUID(new_id()) for _ in batch]
        batched, causes = zip(*batch, strict=True)
        subjects, data, customers = zip(*batched, strict=True)
        await connection.execute(_PUBLISH, ids, event, subjects, data, patterns_of(event), customers, causes)


async def forget_customer_of_events(connection: Connection, customer_id: UUID) -> None:
    """Erase the references in what was told of a customer."""
    await connection.execute(_FORGET, customer_id)
