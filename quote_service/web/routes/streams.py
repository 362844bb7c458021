"""Parts of a page that change while it is looked at: what the API streams, drawn by the server as the page itself is.

A page's own stream is a route that says so in its options, beside whom it is for::

    @get("/admin/overview/stream", opt={"page": FOR_STAFF, "is_stream": True})
    async def stream_overview(request: PageRequest) -> Stream:
        return await stream_parts(request, "/api/v1/analytics/live/stream", _parts)

and its page marks what changes, which `live.js` then keeps current::

    <div data-stream="/admin/overview/stream"> ... <div data-live="figures"> ... </div></div>

Source: docs/spec/web.md#live-parts.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from typing import Final

from litestar.response import Stream

from quote_service.identity.operations.guests import guests_at
from quote_service.platform.http.callers import address_of
from quote_service.platform.http.parts import parts_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.stream_places import StreamPlace, StreamPlaces, Viewer
from quote_service.web.routes.api_events import ApiEvents, ServerEvent, merged
from quote_service.web.routes.own_api import Query
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.stream_words import AGAIN, part_event

STREAMS: Final = "streams"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEPT = b": \n\n"

Parts = AsyncIterable[tuple[str, str]]
"""What is to be shown now: pieces of HTML, each by the name of the part that it becomes."""


def page_places(settings: Settings) -> StreamPlaces:
    """The streams of pages that one process keeps open."""
    return StreamPlaces(settings.page_streams, settings.page_streams_guests, "pages")


async def stream_parts(
    request: PageRequest,
    path: str,
    parts_of_event: Callable[[Page, ServerEvent], Parts],
    query: Query | None = None,
    *,
    also: Sequence[tuple[str, Query | None]] = (),
) -> Stream:
    """Answer with the parts of a page as they change with what the API streams at a path, and at the paths of `also`.

    The API's stream ends with the token of the page, after a minute; then the browser asks again, by its cookie. So whoever
    has signed out sees nothing more after that minute.

    Raises:
        ApiRefused: The API does not stream it to this person.
        Overloaded: Too many pages are open.
        TooMany: Of this person, or of guests of this address.
    """
    page = page_of(request)
    place = _pages_of(request).take(_viewer(request, page))
    heard: list[ApiEvents] = []
    try:
        for each, asked in ((path, query), *also):
            heard.append(await page.api.stream(each, asked))
    except BaseException:
        place.close()
        for opened in heard:
            opened.close()
        raise
    return Stream(_events(place, page, heard, parts_of_event), media_type="text/event-stream", headers=_HEADERS)


async def _events(
    place: StreamPlace,
    page: Page,
    heard: Sequence[ApiEvents],
    parts_of_event: Callable[[Page, ServerEvent], Parts],
) -> AsyncGenerator[bytes, None]:
    try:
        async for event in merged([each.events() for each in heard]):
            yield _KEPT
            async for name, html in parts_of_event(page, event):
                yield part_event(name, html)
        yield AGAIN
    finally:
        place.close()
        for each in heard:
            each.close()


def _viewer(request: PageRequest, page: Page) -> Viewer:
    settings = parts_of(request)[Settings]
    if page.person is not None:
        return Viewer(page.person.user.id, is_guest=False, at_most=settings.page_streams_person)
    address = address_of(request)
    # Those of no known address are not one visitor.
    limit = settings.page_streams_address if address else None
    return Viewer(guests_at(address), is_guest=True, at_most=limit)


def _pages_of(request: PageRequest) -> StreamPlaces:
    pages = request.app.state[STREAMS]
    assert isinstance(pages, StreamPlaces)
    return pages
