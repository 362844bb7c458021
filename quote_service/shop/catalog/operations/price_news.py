"""Whether prices may have changed in this process, for those who listen to them.

Source: docs/spec/catalog.md#prices-as-they-move.
"""

from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.listeners import Listeners
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder


class PriceNews:
    """Of one process: which rulebook, catalog and sales prices were last seen to follow from."""

    __slots__ = ("_holder", "_lifecycle", "_sales", "_seen", "listeners")

    def __init__(self, holder: RulebookHolder, sales: SalePrices, lifecycle: Lifecycle) -> None:
        self.listeners = Listeners()
        self._holder = holder
        self._sales = sales
        self._lifecycle = lifecycle
        self._seen = (0, 0)

    def look(self) -> None:
        """Wake those who listen where anything is other than at the last look, or where the process drains."""
        seen = (self._holder.edition, self._sales.version)
        if seen != self._seen or self._lifecycle.is_draining:
            self._seen = seen
            self.listeners.wake()
