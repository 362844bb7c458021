"""The tables of rollups, and who folds into each.

Source: docs/spec/analytics.md#rollups.
"""

from typing import Final, NamedTuple

from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.model.sales.figures import COLUMNS


class RollupTable(NamedTuple):
    """A table of rollups.

    Attributes:
        source: What its folds are known by.
        name: Of the table.
        quarters: That of the same by quarters of an hour.
        figures: Its columns after the key.
    """

    source: str
    name: str
    quarters: str
    figures: tuple[str, ...]


QUOTES: Final = RollupTable("quotes", "analytics_quotes", "analytics_quote_quarter_hours", QUOTE_FIGURES)
ORDERS: Final = RollupTable("orders", "analytics_orders", "analytics_order_quarter_hours", COLUMNS)
#: What groups are sorted by, kept by triggers.
QUOTE_RANKS: Final = "analytics_quote_ranks"
ORDER_RANKS: Final = "analytics_order_ranks"
ROLLUP_TABLES: Final[tuple[RollupTable, ...]] = (QUOTES, ORDERS)
