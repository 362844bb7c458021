"""When a loop of the background has something to do, so that loops without work ask PostgreSQL nothing.

One process looks at what waits for all loops of all processes, twice a second, and notifies all of them. A process that
hears nothing of it goes its own rounds instead, so that nothing waits for a process that stands still.

Source: docs/spec/operations.md#idle.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

#: Longer than several looks: nobody looks, or nothing arrives.
SILENT_SECONDS = 2.0
#: How long a loop without work waits at most while somebody looks: for what is rare and hurries nobody, such as forgetting.
RESTING_SECONDS = 60.0
_OTHERS_REST = 10

#: Waits for the next round of a loop; takes the seconds between two rounds.
Pause = Callable[[float], Awaitable[None]]


class Occasion:
    """The work of one loop."""

    def __init__(self, work: "DueWork") -> None:
        self._work = work
        self._found = asyncio.Event()
        self._asked_at = float("-inf")

    def find(self) -> None:
        """There is something to do."""
        self._found.set()

    async def pause(self, round_seconds: float, rest_seconds: float = RESTING_SECONDS) -> None:
        """Return once there may be something to do: at the latest after a rest, or after a round where nobody looks."""
        clock = asyncio.get_running_loop().time
        began = clock()
        while not self._found.is_set():
            silent_in = self._work.silent_in()
            end = began + (round_seconds if silent_in <= 0 else max(self._work.rest(rest_seconds), round_seconds))
            left = end - clock()
            if left <= 0:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(left if silent_in <= 0 else min(left, silent_in)):
                    await self._found.wait()
        self._found.clear()

    def is_due(self, round_seconds: float) -> bool:
        """As `pause`, for a loop that waits for something else as well: whether it is time to ask."""
        now = asyncio.get_running_loop().time()
        end = self._asked_at + (round_seconds if self._work.silent_in() <= 0 else self._work.rest(RESTING_SECONDS))
        if not self._found.is_set() and now < end:
            return False
        self._found.clear()
        self._asked_at = now
        return True


class DueWork:
    """What one process knows of the work that waits; `leads` is true of the one that looks for all."""

    def __init__(self, *, leads: bool = False) -> None:
        self.leads = leads
        self._heard_at = float("-inf")
        self._occasions: defaultdict[str, list[Occasion]] = defaultdict(list)

    def occasion(self, topic: str) -> Occasion:
        """That of one more loop; topics are those of `platform/postgres/sql/due_work.sql`."""
        made = Occasion(self)
        self._occasions[topic].append(made)
        return made

    def hear(self, topics: Iterable[str]) -> None:
        """Somebody has looked, and found work of these topics."""
        self._heard_at = asyncio.get_running_loop().time()
        for topic in topics:
            for each in self._occasions[topic]:
                each.find()

    def rest(self, seconds: float) -> float:
        """How long a loop without work waits at most: those of other processes leave what is rare to the one that looks."""
        return seconds if self.leads else seconds * _OTHERS_REST

    @property
    def is_for_all(self) -> bool:
        """Whether this process does what one is to do for all of them."""
        return self.leads or self.silent_in() <= 0

    def silent_in(self) -> float:
        """Seconds until nobody has looked for too long; 0 or less where that is so."""
        return self._heard_at + SILENT_SECONDS - asyncio.get_running_loop().time()


async def pause_until(due_seconds: float | None, round_seconds: float, pause: Pause) -> None:
    """Wait for an instant within this round exactly, and otherwise until there may be something to do."""
    if due_seconds is not None and due_seconds < round_seconds:
        await asyncio.sleep(max(due_seconds, 0.005))
    else:
        await pause(round_seconds)


def look_seconds_for(interval_seconds: float, round_seconds: float) -> float:
    """How often to ask whether something is due that happens once in an interval: a hundredth of it late at most."""
    return min(RESTING_SECONDS, max(round_seconds, interval_seconds / 100))
