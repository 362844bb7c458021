"""Whether the client of a request still waits for its answer: asked before a request begins to write anything.

A request may be read long after its client gave up: its worker stood still, or it waited for its turn. The client has sent it
again elsewhere by then, or told its buyer that nothing was bought. So the doors of PostgreSQL (`Database.transaction`) and of
the stock in Redis (`FlashGate.reserve`) ask here, and a request that nobody waits for ends before it takes anything. What has
begun is brought to its end whether the client stays or not: half of it would help nobody, and its answer is kept for a repeat.

Source: docs/spec/wire.md#clients-that-have-gone.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from quote_service.platform.system.errors import ClientGone


class WaitingClient:
    """The client of one request. Only the request's own task asks by itself: tasks that it starts work for others too."""

    __slots__ = ("_has_begun", "_is_gone", "_task")

    def __init__(self, is_gone: Callable[[], bool]) -> None:
        self._is_gone = is_gone
        self._task = asyncio.current_task()
        self._has_begun = False

    @property
    def is_own_task(self) -> bool:
        """Whether the running task is the one that answers the request."""
        return asyncio.current_task() is self._task

    def begin(self) -> None:
        """Note that the request's work has begun: from now on it goes on without its client."""
        self._has_begun = True

    def is_gone(self) -> bool:
        """Whether nothing has begun, and nobody waits any more."""
        return not self._has_begun and self._is_gone()


_client: ContextVar[WaitingClient | None] = ContextVar("waiting_client", default=None)


@contextmanager
def client_waits(is_gone: Callable[[], bool]) -> Iterator[None]:
    """Answer one request, whose client is asked for by `is_gone`."""
    token = _client.set(WaitingClient(is_gone))
    try:
        yield
    finally:
        _client.reset(token)


def waiting_client() -> WaitingClient | None:
    """The client of the request that the running task answers; None in work of our own."""
    client = _client.get()
    return client if client is not None and client.is_own_task else None


def require_client() -> None:
    """See to it that somebody still waits for the answer, where the running task answers a request.

    Raises:
        ClientGone: Nobody does.
    """
    client = waiting_client()
    if client is not None and client.is_gone():
        raise ClientGone("The client closed the connection before the request was begun; nothing was done")


def work_begins() -> None:
    """Note that what the running request does from now on is brought to its end, with its client or without."""
    client = waiting_client()
    if client is not None:
        client.begin()
