"""An answer of the API that goes on, as a page hears it: server-sent events, one after the other.

Source: docs/spec/web.md#live-parts; WHATWG HTML, server-sent events.
"""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping, Sequence
from typing import Any

import msgspec
import structlog

from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.http.edge import Application

# Whoever has not taken an event for so long is not there any more.
_UNREAD_SECONDS = 60.0
_AHEAD = 8
_log = structlog.get_logger("quote_service.web")


class ServerEvent(msgspec.Struct, frozen=True):
    """An event: its name, and its data. A comment, by which the API says that it still goes on, has neither."""

    name: str = ""
    data: Any = None


class ApiEvents:
    """One call whose answer goes on; `close` ends it, whatever it is doing."""

    __slots__ = ("_ahead", "_is_answered", "_is_closed", "_task", "headers", "status")

    def __init__(self, app: Application, scope: MutableMapping[str, Any]) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._is_answered = asyncio.Event()
        self._is_closed = asyncio.Event()
        self._ahead: asyncio.Queue[bytes | None] = asyncio.Queue(_AHEAD)
        self._task = asyncio.create_task(self._answer(app, scope))
        self._task.add_done_callback(_log_failure)

    async def answered(self) -> None:
        """Return once the status is known."""
        await self._is_answered.wait()

    async def whole(self) -> bytes:
        """An answer with an end of its own, such as a refusal."""
        return b"".join([piece async for piece in self._pieces()])

    async def file(self) -> AsyncGenerator[bytes, None]:
        """An answer with an end of its own, piece by piece; one that broke off ends with what broke it."""
        async for piece in self._pieces():
            yield piece
        await self._task

    async def events(self) -> AsyncGenerator[ServerEvent, None]:
        """The events, until the API ends them."""
        unread = b""
        async for piece in self._pieces():
            *blocks, unread = (unread + piece).split(b"\n\n")
            for block in blocks:
                yield event_of(block)

    def close(self) -> None:
        """End the call, as a caller does who goes away."""
        self._is_closed.set()
        self._task.cancel()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        while (piece := await self._ahead.get()) is not None:
            yield piece

    async def _answer(self, app: Application, scope: MutableMapping[str, Any]) -> None:
        is_asked = False

        async def receive() -> MutableMapping[str, Any]:
            nonlocal is_asked
            if not is_asked:
                is_asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._is_closed.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
                self._is_answered.set()
            elif message["type"] == "http.response.body":
                if message.get("body"):
                    await self._put(message["body"])
                if not message.get("more_body"):
                    await self._end()  # as a server does: what waits to hear of the caller hears that it is over

        try:
            await app(scope, receive, send)
        finally:
            self._is_answered.set()
            await self._end()

    async def _end(self) -> None:
        if not self._is_closed.is_set():
            self._is_closed.set()
            await self._put(None)

    async def _put(self, piece: bytes | None) -> None:
        async with asyncio.timeout(_UNREAD_SECONDS):
            await self._ahead.put(piece)


async def merged(streams: Sequence[AsyncGenerator[ServerEvent, None]]) -> AsyncGenerator[ServerEvent, None]:
    """The events of several streams as they come, until the first of them ends."""
    if len(streams) == 1:
        async for event in streams[0]:
            yield event
        return
    waited = {asyncio.create_task(_next_of(stream)): stream for stream in streams}
    try:
        while True:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                stream, heard = waited.pop(task), task.result()
                if heard is None:
                    return
                waited[asyncio.create_task(_next_of(stream))] = stream
                yield heard
    finally:
        for task in waited:
            task.cancel()
        await asyncio.gather(*waited, return_exceptions=True)


async def _next_of(stream: AsyncGenerator[ServerEvent, None]) -> ServerEvent | None:
    return await anext(stream, None)


def event_of(block: bytes) -> ServerEvent:
    """One event by its lines. Data that is JSON is a document, exact to the digit."""
    name, lines = "", list[str]()
    for line in block.decode().splitlines():
        field, _, value = line.partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            lines.append(value.removeprefix(" "))
    text = "\n".join(lines)
    return ServerEvent(name, parse_json(text.encode()) if text.startswith(("{", "[")) else text or None)


def _log_failure(task: asyncio.Task[None]) -> None:
    mistake = None if task.cancelled() else task.exception()
    if mistake is not None and not isinstance(mistake, TimeoutError):
        _log.error("stream_failed", exc_info=mistake)
