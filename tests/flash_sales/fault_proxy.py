"""A TCP proxy that can hold back, cut one way, or swallow the answer to a request it knows by its bytes."""

from __future__ import annotations

import asyncio
from typing import Literal

Way = Literal["requests", "replies"]
LOOK_SECONDS = 0.005


class FaultProxy:
    """Between a client and a server on loopback, in the running event loop.

    `drop_replies_to` counts down: while it is above zero, a request that holds `marker` reaches the server, and the
    connection is closed instead of answered. `delay_seconds` holds every part back. `cut` holds what goes that way back
    for as long as it is set: as with packets that are sent again, it arrives late, when nobody may wait for it any more.
    `cut_behind` is cut as soon as a request that holds `marker` has gone through. `last_words` are what every reply that ends
    with `marker` is followed by.
    """

    def __init__(self, port: int, marker: bytes = b"") -> None:
        self._target = port
        self._marker = marker
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.drop_replies_to = 0
        self.dropped = 0
        self.cut: set[Way] = set()
        self.cut_behind: set[Way] = set()
        self.delay_seconds = 0.0
        self.last_words = b""

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the one that a coroutine would be given complains when it is cancelled.
        task = asyncio.create_task(self._join(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        swallow = asyncio.Event()
        ways = [
            asyncio.create_task(self._carry("requests", reader, far_writer, swallow)),
            asyncio.create_task(self._carry("replies", far_reader, writer, swallow)),
        ]
        try:
            # What a client sent before it went away still arrives.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ways:
                each.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.close()
            writer.close()

    async def _carry(
        self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallow: asyncio.Event
    ) -> None:
        try:
            while part := await reader.read(65536):
                if way == "requests" and self.drop_replies_to > 0 and self._marker in part:
                    self.drop_replies_to -= 1
                    self.dropped += 1
                    swallow.set()
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                while way in self.cut:  # noqa: ASYNC110 (what cuts it sets no event)
                    await asyncio.sleep(LOOK_SECONDS)
                if way == "replies" and swallow.is_set():
                    return
                has_ended = way == "replies" and part.endswith(self._marker)
                writer.write(part + self.last_words if has_ended else part)
                if way == "requests" and self.cut_behind and self._marker in part:
                    self.cut |= self.cut_behind
                await writer.drain()
        except OSError:
            return  # an end was lost, and so the other is
