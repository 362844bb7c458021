"""Parts of a page that change while it is looked at: what the API streams, drawn by the server as the page itself is.

A page's own stream is a route that says so in its options, beside whom it is for::

    @get("/admin/overview/stream", opt={"page": FOR_STAFF, "is_stream": True})
    async def stream_overview(request: PageRequest) -> Stream:
        return await stream_parts(request, "/api/v1/analytics/live/stream", _parts)

and its page marks what changes, which `live.js` then keeps current::

    <div data-stream="/admin/overview/stream"> ... <div data-live="figures"> ... </div></div>

Source: docs/spec/web.md#live-parts.
"""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from litestar.response import Stream

from quote_service.system.errors import Overloaded, TooMany
from quote_service.web.routes.api_events import ApiEvents, ServerEvent, merged
from quote_service.web.routes.own_api import Query
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.stream_words import AGAIN, part_event

STREAMS: Final = "streams"
# Of one process: a stream costs some ten kilobytes, and a drawing with each event.
STREAMS_MAX = 500
STREAMS_OF_ONE_MAX = 20
_RETRY_SECONDS = 10
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEPT = b": \n\n"

Parts = AsyncIterable[tuple[str, str]]
"""What is to be shown now: pieces of HTML, each by the name of the part that it becomes."""


class OpenPages:
    """The streams of pages that are open in this process."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    def require_room(self, who: str) -> None:
        """See to it that somebody may open one more; nobody ("") has as much as there is.

        Raises:
            Overloaded: The process has as many as it takes.
            TooMany: They have opened so many already.
        """
        if self._of.total() >= STREAMS_MAX:
            raise Overloaded("Too many pages are open", retry_after_seconds=_RETRY_SECONDS)
        if who and self._of[who] >= STREAMS_OF_ONE_MAX:
            raise TooMany("You have too many pages open", retry_after_seconds=_RETRY_SECONDS)

    @contextmanager
    def held(self, who: str) -> Iterator[None]:
        """Count one of somebody's while it is open."""
        self._of[who] += 1
        try:
            yield
        finally:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]


async def stream_parts(
    request: PageRequest,
    path: str,
    parts_of_event: Callable[[Page, ServerEvent], Parts],
    query: Query | None = None,
    *,
    also: Sequence[tuple[str, Query | None]] = (),
) -> Stream:
    """Answer with the parts of a page as they change with what the API streams at a path, and at the paths of `also`.

    The API's stream ends with the token of the page, after a minute; then the browser asks anew, by its cookie. So whoever
    has signed out sees nothing more after that minute.

    Raises:
        ApiRefused: The API does not stream it to this person.
        Overloaded: Too many pages are open.
        TooMany: Of this person.
    """
    page = page_of(request)
    pages = _pages_of(request)
    who = page.person.user.id if page.person is not None else ""
    pages.require_room(who)
    heard: list[ApiEvents] = []
    try:
        for each, asked in ((path, query), *also):
            heard.append(await page.api.stream(each, asked))
    except BaseException:
        for opened in heard:
            opened.close()
        raise
    return Stream(_events(pages, who, page, heard, parts_of_event), media_type="text/event-stream", headers=_HEADERS)


async def _events(
    pages: OpenPages,
    who: str,
    page: Page,
    heard: Sequence[ApiEvents],
    parts_of_event: Callable[[Page, ServerEvent], Parts],
) -> AsyncGenerator[bytes, None]:
    try:
        with pages.held(who):
            async for event in merged([each.events() for each in heard]):
                yield _KEPT
                async for name, html in parts_of_event(page, event):
                    yield part_event(name, html)
            yield AGAIN
    finally:
        for each in heard:
            each.close()


def _pages_of(request: PageRequest) -> OpenPages:
    pages = request.app.state[STREAMS]
    assert isinstance(pages, OpenPages)
    return pages
