"""How much is seeded, of which seed, and when the history ends.

Source: docs/spec/seeding.md#what-the-seed-decides.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from quote_service.platform.system.instants import SECOND_US, to_micros

HISTORY_DAYS: Final = 60
"""Over how many days orders are spread, and prices have moved."""
OPENED_DAYS: Final = 90
"""How long before the end the shop was opened: its products, first prices, rules and rates are as old."""
DAY_US: Final = 86_400 * SECOND_US
CUSTOMERS_MAX: Final = 10_000_000
PRODUCTS_MAX: Final = 10_000_000
ORDERS_MAX: Final = 10_000_000
SEED_MAX: Final = 2**63 - 1


class SeedPlan(msgspec.Struct, frozen=True):
    """What is asked for; `until` is an instant at which all of the history has happened."""

    customers: int
    products: int
    orders: int
    seed: int
    until: datetime

    @property
    def until_us(self) -> int:
        """The end of the history in microseconds."""
        return to_micros(self.until)

    @property
    def opened_us(self) -> int:
        """When the shop was opened."""
        return self.until_us - OPENED_DAYS * DAY_US

    @property
    def opened(self) -> datetime:
        """When the shop was opened."""
        return self.until - timedelta(days=OPENED_DAYS)

    @property
    def sellers(self) -> int:
        """One for every 500 products."""
        return 0 if not self.products else min(200, max(3, self.products // 500))
