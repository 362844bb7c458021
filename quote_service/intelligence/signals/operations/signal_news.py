"""Signals as they change, read once in a process for all who listen.

Source: docs/spec/signals.md#notifications.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from quote_service.intelligence.signals.model.signals import SignalRecord
from quote_service.intelligence.signals.tables.signals import changed_signals
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.listeners import Listeners

# Transactions commit in another order than they began, and clocks of servers differ: so far back is read again.
_AGAIN = timedelta(seconds=30)
_ROWS_AT_ONCE = 1000
_KEPT = 2000


class SignalNews:
    """Of one process: what has changed recently, each change under a number that rises."""

    __slots__ = ("_known", "_lifecycle", "_mark", "_recent", "listeners", "number")

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.listeners = Listeners()
        self.number = 0
        self._lifecycle = lifecycle
        self._recent: deque[tuple[int, SignalRecord]] = deque(maxlen=_KEPT)
        self._known: dict[UUID, int] = {}
        self._mark: datetime | None = None

    def rest(self) -> None:
        """Nobody listens: what changes meanwhile is not read."""
        self._mark = None
        self._known.clear()

    async def look(self, database: Database) -> None:
        """Read what has changed, and wake those who listen where anything has, or where the process drains.

        Raises:
            Unavailable: PostgreSQL gave no answer.
        """
        since = self._mark or from_micros(now_us()) - _AGAIN
        async with database.read() as connection:
            changed = await changed_signals(connection, since, _ROWS_AT_ONCE)
        is_new = False
        for _, signal in changed:
            if self._known.get(signal.id, 0) < signal.version:
                self._known[signal.id] = signal.version
                self.number += 1
                self._recent.append((self.number, signal))
                is_new = True
        if changed:
            latest = changed[-1][0]
            self._mark = latest if len(changed) == _ROWS_AT_ONCE else max(since, latest - _AGAIN)
        if is_new or self._lifecycle.is_draining:
            self.listeners.wake()
        self._forget()

    def since(self, number: int) -> Iterator[SignalRecord]:
        """What has changed after a number, in its order."""
        return (signal for each, signal in self._recent if each > number)

    def _forget(self) -> None:
        if len(self._known) > 2 * _KEPT:
            self._known = {signal.id: signal.version for _, signal in self._recent}
