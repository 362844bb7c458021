"""Replays of accepted quotes: `/api/v1/analytics/replay`.

Source: docs/spec/replay.md#in-the-api.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import RULEBOOK_TESTERS
from quote_service.platform.documents.documents import envelope, write_document
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.parts import Parts
from quote_service.rulebook.snapshot.operations.check_rulebook import newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.replay.model.documents import ReplayDetail, ReplayDraft, ReplayFilters
from quote_service.steering.replay.model.replays import NotYourReplay, ReplayEnded, ReplayRecord, TooManyReplays
from quote_service.steering.replay.operations.start_replay import cancel_replay, start_replay
from quote_service.steering.replay.routes import examples
from quote_service.steering.replay.routes.read_replay import read_replay_order
from quote_service.steering.replay.tables.replays import change_and_result, page_of_replays, read_replay

_PATH = "/api/v1/analytics/replay"
_LIST = "replays"
_STARTED = "Replay started"
_TAG = "Replay"
_EVENT_SECONDS = 1.0
# A client that still listens then connects anew, perhaps to another worker.
_EVENTS_MAX = 900


@post(
    "/",
    status_code=202,
    opt={
        "access": RULEBOOK_TESTERS,
        "described": Described(
            body=ReplayDraft,
            body_example=examples.DRAFT,
            answer=ReplayRecord,
            answer_example=examples.RECORD,
            message=_STARTED,
            repeatable=True,
            problems=(TooManyReplays,),
            headers={"Location": "The replay."},
            tag=_TAG,
        ),
    },
)
async def start_quote_replay(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Start a replay.

    Prices accepted quotes again in the background, each with the rulebook of its own instant and again with what is assumed.
    Nothing is stored of the quotes, and nothing counts as used. The result is kept for a day.
    """
    parts, at_us = parts_of(request), now_us()
    held = await newest_rulebook(parts[Database], parts[RulebookHolder])
    settings = parts[Settings]
    order = read_replay_order(await request.body(), held, at_us, settings.default_currency or None)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await start_replay(creation.connection, change_of(request), order, at_once_max=settings.replays_max)
        return creation.answer(202, envelope(record, _STARTED), {"Location": f"{_PATH}/{record.id}"})


@get(
    "/",
    opt={
        "access": RULEBOOK_TESTERS,
        "described": Described(
            answer=ReplayRecord, answer_example=examples.RUNNING, form="list", query=ReplayFilters, tag=_TAG
        ),
    },
)
async def list_quote_replays(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List replays.

    Newest first, without their results.
    """
    page = read_page(request.scope["query_string"], _LIST, ReplayFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_replays(
            connection, change_set_id=page.filters.change_set_id, before=before, limit=page.limit + 1
        )
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{replay_id:uuid}",
    opt={
        "access": RULEBOOK_TESTERS,
        "described": Described(answer=ReplayDetail, answer_example=examples.DETAIL, message="Replay", tag=_TAG),
    },
)
async def show_quote_replay(request: Request[Any, Any, Any], replay_id: FromPath[UUID]) -> Response[bytes]:
    """Get a replay.

    How far it is, what it assumes and, once it is done, the result.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        record = await read_replay(connection, replay_id)
        change, result = await change_and_result(connection, replay_id)
    shown: dict[str, Any] = msgspec.structs.asdict(record)
    return one_answer(ReplayDetail(**shown, change=change, result=result), "Replay")  # type: ignore[arg-type]  # stored documents


@get(
    "/{replay_id:uuid}/events",
    opt={
        "access": RULEBOOK_TESTERS,
        "described": Described(form="events", answer_example=examples.EVENTS, tag=_TAG),
    },
)
async def stream_quote_replay(request: Request[Any, Any, Any], replay_id: FromPath[UUID]) -> Stream:
    """Stream the progress of a replay.

    Server-sent events named `progress` with the replay, one whenever it has got on, and at its end one named `ended`, after
    which the stream ends. It also ends when the credentials it was opened with expire or are revoked.
    """
    parts = parts_of(request)
    first = await _record(parts, replay_id)
    return Stream(
        while_admitted(request, _events(parts, replay_id, first)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@delete(
    "/{replay_id:uuid}",
    status_code=204,
    opt={
        "access": RULEBOOK_TESTERS,
        "described": Described(form="nothing", problems=(ReplayEnded, NotYourReplay), tag=_TAG),
    },
)
async def cancel_quote_replay(request: Request[Any, Any, Any], replay_id: FromPath[UUID]) -> Response[None]:
    """Cancel a replay.

    Whoever started it can, and an admin. It stays in the list, without a result, until it expires.
    """
    async with parts_of(request)[Database].transaction() as connection:
        is_admin = "admin" in caller_of(request).roles
        await cancel_replay(connection, change_of(request), replay_id, may_cancel_any=is_admin)
    return Response(None, status_code=204)


async def _record(parts: Parts, replay_id: UUID) -> ReplayRecord:
    async with parts[Database].read() as connection:
        return await read_replay(connection, replay_id)


async def _events(parts: Parts, replay_id: UUID, first: ReplayRecord) -> AsyncGenerator[bytes, None]:
    told: ReplayRecord | None = None
    record = first
    for _ in range(_EVENTS_MAX):
        if record.finished_at is not None:
            yield b"event: ended\ndata: " + write_document(record) + b"\n\n"
            return
        # A comment while there is nothing to tell keeps the connection.
        yield b": \n\n" if record == told else b"event: progress\ndata: " + write_document(record) + b"\n\n"
        told = record
        await asyncio.sleep(_EVENT_SECONDS)
        try:
            record = await _record(parts, replay_id)
        except Unavailable:
            record = told
        except NotFound:
            return


replays = Router(
    _PATH,
    route_handlers=[
        start_quote_replay,
        list_quote_replays,
        show_quote_replay,
        stream_quote_replay,
        cancel_quote_replay,
    ],
)
