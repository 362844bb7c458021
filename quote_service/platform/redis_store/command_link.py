"""One connection to Redis that is written to and read from without a task, a future or a pool.

The client library makes the connection (address, TLS, credentials, database, Sentinel), and its transport is then spoken
to directly: per command the library costs about as much as pricing a quote. One round of commands is under way at a
time; whoever sent it is called back once, with a reply for each or with nothing.

Source: `docs/performance.md`; redis 8.1, `AbstractConnection.connect`; hiredis 3, `Reader`.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import hiredis
from redis.asyncio import Redis

# A reply is what hiredis makes of it: bytes, None, an integer, a list, or a `ReplyError`.
OnReplies = Callable[[list[Any] | None], None]

# What a server says that is a primary no longer, or not yet: another connection may find the right one.
_GO_ELSEWHERE = ("READONLY", "LOADING", "MASTERDOWN")


class ReplyError(Exception):
    """An error that Redis answered a command with."""


class CommandLink(asyncio.Protocol):
    """A connection of its own beside the client's pool, made by `open` and after any loss made again by it."""

    __slots__ = (
        "_connection",
        "_due",
        "_missing",
        "_on_replies",
        "_pool",
        "_reader",
        "_replies",
        "_streams",
        "_timeout",
        "_transport",
    )

    def __init__(self, client: Redis) -> None:
        self._pool = client.connection_pool
        self._timeout: float = self._pool.connection_kwargs["socket_timeout"]
        self._connection: Any = None
        self._streams: Any = None
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._replies: list[Any] = []
        self._missing = 0
        self._on_replies: OnReplies | None = None
        self._due: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None

    async def open(self) -> None:
        """Connect.

        Raises:
            RedisError: Redis refused the connection, or what it asks for.
            OSError: It cannot be reached, or not in time.
        """
        pool: Any = self._pool  # has no types here
        connection = pool.make_connection()
        await connection.connect()
        writer = connection._writer  # the library shows its transport to nobody; its version is pinned
        transport = writer.transport
        self._reader = hiredis.Reader(replyError=ReplyError)
        # The library's own stream goes on being told that the connection is lost, or closing it would wait for ever.
        self._connection, self._streams = connection, transport.get_protocol()
        transport.set_protocol(self)
        transport.resume_reading()
        self._transport = transport

    def send(self, pieces: list[bytes], count: int, on_replies: OnReplies) -> None:
        """Send packed commands, this many, in pieces; only while the link is open and nothing is under way."""
        assert self._transport is not None
        assert self._on_replies is None
        self._missing, self._on_replies = count, on_replies
        self._due = asyncio.get_running_loop().call_later(self._timeout, self._fail)
        self._transport.writelines(pieces)

    def data_received(self, data: bytes) -> None:
        """Collect replies; with the last one the round is over."""
        reader = self._reader
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not False:
                if type(reply) is not hiredis.PushNotification:
                    self._replies.append(reply)
                    self._missing -= 1
        except hiredis.ProtocolError:
            self._fail()
            return
        if self._on_replies is not None and not self._missing:
            self._finish(self._replies)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told."""
        if self._streams is not None:
            self._streams.connection_lost(exc)
        self._fail()

    def close(self) -> None:
        """Close the connection; a round under way is told that there are no replies."""
        self._fail()

    def _finish(self, replies: list[Any] | None) -> None:
        on_replies, self._on_replies = self._on_replies, None
        self._replies, self._missing = [], 0
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if replies is not None and any(_is_elsewhere(reply) for reply in replies):
            self._drop()
        if on_replies is not None:
            on_replies(replies)

    def _fail(self) -> None:
        self._drop()
        self._finish(None)

    def _drop(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()


def _is_elsewhere(reply: Any) -> bool:
    return type(reply) is ReplyError and str(reply).startswith(_GO_ELSEWHERE)
