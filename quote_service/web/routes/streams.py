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
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from litestar.response import Stream

from quote_service.identity.operations.guests import guests_at
from quote_service.platform.http.callers import address_of
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Overloaded, TooMany
from quote_service.web.routes.api_events import ApiEvents, ServerEvent, merged
from quote_service.web.routes.own_api import Query
from quote_service.web.routes.page import Page, PageRequest, page_of
from quote_service.web.routes.stream_words import AGAIN, part_event

STREAMS: Final = "streams"
_RETRY_SECONDS = 10
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEPT = b": \n\n"

Parts = AsyncIterable[tuple[str, str]]
"""What is to be shown now: pieces of HTML, each by the name of the part that it becomes."""


class StreamLimits(NamedTuple):
    """How many streams of pages one process keeps open: `in_all`, of them for `guests`, of one `address`, of one `person`."""

    in_all: int
    guests: int
    address: int
    person: int

    @classmethod
    def of(cls, settings: Settings) -> "StreamLimits":
        """As they are set."""
        return cls(
            settings.page_streams,
            settings.page_streams_guests,
            settings.page_streams_address,
            settings.page_streams_person,
        )


class Viewer(NamedTuple):
    """Who keeps a page open: a person, or the guests of one address; `name` is empty where no address is known."""

    name: str
    is_guest: bool


class OpenPages:
    """The streams of pages that are open in this process. What guests may not have is kept for people who are signed in."""

    __slots__ = ("_guests", "_limits", "_of")

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._of: Counter[str] = Counter()
        self._guests = 0

    def take(self, viewer: Viewer) -> "OpenPage":
        """A place for one more stream, until it is given back.

        Raises:
            TooMany: The person, or the address, has as many as one may.
            Overloaded: The process has as many as it takes, or the guests have all that are theirs.
        """
        limits, (name, is_guest) = self._limits, viewer
        if name and self._of[name] >= (limits.address if is_guest else limits.person):
            raise TooMany("You have too many pages open", retry_after_seconds=_RETRY_SECONDS)
        if self._of.total() >= limits.in_all or (is_guest and self._guests >= limits.guests):
            raise Overloaded("Too many pages are open", retry_after_seconds=_RETRY_SECONDS)
        self._of[name] += 1
        self._guests += is_guest
        return OpenPage(partial(self._give_back, viewer))

    def _give_back(self, viewer: Viewer) -> None:
        self._guests -= viewer.is_guest
        self._of[viewer.name] -= 1
        if not self._of[viewer.name]:
            del self._of[viewer.name]


class OpenPage:
    """One place of `OpenPages`."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def close(self) -> None:
        """Give it back, once."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()

    # An answer whose client leaves before it begins is never run, so that nothing in it would close this.
    __del__ = close


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
    place: OpenPage,
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
    if page.person is not None:
        return Viewer(page.person.user.id, is_guest=False)
    address = address_of(request)
    return Viewer(guests_at(address) if address else "", is_guest=True)


def _pages_of(request: PageRequest) -> OpenPages:
    pages = request.app.state[STREAMS]
    assert isinstance(pages, OpenPages)
    return pages
