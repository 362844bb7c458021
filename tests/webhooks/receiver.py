"""A real receiver of webhooks that behaves as a test says: well, slowly, wrongly, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import eventually


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event


Answer = Callable[[Received], bytes | None]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Receiver:
    """What came in; `answers` says what goes back by path: bytes, or None for a reset, or nothing while `hanging`."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    answers: Answer = lambda _: answer(204)
    hanging: bool = False
    connections: int = 0
    under_way: int = 0
    most_at_once: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def ids(self, path: str = "/hook") -> list[str]:
        return [each.id for each in self.requests if each.path == path]

    async def until(self, count: int, path: str = "/hook") -> list[Received]:
        """The requests of a path, once there are so many."""
        await eventually(lambda: len(self.ids(path)) >= count, f"{count} requests of {path}")
        return [each for each in self.requests if each.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                received = Received(first.split(" ")[1], headers, body)
                self.requests.append(received)
                self.under_way += 1
                self.most_at_once = max(self.most_at_once, self.under_way)
                try:
                    if self.hanging:
                        await self.released.wait()
                    given = self.answers(received)
                    if given is None:
                        writer.transport.abort()
                        return
                    writer.write(given)
                    await writer.drain()
                finally:
                    self.under_way -= 1
        writer.close()


@asynccontextmanager
async def receiving(**fields: Any) -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver(**fields)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.close()
        for writer in receiver.writers:
            writer.transport.abort()
        await eventually(lambda: all(map(_is_idle, asyncio.all_tasks())), "the connections have ended")


def _is_idle(task: asyncio.Task[Any]) -> bool:
    return task.done() or "Receiver.serve" not in repr(task.get_coro())
