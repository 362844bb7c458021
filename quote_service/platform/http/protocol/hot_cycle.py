"""One request that is answered from uvicorn's own protocol, and the answer to it.

Source: `hot_protocol.py`.
"""

from collections.abc import Callable
from typing import ClassVar

from quote_service.platform.http.protocol.request_heads import RequestHead
from quote_service.platform.http.protocol.states import ANSWERED, LOST, RequestState


class Reply:
    """An answer: its status line and headers but for date, length and connection, each line ended; and its body."""

    __slots__ = ("body", "head")

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head
        self.body = body


class _Unwatched:
    """In the place of a cycle's event: nobody waits for more of a hot request."""

    def set(self) -> None:
        """Nothing is told to nobody."""


class HotCycle:
    """One hot request: what uvicorn's connection code has to know of it, and what the handler reads."""

    __slots__ = ("given_up", "head", "keep_alive", "parts", "refusal", "size", "started_at", "state")
    message_event: ClassVar = _Unwatched()

    def __init__(self, head: RequestHead, state: RequestState, *, keep_alive: bool, started_at: float) -> None:
        self.head = head
        self.state = state
        self.parts: list[bytes] = []
        self.size = 0
        self.keep_alive = keep_alive
        self.started_at = started_at
        self.refusal: Reply | None = None  # of one that is refused for another cause than its size
        # Set by a handler that has something to give back when the peer goes before it has its answer.
        self.given_up: Callable[[], None] | None = None

    @property
    def body(self) -> bytes:
        """The body as far as it has come."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)

    @property
    def response_complete(self) -> bool:
        """Whether it is answered, in uvicorn's words."""
        return self.state is ANSWERED

    @property
    def disconnected(self) -> bool:
        """Whether its peer has gone, in uvicorn's words."""
        return self.state is LOST

    @disconnected.setter
    def disconnected(self, is_lost: bool) -> None:
        assert is_lost
        self.state = self.state.lost
