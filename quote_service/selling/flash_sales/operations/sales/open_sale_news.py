"""The sales that are open, as one process last read them for all who listen.

Source: docs/spec/flash-sales.md#open-sales-as-they-go.
"""

from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.listeners import Listeners
from quote_service.selling.flash_sales.model.open_sale import OpenSale
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.open_sales import list_open_sales

# More are in the list of open sales; a page shows the newest.
SALES_MAX = 20


class OpenSaleNews:
    """Of one process; `sales` are those of the last reading."""

    __slots__ = ("_lifecycle", "listeners", "sales")

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.listeners = Listeners()
        self.sales: list[OpenSale] = []
        self._lifecycle = lifecycle

    async def read(self, runtime: FlashSaleRuntime) -> None:
        """Read them again, and wake those who listen where they are others; while PostgreSQL is unavailable they stay."""
        try:
            sales = await list_open_sales(
                runtime, "active", customer_id=None, product_id=None, before=None, limit=SALES_MAX
            )
        except Unavailable:
            return
        if sales != self.sales or self._lifecycle.is_draining:
            self.sales = sales
            self.listeners.wake()
