"""Who listens to something that is looked at once for all of them, and what wakes them.

One look a process, and none where nobody listens: what a stream costs is what it sends.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from quote_service.platform.system.errors import Overloaded, TooMany

# A comment then goes to everybody who waits, so that proxies keep their connections.
ALIVE_SECONDS = 10.0
# A page has one stream; a person may have a few pages open.
STREAMS_OF_A_SHOPPER_MAX = 10
# Of one process, of one kind: a stream costs some ten kilobytes.
STREAMS_MAX = 1000
# Of these; the others are kept for staff and for machines.
STREAMS_OF_SHOPPERS_MAX = 750


class Listeners:
    """Those who listen in one process; `turn` rises whenever they are woken."""

    __slots__ = ("_listening", "_shoppers", "_woken", "turn", "wanted")

    def __init__(self) -> None:
        self._shoppers = 0
        self._listening: Counter[str] = Counter()
        self._woken = asyncio.Event()
        self.turn = 0
        # Set while anybody listens: whoever looks for them waits for it.
        self.wanted = asyncio.Event()

    @contextmanager
    def listening(self, who: str, at_most: int | None = None) -> Iterator[None]:
        """Be woken meanwhile.

        Args:
            who: The caller.
            at_most: How many streams a shopper may have open here; None for others, who have as many as there is room for.

        Raises:
            TooMany: The caller has so many already.
            Overloaded: So many are open in all.
        """
        if at_most is not None and self._listening[who] >= at_most:
            raise TooMany(f"At most {at_most} streams can be open at once", retry_after_seconds=int(ALIVE_SECONDS))
        is_shopper = at_most is not None
        if self._listening.total() >= STREAMS_MAX or (is_shopper and self._shoppers >= STREAMS_OF_SHOPPERS_MAX):
            raise Overloaded("Too many streams are open", retry_after_seconds=int(ALIVE_SECONDS))
        self._listening[who] += 1
        self._shoppers += is_shopper
        self.wanted.set()
        try:
            yield
        finally:
            self._shoppers -= is_shopper
            self._listening[who] -= 1
            if not self._listening[who]:
                del self._listening[who]
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
