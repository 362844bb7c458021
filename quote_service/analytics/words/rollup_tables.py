"""The tables of rollups, and who folds into each.

Source: docs/spec/analytics.md#rollups.
"""

from typing import Final, NamedTuple

from quote_service.analytics.words.quote_figures import QUOTE_FIGURES
from quote_service.analytics.words.sales.figures import COLUMNS


class RollupTable(NamedTuple):
    """A table of rollups: `source` is what its folds are known by, `figures` its columns after the key."""

    source: str
    name: str
    figures: tuple[str, ...]


QUOTES: Final = RollupTable("quotes", "analytics_quotes", QUOTE_FIGURES)
ORDERS: Final = RollupTable("orders", "analytics_orders", COLUMNS)
#: What groups are sorted by, kept by triggers.
QUOTE_RANKS: Final = "analytics_quote_ranks"
ORDER_RANKS: Final = "analytics_order_ranks"
ROLLUP_TABLES: Final[tuple[RollupTable, ...]] = (QUOTES, ORDERS)
