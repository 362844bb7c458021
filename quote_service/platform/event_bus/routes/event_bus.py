"""The event bus for admins: how it fares, dead letters, replays: `/api/v1/event-bus`.

Source: docs/spec/event-bus.md#lag; docs/spec/event-bus.md#dead-letters; docs/spec/event-bus.md#replay.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.event_bus.model.dead_letters import (
    DeadLetter,
    LetterState,
    LetterUnreadable,
    RetriedLetters,
)
from quote_service.platform.event_bus.model.events import Topic
from quote_service.platform.event_bus.model.groups import require_group
from quote_service.platform.event_bus.model.status import BusStatus, EventReplayDraft, ReplayAsked
from quote_service.platform.event_bus.operations.decide_dead_letter import (
    discard_dead_letter,
    replay_events,
    retry_dead_letter,
    retry_dead_letters,
)
from quote_service.platform.event_bus.operations.measure_bus import read_status
from quote_service.platform.event_bus.routes import examples
from quote_service.platform.event_bus.tables.dead_letters import page_of_dead_letters, read_dead_letter
from quote_service.platform.http.answers import JSON, one_answer, page_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings

_LIST = "dead-letters"


class LetterFilters(msgspec.Struct, frozen=True):
    """Which dead letters to list."""

    consumer_group: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    """Only those of this group; `relay`: what the bus refused."""
    topic: Topic | None = None
    """Only those of this topic."""
    state: Annotated[LetterState | None, Renamed("status")] = None
    """Only those that are `retrying`, or `dead`."""


class RetryDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead letters to try again."""

    consumer_group: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """Those of this group."""


@get(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(answer=BusStatus, answer_example=examples.STATUS, message="Event bus"),
    },
)
async def show_event_bus(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the state of the event bus.

    How much waits to be published, how far each consumer group is behind, and how many dead letters there are.
    """
    parts = parts_of(request)
    async with parts[Database].read() as connection:
        status = await read_status(connection, parts[Settings])
    return one_answer(status, "Event bus")


@get(
    "/dead-letters",
    opt={
        "access": ADMINS,
        "described": Described(answer=DeadLetter, answer_example=examples.LETTER, form="list", query=LetterFilters),
    },
)
async def list_dead_letters(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List dead letters.

    Events that a consumer group could not handle, newest first: those that are tried again, and those that are dead.
    """
    page = read_page(request.scope["query_string"], _LIST, LetterFilters, tuple[UUID])
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_dead_letters(
            connection,
            group=page.filters.consumer_group,
            topic=page.filters.topic,
            state=page.filters.state,
            before=None if page.after is None else page.after[0],
            limit=page.limit + 1,
        )
    if not rows and page.filters.consumer_group is not None:
        require_group(page.filters.consumer_group, "/query/consumer_group")
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/dead-letters/{letter_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=DeadLetter, answer_example=examples.LETTER, message="Dead letter"),
    },
)
async def show_dead_letter(request: Request[Any, Any, Any], letter_id: FromPath[UUID]) -> Response[bytes]:
    """Get a dead letter.

    With its event and why it failed last.
    """
    async with parts_of(request)[Database].read() as connection:
        letter = await read_dead_letter(connection, letter_id)
    return one_answer(letter, "Dead letter")


@post(
    "/dead-letters/{letter_id:uuid}/retry",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            answer=DeadLetter,
            answer_example=examples.RETRIED,
            message="Dead letter due now",
            problems=(LetterUnreadable,),
        ),
    },
)
async def try_dead_letter_again(request: Request[Any, Any, Any], letter_id: FromPath[UUID]) -> Response[bytes]:
    """Try a dead letter again.

    Its group handles it within seconds; if that fails once more, it is dead again. What the bus refused is published again.
    """
    async with parts_of(request)[Database].transaction() as connection:
        letter = await retry_dead_letter(connection, change_of(request), letter_id)
    return one_answer(letter, "Dead letter due now")


@post(
    "/dead-letters/retry",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            body=RetryDraft,
            body_example={"consumer_group": "behaviour"},
            answer=RetriedLetters,
            answer_example={"retried": 12, "has_more": False},
            message="Dead letters due now",
        ),
    },
)
async def try_dead_letters_again(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Try all dead letters of a group again.

    At most 10,000 at a time, the oldest first; what is no event stays.
    """
    wanted = read_document(await request.body(), RetryDraft)
    async with parts_of(request)[Database].transaction() as connection:
        retried = await retry_dead_letters(connection, change_of(request), wanted.consumer_group)
        if not retried.retried:
            require_group(wanted.consumer_group, "/consumer_group")
    return one_answer(retried, "Dead letters due now")


@delete(
    "/dead-letters/{letter_id:uuid}",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing")},
)
async def remove_dead_letter(request: Request[Any, Any, Any], letter_id: FromPath[UUID]) -> Response[None]:
    """Discard a dead letter.

    Its event is never handled by this group. The audit log keeps which one it was.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await discard_dead_letter(connection, change_of(request), letter_id)
    return Response(None, status_code=204)


@post(
    "/replays",
    status_code=202,
    opt={
        "access": ADMINS,
        "described": Described(
            body=EventReplayDraft,
            body_example=examples.REPLAY,
            answer=ReplayAsked,
            answer_example=examples.ASKED,
            message="Replay accepted",
        ),
    },
)
async def ask_for_replay(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Replay events.

    A consumer group reads again what was published from an instant on, as far as the bus has kept it. What it has handled before has
    no second effect.
    """
    wanted = read_document(await request.body(), EventReplayDraft)
    parts = parts_of(request)
    async with parts[Database].transaction() as connection:
        asked = await replay_events(connection, change_of(request), wanted, parts[Settings].event_keep_days)
    return Response(envelope(asked, "Replay accepted"), status_code=202, media_type=JSON)


event_bus = Router(
    "/api/v1/event-bus",
    route_handlers=[
        show_event_bus,
        list_dead_letters,
        show_dead_letter,
        try_dead_letter_again,
        try_dead_letters_again,
        remove_dead_letter,
        ask_for_replay,
    ],
)
