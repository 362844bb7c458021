"""A circuit breaker: after a failure nobody waits for Redis until one probe has found it well.

Reads the monotonic clock of the event loop. A cancelled command says nothing about Redis, so it does not count.

Source: docs/spec/quotes.md#when-a-dependency-is-unavailable.
"""

import asyncio
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 0.1
PAUSE_SECONDS_MAX = 1.0
RECENT_SECONDS = 5.0


class Breaker:
    """Closed: everybody may ask. Open: nobody, but for one probe each time a pause is over."""

    __slots__ = ("_clock", "_is_probing", "_pause_seconds", "_retry_at", "failures", "is_open")

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or asyncio.get_running_loop().time
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._retry_at = 0.0
        self._is_probing = False
        self.is_open = False
        self.failures = 0

    @property
    def failed_recently(self) -> bool:
        """Whether it is open, and somebody found it so in the last seconds: while nobody asks, nobody closes it either."""
        return self.is_open and self._clock() < self._retry_at + RECENT_SECONDS

    def allows(self) -> bool:
        """Whether to ask now. True while open makes the asker the probe, who must report back."""
        if not self.is_open:
            return True
        if self._is_probing or self._clock() < self._retry_at:
            return False
        self._is_probing = True
        return True

    def succeeded(self) -> None:
        """An answer came, whatever it said."""
        self.is_open = self._is_probing = False
        self._pause_seconds = FIRST_PAUSE_SECONDS

    def failed(self) -> None:
        """No answer came in time, or no connection."""
        self.failures += 1
        if self.is_open and not self._is_probing:
            return  # a command sent before it opened; the pause is set already
        self._retry_at = self._clock() + self._pause_seconds
        self._pause_seconds = min(self._pause_seconds * 2, PAUSE_SECONDS_MAX)
        self.is_open, self._is_probing = True, False

    def abandoned(self) -> None:
        """The asker was cancelled; another may probe."""
        self._is_probing = False
