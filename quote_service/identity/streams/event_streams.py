"""Answers without an end of their own (server-sent events).

A stream of any route is handed through `while_admitted`, and its handler does no more about access::

    return Stream(while_admitted(request, _events(...)), media_type="text/event-stream")

It yields something every few seconds, if only a comment: between two events it hears that the worker is draining.

Source: docs/spec/access.md#people.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from litestar import Request

from quote_service.identity.streams.open_streams import OpenStreams
from quote_service.platform.http.parts import parts_of
from quote_service.platform.system.lifecycle import Lifecycle


async def while_admitted(request: Request[Any, Any, Any], events: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """The events for as long as who asked for them may: then the answer ends, and asking anew is 401 or 403.

    It ends after an event too once the worker is draining.
    """
    parts, access = parts_of(request), request.route_handler.opt["access"]
    # What everybody may hear has no right to it that could end.
    heard = events if access.public else parts[OpenStreams].while_admitted(request.scope["headers"], access, events)
    async with aclosing(heard) as admitted:
        async for event in admitted:
            yield event
            if parts[Lifecycle].is_draining:
                return
