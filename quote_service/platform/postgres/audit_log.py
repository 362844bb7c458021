"""The audit log: who changed what, when, from what to what. It can only be added to.

Source: docs/spec/access.md#audit-log.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.postgres.outbox import publish, publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.event_types import EventType
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.records import record_of

_QUERIES = load_queries(__file__, "audit_log")
_INSERT = _QUERIES["insert_change"]
_PAGE = _QUERIES["page_of_changes"]
_COLUMNS = (
    *("at", "actor", "actor_kind", "action", "object_kind", "object_id", "request_id", "before", "after"),
    "change_set_id",
)
_NO_EVENTS: Mapping[str, EventType] = {}


class RecordedChange(msgspec.Struct, frozen=True):
    """One row of the log as it is shown; `before` and `after` are the object's JSON, null where there was none."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    object_kind: str
    object_id: str
    request_id: str
    change_set_id: UUID | None
    before: msgspec.Raw
    after: msgspec.Raw


class AuditFilter(msgspec.Struct, frozen=True):
    """What to look for; None looks for all. `from_us <= at < to_us`."""

    object_kind: str | None = None
    object_id: str | None = None
    actor: str | None = None
    action: str | None = None
    change_set_id: UUID | None = None
    from_us: int | None = None
    to_us: int | None = None


async def record_change(
    connection: Connection,
    change: Change,
    *,
    action: str,
    object_kind: str,
    object_id: str,
    before: bytes | None,
    after: bytes | None,
    event: EventType | None = None,
) -> None:
    """Write one audit row within the caller's transaction, and tell webhooks where they want to know.

    Args:
        connection: Inside the transaction that makes the change.
        change: Its author.
        action: What was done, as `<object kind>.<verb>` such as `rate.create`.
        object_kind: Such as `rate`, `rule`, `flag`, `user`, `api_key`.
        object_id: The object's id.
        before: The object's JSON before; None where there was none.
        after: The object's JSON after; None where nothing is left.
        told: The event that webhooks get, with `after` as its data; None for none.
    """
    await connection.execute(
        _INSERT,
        change.at,
        change.actor,
        change.actor_kind,
        action,
        object_kind,
        object_id,
        change.request_id,
        None if before is None else before.decode(),
        None if after is None else after.decode(),
        change.change_set_id,
    )
    if event is not None and after is not None:
        await publish(connection, event, object_id, after)


async def record_changes(
    connection: Connection,
    change: Change,
    objects: Iterable[tuple[str, str, str | None, str | None]],
    *,
    object_kind: str,
    events: Mapping[str, EventType] = _NO_EVENTS,
) -> None:
    """Write the audit rows of one change to many objects: action, object id, and its JSON before and after.

    `events` names the events that webhooks get, by action.
    """
    at, rows = change.at, list(objects)
    author = (at, change.actor, change.actor_kind)
    await connection.copy_records_to_table(
        "audit_log",
        records=(
            (*author, action, object_kind, object_id, change.request_id, before, after, change.change_set_id)
            for action, object_id, before, after in rows
        ),
        columns=_COLUMNS,
    )
    for action in sorted({row[0] for row in rows} & events.keys()) if events else ():
        await publish_many(
            connection, events[action], ((row[1], row[3], None) for row in rows if row[0] == action and row[3])
        )


async def page_of_changes(
    connection: Connection, wanted: AuditFilter, *, before_id: int | None, limit: int
) -> list[RecordedChange]:
    """Up to `limit` rows that pass the filter, newest first, from below `before_id`."""
    rows = await connection.fetch(
        _PAGE,
        wanted.object_kind,
        wanted.object_id,
        wanted.actor,
        wanted.action,
        None if wanted.from_us is None else from_micros(wanted.from_us),
        None if wanted.to_us is None else from_micros(wanted.to_us),
        before_id,
        limit,
        wanted.change_set_id,
    )
    return [record_of(RecordedChange, row, before=_raw(row["before"]), after=_raw(row["after"])) for row in rows]


def _raw(document: str | None) -> msgspec.Raw:
    return msgspec.Raw(b"null" if document is None else document.encode())
