"""Write down how often this process has shown the price of each sale item in a quote.

The quote only counts; this takes what was counted, and keeps it until PostgreSQL has it. A process that is killed takes
about a second of counts with it; where the answer to a commit was lost, the counts of one report may be kept twice.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections import Counter

from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.views import add_views

MINUTE_US = 60 * 10**6
# An hour of a hundred items; while PostgreSQL is unavailable for longer, counts go on and their minutes are given up.
UNWRITTEN_MAX = 6_000


class ViewReport:
    """Counts that are to be written, by item and minute."""

    __slots__ = ("_runtime", "_unwritten", "_unwritten_max")

    def __init__(self, runtime: FlashSaleRuntime, unwritten_max: int = UNWRITTEN_MAX) -> None:
        self._runtime = runtime
        self._unwritten: Counter[tuple[int, int]] = Counter()
        self._unwritten_max = unwritten_max

    @property
    def unwritten(self) -> int:
        """How many views are not written yet."""
        return self._unwritten.total() + self._runtime.shown.total()

    async def write(self, at_us: int) -> None:
        """Write what was counted since last time, and what could not be written then.

        Args:
            at_us: Now; its minute is that of what was counted since.

        Raises:
            Unavailable: PostgreSQL gave no answer; the counts are kept.
        """
        self._take(at_us // MINUTE_US)
        if not self._unwritten:
            return
        sent, self._unwritten = self._unwritten, Counter()
        is_written = False
        try:
            async with self._runtime.database.read() as connection:
                await add_views(connection, sent)
            is_written = True
        finally:
            if not is_written:  # cancelled too: whoever comes next writes them
                self._unwritten.update(sent)

    def _take(self, minute: int) -> None:
        shown = self._runtime.shown
        while shown:
            item_id, views = shown.popitem()
            self._unwritten[item_id, minute] += views
        if len(self._unwritten) > self._unwritten_max:
            folded: Counter[tuple[int, int]] = Counter()
            for (item_id, _), views in self._unwritten.items():
                folded[item_id, minute] += views
            self._unwritten = folded
