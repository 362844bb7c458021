"""What was changed, by whom: the audit log for admins.

Source: spec 8.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get

from quote_service.api.described import Described
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.cursors import read_page, write_cursor
from quote_service.api.wire.documents import list_envelope
from quote_service.domain.access import ADMINS
from quote_service.domain.instants import to_micros
from quote_service.postgres.audit_log import AuditFilter, RecordedChange, page_of_changes

_LIST = "audit"
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class AuditQuery(msgspec.Struct, frozen=True, rename={"from_instant": "from", "to_instant": "to"}):
    """What to look for; `from <= at < to`."""

    object_kind: str | None = None
    object_id: str | None = None
    actor: str | None = None
    action: str | None = None
    from_instant: _Instant | None = None
    to_instant: _Instant | None = None


class AuditRow(msgspec.Struct, frozen=True):
    """One change; `before` and `after` are the object as it was and as it became, null where it was not there."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    object_kind: str
    object_id: str
    request_id: str
    before: Any
    after: Any


_EXAMPLE = {
    "id": 17,
    "at": "2026-03-01T09:00:00Z",
    "actor": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "actor_kind": "user",
    "action": "api_key.revoke",
    "object_kind": "api_key",
    "object_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
    "request_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5d",
    "before": {"revoked_at": None},
    "after": {"revoked_at": "2026-03-01T09:00:00Z"},
}


@get(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(answer=AuditRow, answer_example=_EXAMPLE, form="list", query=AuditQuery),
    },
)
async def list_changes(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Who changed what, newest first."""
    page = read_page(
        request.scope["query_string"], _LIST, AuditQuery, tuple[Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]]
    )
    wanted = page.filters
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_changes(
            connection,
            AuditFilter(
                object_kind=wanted.object_kind,
                object_id=wanted.object_id,
                actor=wanted.actor,
                action=wanted.action,
                from_us=None if wanted.from_instant is None else to_micros(wanted.from_instant),
                to_us=None if wanted.to_instant is None else to_micros(wanted.to_instant),
            ),
            before_id=None if page.after is None else page.after[0],
            limit=page.limit + 1,
        )
    return _page(rows, page.limit)


def _page(rows: list[RecordedChange], limit: int) -> Response[bytes]:
    cursor = write_cursor(_LIST, (rows[limit - 1].id,)) if len(rows) > limit else None
    return Response(list_envelope(rows[:limit], cursor), media_type="application/json")


audit = Router("/api/v1/audit", route_handlers=[list_changes])
