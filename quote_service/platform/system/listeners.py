"""Who listens to something that is looked at once for all of them, and what wakes them.

One look a process, and none where nobody listens: what a stream costs is what it sends.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

# A comment then goes to everybody who waits, so that proxies keep their connections.
ALIVE_SECONDS = 10.0


class Listeners:
    """Those who listen in one process; `turn` rises whenever they are woken."""

    __slots__ = ("_listening", "_woken", "turn", "wanted")

    def __init__(self) -> None:
        self._listening = 0
        self._woken = asyncio.Event()
        self.turn = 0
        # Set while anybody listens: whoever looks for them waits for it.
        self.wanted = asyncio.Event()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Be woken meanwhile."""
        self._listening += 1
        self.wanted.set()
        try:
            yield
        finally:
            self._listening -= 1
            if not self._listening:
                self.wanted.clear()

    def wake(self) -> None:
        """Let everybody who waits look at what there is now."""
        self.turn += 1
        self._woken.set()
        self._woken = asyncio.Event()

    async def wait(self, turn: int) -> None:
        """Return when there may be something else than at a turn, or when it is time for a sign of life."""
        if turn != self.turn:
            return
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return
