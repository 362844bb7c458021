"""What was changed, by whom: the audit log for admins.

Source: docs/spec/access.md#audit-log.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.audit_log import AUDIT_ROWS, AuditRow

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


@get(access=ADMINS, example=_EXAMPLE, listing=Listing("audit", AUDIT_ROWS, AuditQuery))
async def list_changes(rows: ListRequest[AuditRow]) -> ListAnswer:
    """List audit log entries.

    Who changed what, newest first.
    """
    return await rows.answer()


audit = Router("/api/v1/audit", route_handlers=[list_changes])
