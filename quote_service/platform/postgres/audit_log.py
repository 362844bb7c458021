"""The audit log: who changed what, when, from what to what. It can only be added to.

Source: docs/spec/access.md#audit-log.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author

STATEMENTS = Statements(__file__, "audit_log")
_COLUMNS = (
    *("at", "actor", "actor_kind", "action", "object_kind", "object_id", "request_id", "before", "after"),
    "change_set_id",
)
#: An action, the id of its object, and the JSON of the object before and after.
RowOfMany = tuple[str, str, str | None, str | None]


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


@STATEMENTS.query()
async def insert_row(
    connection: Connection,
    author: Author,
    action: str,
    object_kind: str,
    object_id: str,
    before: str | None,
    after: str | None,
) -> None:
    """Write one row, with the object's JSON before and after."""


async def insert_rows(connection: Connection, author: Author, object_kind: str, rows: Iterable[RowOfMany]) -> None:
    """Write the rows of one change to many objects of a kind."""
    by = (author.at, author.actor, author.actor_kind)
    await connection.copy_records_to_table(
        "audit_log",
        records=(
            (*by, action, object_kind, object_id, author.request_id, before, after, author.change_set_id)
            for action, object_id, before, after in rows
        ),
        columns=_COLUMNS,
    )


def _raw(document: str | None) -> msgspec.Raw | None:
    return None if document is None else msgspec.Raw(document.encode())


def _row(values: Any) -> AuditRow:
    return AuditRow(**{**values, "before": _raw(values["before"]), "after": _raw(values["after"])})


AUDIT_ROWS = ListedRows(
    AuditRow,
    STATEMENTS["changes"],
    order="-id",
    sorts=("at", "actor", "action", "object_kind"),
    search=("action", "object_kind", "object_id"),
    conditions={"from_instant": "listed.at >= {}", "to_instant": "listed.at < {}"},
    make=_row,
)
