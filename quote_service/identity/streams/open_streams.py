"""The streams that a worker is sending: each ends with the right to it.

The guard lets a request in once, and a stream goes on from there: so each is held against the credentials that it was
opened with whenever the set of callers changes, and at the instant at which they expire (`event_streams.py`).

Source: docs/spec/access.md#people.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable

from quote_service.identity.operations.credentials import Credentials, caller_of_headers
from quote_service.platform.callers.access import Access, Caller
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.instants import SECOND_US

Headers = Iterable[tuple[bytes, bytes]]
# Looked at again after that at the latest: no timer has to reach further.
_LOOK_SECONDS_MAX = 3600.0


class OpenStreams:
    """All of one worker."""

    __slots__ = ("_credentials", "_open")

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._open: set[_OpenStream] = set()
        credentials.ring.when_replaced = self._look_at_all

    def __len__(self) -> int:
        return len(self._open)

    async def while_admitted(
        self, headers: Headers, access: Access, events: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """The events for as long as these headers open a route with this access; they are closed at the end."""
        stream = _OpenStream(headers, access)
        self._open.add(stream)
        try:
            stream.look(self._credentials)  # the right may have gone since the guard let it in
            while not stream.has_ended:
                event = await stream.next_of(events)
                if event is None:
                    return
                yield event
        finally:
            self._open.discard(stream)
            stream.close()
            await events.aclose()

    def _look_at_all(self) -> None:
        for stream in tuple(self._open):
            stream.look(self._credentials)


class _OpenStream:
    """One stream: whether it has lost its right, and what wakes it while it waits for its next event."""

    __slots__ = ("_access", "_headers", "_timer", "_waiting", "has_ended")

    def __init__(self, headers: Headers, access: Access) -> None:
        self._headers = headers
        self._access = access
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Timeout | None = None
        self.has_ended = False

    def look(self, credentials: Credentials) -> None:
        """End it if its credentials do not hold any more, or look again when they expire."""
        self.close()
        if self.has_ended:
            return
        loop, at_us = asyncio.get_running_loop(), now_us()
        caller = _admitted(self._headers, self._access, credentials, at_us)
        if caller is None:
            self.has_ended = True
            if self._waiting is not None:
                self._waiting.reschedule(loop.time())
        elif caller.expires_at_us is not None:
            left_seconds = (caller.expires_at_us - at_us) / SECOND_US
            self._timer = loop.call_later(min(left_seconds, _LOOK_SECONDS_MAX), self.look, credentials)

    async def next_of(self, events: AsyncGenerator[bytes, None]) -> bytes | None:
        """The next event; None if there is none, or the stream has ended meanwhile."""
        try:
            # Not around what sends the event: the connection is not to be interrupted in the middle of one.
            async with asyncio.timeout(None) as self._waiting:
                event = await anext(events, None)
        except TimeoutError:
            if not self.has_ended:
                raise
            return None
        finally:
            self._waiting = None
        return None if self.has_ended else event

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _admitted(headers: Headers, access: Access, credentials: Credentials, at_us: int) -> Caller | None:
    try:
        caller = caller_of_headers(headers, credentials, at_us)
    except QuoteServiceError:
        return None
    return caller if caller is not None and access.allows(caller) else None
