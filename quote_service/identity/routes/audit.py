"""What was changed, by whom: the audit log for admins.

Source: docs/spec/access.md#audit-log.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.postgres.audit_log import AuditFilter, RecordedChange, page_of_changes
from quote_service.platform.system.instants import to_micros

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class AuditQuery(msgspec.Struct, frozen=True, rename={"from_instant": "from", "to_instant": "to"}):
    """What to look for; `from <= at < to`."""

    object_kind: str | None = None
    """Only changes of objects of this kind, such as `pricing_rule`."""
    object_id: str | None = None
    """Only changes of the object with this id."""
    actor: str | None = None
    """Only changes made by this user or API key, by id."""
    action: str | None = None
    """Only changes of this kind, such as `api_key.revoke`."""
    change_set_id: UUID | None = None
    """Only changes that this change set made when it was published or rolled back."""
    from_instant: _Instant | None = None
    """Only changes at or after this instant."""
    to_instant: _Instant | None = None
    """Only changes before this instant."""


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


_EXAMPLE = {
    "id": 17,
    "at": "2026-03-01T09:00:00Z",
    "actor": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "actor_kind": "user",
    "action": "api_key.revoke",
    "object_kind": "api_key",
    "object_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "request_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "change_set_id": None,
    "before": {"revoked_at": None},
    "after": {"revoked_at": "2026-03-01T09:00:00Z"},
}


@get(access=ADMINS, answer=AuditRow, example=_EXAMPLE, cursor=Cursor("audit", ("id",)))
async def list_changes(
    connection: Reading, page: Page[AuditQuery, tuple[Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]]]
) -> list[RecordedChange]:
    """List audit log entries.

    Who changed what, newest first.
    """
    wanted = page.filters
    return await page_of_changes(
        connection,
        AuditFilter(
            object_kind=wanted.object_kind,
            object_id=wanted.object_id,
            actor=wanted.actor,
            action=wanted.action,
            change_set_id=wanted.change_set_id,
            from_us=None if wanted.from_instant is None else to_micros(wanted.from_instant),
            to_us=None if wanted.to_instant is None else to_micros(wanted.to_instant),
        ),
        before_id=page.after_id,
        limit=page.limit + 1,
    )


audit = Router("/api/v1/audit", route_handlers=[list_changes])
