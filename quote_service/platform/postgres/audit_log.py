"""The audit log: who changed what, when, from what to what. It can only be added to.

Source: docs/spec/access.md#audit-log.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.outbox import publish, publish_many
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.changes import Change
from quote_service.platform.system.event_types import EventType

_QUERIES = load_queries(__file__, "audit_log")
_INSERT = _QUERIES["insert_change"]
_COLUMNS = (
    *("at", "actor", "actor_kind", "action", "object_kind", "object_id", "request_id", "before", "after"),
    "change_set_id",
)
_NO_EVENTS: Mapping[str, EventType] = {}


class AuditRow(msgspec.Struct, frozen=True):
    """One change; `before` and `after` are the object as it was and as it became, null where it was not there."""

    id: int
    """Identifies the entry; later entries have higher numbers."""
    at: datetime
    """When the change was made."""
    actor: str
    """Id of the user or API key who made the change, or the name of the part of the service that did."""
    actor_kind: str
    """Who made the change: a `user`, an API `key`, or the service itself."""
    action: str
    """What was done, such as `api_key.revoke`."""
    object_kind: str
    """What kind of object was changed."""
    object_id: str
    """Id of the object that was changed."""
    request_id: str
    """`X-Request-ID` of the request that made the change."""
    change_set_id: UUID | None
    """The change set that was published or rolled back by it; null for a change made by itself."""
    before: Any
    """The object before the change; null if there was none."""
    after: Any
    """The object after the change; null if there is none."""


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
    """Write one audit row within the caller's transaction, and notify webhooks where they want to know.

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


def _raw(document: str | None) -> msgspec.Raw | None:
    return None if document is None else msgspec.Raw(document.encode())


def _row(values: Any) -> AuditRow:
    return AuditRow(**{**values, "before": _raw(values["before"]), "after": _raw(values["after"])})


AUDIT_ROWS = ListedRows(
    AuditRow,
    _QUERIES["changes"],
    order="-id",
    sorts=("at", "actor", "action", "object_kind"),
    search=("action", "object_kind", "object_id"),
    conditions={"from_instant": "listed.at >= {}", "to_instant": "listed.at < {}"},
    make=_row,
)
