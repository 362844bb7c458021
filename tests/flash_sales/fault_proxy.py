"""A TCP proxy that can hold back, cut one way, or swallow the answer to a request it knows by its bytes."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class FaultProxy:
    """Between a client and a server on loopback, in the running event loop.

    `drop_replies_to` counts down: while it is above zero, a request that holds `marker` reaches the server, and the
    connection is closed instead of answered. `is_cut` swallows what the server says. `delay_seconds` holds it back.
    """

    def __init__(self, port: int, marker: bytes = b"") -> None:
        self._target = port
        self._marker = marker
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.drop_replies_to = 0
        self.dropped = 0
        self.is_cut = False
        self.delay_seconds = 0.0

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._join(reader, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        swallow = asyncio.Event()

        async def forward() -> None:
            while part := await reader.read(65536):
                if self.drop_replies_to > 0 and self._marker in part:
                    self.drop_replies_to -= 1
                    self.dropped += 1
                    swallow.set()
                up_writer.write(part)
                await up_writer.drain()

        async def backward() -> None:
            while part := await up_reader.read(65536):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                if swallow.is_set():
                    return
                if not self.is_cut:
                    writer.write(part)
                    await writer.drain()

        tasks = [asyncio.create_task(forward()), asyncio.create_task(backward())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            up_writer.close()
