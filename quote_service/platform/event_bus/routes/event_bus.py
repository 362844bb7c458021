"""The event bus for admins: how it fares, dead letters, replays: `/api/v1/event-bus`.

Source: docs/spec/event-bus.md#lag; docs/spec/event-bus.md#dead-letters; docs/spec/event-bus.md#replay.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS
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
from quote_service.platform.event_bus.routes.examples import EXAMPLES
from quote_service.platform.event_bus.tables.dead_letters import LETTER_ROWS, read_dead_letter
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings


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


@get(access=ADMINS, message="Event bus")
async def show_event_bus(connection: Reading, settings: Settings) -> BusStatus:
    """Get the state of the event bus.

    How much waits to be published, how far each consumer group is behind, and how many dead letters there are.
    """
    return await read_status(connection, settings)


async def _check_group(_: Connection, asked: LetterFilters) -> None:
    if asked.consumer_group is not None:
        require_group(asked.consumer_group, "/query/consumer_group")


@get("/dead-letters", access=ADMINS, listing=Listing("dead-letters", LETTER_ROWS, LetterFilters))
async def list_dead_letters(rows: ListRequest[DeadLetter]) -> ListAnswer:
    """List dead letters.

    Events that a consumer group could not handle, newest first: those that are tried again, and those that are dead.
    """
    return await rows.answer(check_empty=_check_group)


@get("/dead-letters/{letter_id:uuid}", access=ADMINS, message="Dead letter")
async def show_dead_letter(connection: Reading, letter_id: FromPath[UUID]) -> DeadLetter:
    """Get a dead letter.

    With its event and why it failed last.
    """
    return await read_dead_letter(connection, letter_id)


@post(
    "/dead-letters/{letter_id:uuid}/retry",
    status_code=200,
    access=ADMINS,
    example=examples.RETRIED,
    message="Dead letter due now",
    problems=(LetterUnreadable,),
)
async def try_dead_letter_again(change: WritingChange, letter_id: FromPath[UUID]) -> DeadLetter:
    """Try a dead letter again.

    Its group handles it within seconds; if that fails once more, it is dead again. What the bus refused is published again.
    """
    return await retry_dead_letter(change, letter_id)


@post(
    "/dead-letters/retry",
    status_code=200,
    access=ADMINS,
    body_example={"consumer_group": "behaviour"},
    example={"retried": 12, "has_more": False},
    message="Dead letters due now",
)
async def try_dead_letters_again(change: WritingChange, data: RetryDraft) -> RetriedLetters:
    """Try all dead letters of a group again.

    At most 10,000 at a time, the oldest first; what is no event stays.
    """
    retried = await retry_dead_letters(change, data.consumer_group)
    if not retried.retried:
        require_group(data.consumer_group, "/consumer_group")
    return retried


@delete("/dead-letters/{letter_id:uuid}", access=ADMINS)
async def remove_dead_letter(change: WritingChange, letter_id: FromPath[UUID]) -> None:
    """Discard a dead letter.

    Its event is never handled by this group. The audit log keeps which one it was.
    """
    await discard_dead_letter(change, letter_id)


@post("/replays", status_code=202, access=ADMINS, message="Replay accepted")
async def ask_for_replay(change: WritingChange, settings: Settings, data: EventReplayDraft) -> ReplayAsked:
    """Replay events.

    A consumer group reads again what was published from an instant on, as far as the bus has kept it. What it has handled before has
    no second effect.
    """
    return await replay_events(change, data, settings.event_keep_days)


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
    opt={"examples": EXAMPLES},
)
