"""Replays of accepted quotes: `/api/v1/analytics/replay`.

Source: docs/spec/replay.md#in-the-api.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import RULEBOOK_TESTERS, Caller
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.endpoints.connections import (
    CreatingChange,
    Snapshot,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Location
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.parts import Parts
from quote_service.rulebook.snapshot.operations.check_rulebook import newest_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.steering.replay.model.documents import ReplayDetail, ReplayDraft, ReplayFilters
from quote_service.steering.replay.model.replays import (
    NotYourReplay,
    ReplayEnded,
    ReplayOrder,
    ReplayRecord,
    TooManyReplays,
)
from quote_service.steering.replay.operations.start_replay import cancel_replay, start_replay
from quote_service.steering.replay.routes import examples
from quote_service.steering.replay.routes.examples import EXAMPLES
from quote_service.steering.replay.routes.read_replay import read_replay_order
from quote_service.steering.replay.tables.replays import REPLAY_ROWS, change_and_result, read_replay

_PATH = "/api/v1/analytics/replay"
_TAG = "Replay"
_EVENT_SECONDS = 1.0
# A client that still listens then connects again, perhaps to another worker.
_EVENTS_MAX = 900


async def _order(data: RawBody, database: Database, holder: RulebookHolder, settings: Settings) -> ReplayOrder:
    at_us = now_us()
    held = await newest_rulebook(database, holder)
    return read_replay_order(data, held, at_us, settings.default_currency or None)


@post(
    status_code=202,
    access=RULEBOOK_TESTERS,
    message="Replay started",
    location=Location(f"{_PATH}/{{id}}", "The replay."),
    body=ReplayDraft,
    dependencies={"order": _order},
    problems=(TooManyReplays,),
    tag=_TAG,
)
async def start_quote_replay(change: CreatingChange, settings: Settings, order: ReplayOrder) -> ReplayRecord:
    """Start a replay.

    Prices accepted quotes again in the background, each with the rulebook of its own instant and again with what is assumed.
    Nothing is stored of the quotes, and nothing counts as used. The result is kept for a day.
    """
    return await start_replay(change, order, at_once_max=settings.replays_max)


@get(
    access=RULEBOOK_TESTERS,
    example=examples.RUNNING,
    listing=Listing("replays", REPLAY_ROWS, ReplayFilters),
    tag=_TAG,
)
async def list_quote_replays(rows: ListRequest[ReplayRecord]) -> ListAnswer:
    """List replays.

    Newest first, without their results.
    """
    return await rows.answer()


@get("/{replay_id:uuid}", access=RULEBOOK_TESTERS, message="Replay", tag=_TAG)
async def show_quote_replay(connection: Snapshot, replay_id: FromPath[UUID]) -> ReplayDetail:
    """Get a replay.

    How far it is, what it assumes and, once it is done, the result.
    """
    record = await read_replay(connection, replay_id)
    change, result = await change_and_result(connection, replay_id)
    shown: dict[str, Any] = msgspec.structs.asdict(record)
    return ReplayDetail(**shown, change=change, result=result)  # type: ignore[arg-type]  # stored documents


@get("/{replay_id:uuid}/events", access=RULEBOOK_TESTERS, example=examples.EVENTS, form="events", tag=_TAG)
async def stream_quote_replay(request: AnyRequest, parts: Parts, replay_id: FromPath[UUID]) -> Stream:
    """Stream the progress of a replay.

    Server-sent events named `progress` with the replay, one whenever it has got on, and at its end one named `ended`, after
    which the stream ends. It also ends when the credentials it was opened with expire or are revoked.
    """
    first = await _record(parts, replay_id)
    return Stream(
        while_admitted(request, _events(parts, replay_id, first)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@delete("/{replay_id:uuid}", access=RULEBOOK_TESTERS, problems=(ReplayEnded, NotYourReplay), tag=_TAG)
async def cancel_quote_replay(change: WritingChange, caller: Caller, replay_id: FromPath[UUID]) -> None:
    """Cancel a replay.

    Whoever started it can, and an admin. It stays in the list, without a result, until it expires.
    """
    is_admin = "admin" in caller.roles
    await cancel_replay(change, replay_id, may_cancel_any=is_admin)


async def _record(parts: Parts, replay_id: UUID) -> ReplayRecord:
    async with parts[Database].read() as connection:
        return await read_replay(connection, replay_id)


async def _events(parts: Parts, replay_id: UUID, first: ReplayRecord) -> AsyncGenerator[bytes, None]:
    reported: ReplayRecord | None = None
    record = first
    for _ in range(_EVENTS_MAX):
        if record.finished_at is not None:
            yield b"event: ended\ndata: " + write_document(record) + b"\n\n"
            return
        # A comment while there is nothing to report keeps the connection.
        yield b": \n\n" if record == reported else b"event: progress\ndata: " + write_document(record) + b"\n\n"
        reported = record
        await asyncio.sleep(_EVENT_SECONDS)
        try:
            record = await _record(parts, replay_id)
        except Unavailable:
            record = reported
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
    opt={"examples": EXAMPLES},
)
