"""A stream of events that tell a client to ask for its flags again.

Source: docs/spec/ofrep.md#events.
"""

import asyncio
from collections.abc import AsyncGenerator

import msgspec
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.rulebook.ofrep.operations.flag_states import FlagStates
from quote_service.rulebook.ofrep.routes.evaluate import EVALUATORS, REFUSED

# A client that still listens then connects again, perhaps to another worker.
_STREAM_SECONDS = 900.0
_RETRY_MS = 2000
_EVENT = 'id: {state}\nevent: message\ndata: {{"type":"refetchEvaluation","etag":"{state}"}}\n\n'


class EventsQuery(msgspec.Struct, frozen=True):
    """From where on a client wants to hear."""

    since: str | None = None
    """State of the flags that the client has, as `eventStreams` names it. `Last-Event-ID` comes before it."""


@get(
    "/events",
    access=EVALUATORS,
    form="events",
    query=EventsQuery,
    request_headers={"Last-Event-ID": "Id of the last event received; later events are sent at once."},
    example=_EVENT.format(state="9c1185a5c5e9fc5461208089"),
    refused=REFUSED,
    tag="OFREP",
)
async def stream_ofrep_events(request: AnyRequest) -> Stream:
    """Stream changes of feature flags (OFREP).

    Server-sent events whose data has the type `refetchEvaluation`: some flag has changed, or a start, an end or a step
    of a ramp has been reached. The stream ends when the credentials it was opened with expire or are revoked.
    """
    caller, states = caller_of(request), parts_of(request)[FlagStates]
    seen = request.headers.get("last-event-id") or request.query_params.get("since")
    states.state(of_all=True)  # refused, rather than broken off, where there is none yet
    events = _events(states, seen, sees_all=not caller.is_customer)
    return Stream(
        while_admitted(request, events, is_of_browsers=True),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(states: FlagStates, seen: str | None, *, sees_all: bool) -> AsyncGenerator[bytes, None]:
    clock = asyncio.get_running_loop().time
    ends_at = clock() + _STREAM_SECONDS
    with states.listening():
        reported = states.state(of_all=sees_all)
        # An id alone is no event to a client, but what it will send as Last-Event-ID.
        first = f"id: {reported}\n\n" if seen in (None, "", reported) else _EVENT.format(state=reported)
        yield f"retry: {_RETRY_MS}\n{first}".encode()
        while clock() < ends_at:
            await states.wait()
            state = states.state(of_all=sees_all)
            yield b": \n\n" if state == reported else _EVENT.format(state=state).encode()
            reported = state
