"""Answers without an end of their own (server-sent events).

A stream of any route is handed through `while_admitted`, and its handler does no more about access::

    return Stream(while_admitted(request, _events(...)), media_type="text/event-stream")

It yields something every few seconds, if only a comment: between two events it hears that the worker is draining.

Source: docs/spec/access.md#people; docs/spec/access.md#streams.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, closing
from typing import Final

from quote_service.identity.operations.guests import network_of
from quote_service.identity.streams.open_streams import OpenStreams
from quote_service.platform.callers.access import Access
from quote_service.platform.http.callers import address_of, caller_of
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.stream_places import StreamPlace, StreamPlaces, Viewer

# Of one route. A page has one stream; a person may have a few pages open.
STREAMS_OF_A_SHOPPER_MAX: Final = 10


def while_admitted(
    request: AnyRequest, events: AsyncGenerator[bytes, None], *, is_of_browsers: bool = False
) -> AsyncIterator[bytes]:
    """The events for as long as who asked for them may: then the answer ends, and asking again is 401 or 403.

    It ends after an event too once the worker is draining.

    Args:
        request: Of a route that is not public.
        events: What is sent.
        is_of_browsers: One API key serves many visitors, so that its streams are counted by their addresses.

    Raises:
        TooMany: The caller, or the address, has so many streams of this route already.
        Overloaded: So many are open in all.
    """
    parts, access = parts_of(request), request.route_handler.opt["access"]
    place = parts[StreamPlaces].take(_viewer(request, is_of_browsers=is_of_browsers))
    return _events(request, access, events, place)


async def _events(
    request: AnyRequest, access: Access, events: AsyncGenerator[bytes, None], place: StreamPlace
) -> AsyncIterator[bytes]:
    parts = parts_of(request)
    heard = parts[OpenStreams].while_admitted(request.scope["headers"], access, events)
    with closing(place):
        async with aclosing(heard) as admitted:
            async for event in admitted:
                yield event
                if parts[Lifecycle].is_draining:
                    return


def _viewer(request: AnyRequest, *, is_of_browsers: bool) -> Viewer:
    caller, address = caller_of(request), address_of(request)
    name = f"{request.scope['path_template']} {caller.id}"
    if caller.is_customer:
        return Viewer(name, is_guest=True, at_most=STREAMS_OF_A_SHOPPER_MAX)
    if caller.kind == "key" and is_of_browsers and address:
        limit = parts_of(request)[Settings].page_streams_address
        return Viewer(f"{name} {network_of(address)}", is_guest=True, at_most=limit)
    return Viewer(name, is_guest=caller.kind == "key", at_most=None)
