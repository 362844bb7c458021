"""Counts of flash sales in one process, written where they outlive a web worker.

Source: docs/spec/operations.md#metrics; docs/spec/flash-sales.md#recording.
"""

from quote_service.platform.telemetry.registry import Counter, Registry
from quote_service.selling.flash_sales.model.refusals import REFUSAL_CODES

_REFUSED = "Purchases refused, by the code of the refusal"
_REBUILT = "Flash-sale items rebuilt in Redis, by what was wrong"


class FlashMeters:
    """Counters of purchases: `reserved` by Redis, taken `directly` by PostgreSQL, `recorded`, `rejected` there, `dead_letters`.

    Refusals are counted by a problem's code and recoveries by their reason: both are words of ours, a dozen at most.
    """

    __slots__ = ("_rebuilt", "_refused", "_registry", "dead_letters", "directly", "recorded", "rejected", "reserved")

    def __init__(self, registry: Registry | None = None) -> None:
        self._registry = registry = registry or Registry()
        counter = registry.counter
        self.reserved = counter("quote_flash_sale_reserved_total", "Purchases that Redis admitted")
        self.directly = counter(
            "quote_flash_sale_direct_total", "Purchases decided by PostgreSQL while Redis was unavailable"
        )
        self.recorded = counter("quote_flash_sale_recorded_total", "Stream entries taken into PostgreSQL")
        self.rejected = counter("quote_flash_sale_rejected_total", "Late refusals: reserved, and refused by PostgreSQL")
        self.dead_letters = counter("quote_flash_sale_dead_letters_total", "Stream entries that nobody could record")
        self._refused: dict[str, Counter] = {}
        self._rebuilt: dict[str, Counter] = {}
        for reason in REFUSAL_CODES:  # from the start, so that the first of each is seen as an increase
            self._refusals_of(reason)
        self._rebuilds_of("not_loaded")

    def refused(self, code: str) -> None:
        """A purchase was refused."""
        self._refusals_of(code).add()

    def rebuilt(self, reason: str) -> None:
        """An item was built again in Redis."""
        self._rebuilds_of(reason).add()

    def _refusals_of(self, code: str) -> Counter:
        counter = self._refused.get(code)
        if counter is None:
            counter = self._registry.counter("quote_flash_sale_refusals_total", _REFUSED, {"reason": code})
            self._refused[code] = counter
        return counter

    def _rebuilds_of(self, reason: str) -> Counter:
        counter = self._rebuilt.get(reason)
        if counter is None:
            counter = self._registry.counter("quote_flash_sale_recoveries_total", _REBUILT, {"reason": reason})
            self._rebuilt[reason] = counter
        return counter
