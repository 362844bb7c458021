"""People see their sessions, and end them.

Source: docs/spec/access.md#sessions.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get
from litestar.params import FromPath

from quote_service.identity.operations.people.own_sessions import end_own_session
from quote_service.identity.tables.refresh_tokens import page_of_sessions
from quote_service.platform.callers.access import PEOPLE
from quote_service.platform.callers.sessions import LiveSession
from quote_service.platform.http.answers import page_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

_LIST = "sessions"
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


@get(
    "/sessions",
    opt={
        "access": PEOPLE,
        "described": Described(answer=LiveSession, answer_example=_EXAMPLE, form="list", query=SessionFilters),
    },
)
async def list_sessions(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List your sessions.

    Newest first, without those that have ended.
    """
    page = read_page(request.scope["query_string"], _LIST, SessionFilters, tuple[UUID])
    parts, at = parts_of(request), from_micros(now_us())
    async with parts[Database].read() as connection:
        rows = await page_of_sessions(
            connection,
            caller_of(request).id,
            at=at,
            seen_after=at - timedelta(seconds=parts[Settings].page_unused_seconds),
            after=None if page.after is None else str(page.after[0]),
            limit=page.limit + 1,
        )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@delete(
    "/sessions/{session_id:uuid}",
    status_code=204,
    opt={"access": PEOPLE, "described": Described(form="nothing")},
)
async def end_session_by_id(request: Request[Any, Any, Any], session_id: FromPath[UUID]) -> Response[None]:
    """End one of your sessions.

    Its refresh token stops working, and so does its cookie; an access token that it gave runs out by itself.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await end_own_session(connection, change_of(request), str(session_id))
    return Response(None, status_code=204)


OWN_SESSIONS = (list_sessions, end_session_by_id)
