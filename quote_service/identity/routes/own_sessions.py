"""People see their sessions, and end them.

Source: docs/spec/access.md#sessions.
"""

from datetime import timedelta
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.identity.operations.people.own_sessions import end_own_session
from quote_service.identity.tables.refresh_tokens import page_of_sessions
from quote_service.platform.callers.access import PEOPLE, Caller
from quote_service.platform.callers.sessions import LiveSession
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a60",
    "kind": "pages",
    "begun_by": "password",
    "device": "Firefox on Linux",
    "started_at": "2026-03-02T08:30:00Z",
    "last_used_at": "2026-03-02T09:12:00Z",
    "expires_at": "2026-03-02T20:30:00Z",
}


class SessionFilters(msgspec.Struct, frozen=True):
    """All of them."""


@get("/sessions", access=PEOPLE, example=_EXAMPLE, cursor=Cursor("sessions", ("id",)))
async def list_sessions(
    connection: Reading, caller: Caller, settings: Settings, page: Page[SessionFilters, tuple[UUID]]
) -> list[LiveSession]:
    """List your sessions.

    Newest first, without those that have ended.
    """
    at = from_micros(now_us())
    return await page_of_sessions(
        connection,
        caller.id,
        at=at,
        seen_after=at - timedelta(seconds=settings.page_unused_seconds),
        after=None if page.after is None else str(page.after[0]),
        limit=page.limit + 1,
    )


@delete("/sessions/{session_id:uuid}", access=PEOPLE)
async def end_session_by_id(change: WritingChange, session_id: FromPath[UUID]) -> None:
    """End one of your sessions.

    Its refresh token stops working, and so does its cookie; an access token that it gave runs out by itself.
    """
    await end_own_session(change, str(session_id))


OWN_SESSIONS = (list_sessions, end_session_by_id)
