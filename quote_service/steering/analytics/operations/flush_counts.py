"""Write down what this process has counted of quotes.

The quote only adds; this takes the sums and keeps them until PostgreSQL has them. Each flush has a number, so that one whose
commit was never answered is sent again without being counted twice. A process that is killed takes about a second of counts
with it.

Source: docs/spec/analytics.md#quotes.
"""

from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.instants import SECOND_US
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.telemetry.registry import Registry
from quote_service.quotes.model.quote_cells import COLUMNS, Row
from quote_service.quotes.operations.count_quotes import QuoteCounts
from quote_service.steering.analytics.tables.quote_minutes import add_minutes

MINUTE_SECONDS = 60
# While PostgreSQL is unavailable: some hours of a usual minute's rows, tens of megabytes.
UNWRITTEN_ROWS_MAX = 50_000
_QUOTES_AT = COLUMNS.index("quotes")
_log = structlog.get_logger(__name__)


class _Flush(NamedTuple):
    number: int
    minute: int
    rows: list[Row]

    @property
    def answers(self) -> int:
        return _answers(self.rows)


def _answers(rows: list[Row]) -> int:
    return sum(row[_QUOTES_AT] for row in rows)


class CountFlusher:
    """Counts that are to be written, in the order in which they were taken."""

    __slots__ = ("_counts", "_database", "_lost", "_number", "_since", "_source", "_unwritten", "_unwritten_max")

    def __init__(
        self, database: Database, counts: QuoteCounts, registry: Registry, unwritten_max: int = UNWRITTEN_ROWS_MAX
    ) -> None:
        self._database = database
        self._counts = counts
        self._source = UUID(new_id())
        self._number = 0
        self._since = 0  # the minute in which counts were last taken
        self._unwritten: deque[_Flush] = deque()
        self._unwritten_max = unwritten_max
        self._lost = registry.counter("quote_counts_lost_total", "Answers whose counts were given up unwritten")

    @property
    def unwritten(self) -> int:
        """Of how many answers the counts are taken and not written."""
        return sum(flush.answers for flush in self._unwritten)

    @property
    def is_done(self) -> bool:
        """Whether everything that was counted is written."""
        return not self._unwritten and self._counts.is_drained

    async def write(self, at_us: int) -> None:
        """Write what was counted since last time, and before it what could not be written then.

        Args:
            at_us: Now, a whole second or shortly after: what was counted belongs to the minute of the second before.

        Raises:
            Unavailable: PostgreSQL gave no answer; the counts are kept.
        """
        self._take((at_us - SECOND_US // 2) // SECOND_US // MINUTE_SECONDS)
        while self._unwritten:
            flush = self._unwritten[0]
            minute = datetime.fromtimestamp(flush.minute * MINUTE_SECONDS, UTC)
            async with self._database.read() as connection:
                await add_minutes(connection, self._source, flush.number, minute, flush.rows)
            self._unwritten.popleft()

    def give_up(self) -> int:
        """Let go of what is left, at the end of the process; of how many answers it was."""
        lost = self.unwritten
        while not self._counts.is_drained:
            lost += _answers(self._counts.drain(0))
        self._unwritten.clear()
        self._lost.add(lost)
        return lost

    def _take(self, minute: int) -> None:
        """Take what was counted. While something waits to be written, the counts of a minute are taken together."""
        since, is_waiting = self._since, bool(self._unwritten)
        if is_waiting and minute == since:
            return
        self._since = minute
        rows = self._counts.drain(minute // 60)
        if not rows:
            return
        self._number += 1
        self._unwritten.append(_Flush(self._number, since if is_waiting else minute, rows))
        while len(self._unwritten) > 1 and sum(len(flush.rows) for flush in self._unwritten) > self._unwritten_max:
            given_up = self._unwritten.popleft()
            self._lost.add(given_up.answers)
            _log.warning("quote_counts_lost", answers=given_up.answers, minute=given_up.minute)
