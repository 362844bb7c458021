"""Counts, prices and listings of each product by window of event time.

The same for a batch of a consumer, whose windows are added to those there are, and for a stream of Spark, which keeps them.

Source: docs/spec/market-analysis.md#windows.
"""

from typing import Final

from quote_service.intelligence.market_analysis.model.transformations.dataframes import Api, Frame
from quote_service.intelligence.market_analysis.model.windows.moments import COUNTS

WINDOW_KEYS: Final = ("product_id", "currency", "starts_us")
#: The columns of the answer, in their order.
WINDOW_COLUMNS: Final = (
    *WINDOW_KEYS,
    *("events", "newest_us", "first_mark", "last_mark", "low", "high", "listings"),
    *COUNTS,
)


def placed_moments(api: Api, moments: Frame) -> Frame:
    """Each moment with the beginning of its window: windows begin at multiples of their width, `width_us`, since 1970."""
    column = api.functions.col
    starts = (column("at_us") - column("at_us") % column("width_us")).alias("starts_us")
    others = ("event_id", "product_id", "currency", "at_us", "price", "mark", "listing_id", "width_us")
    return moments.select(*others, starts, *COUNTS)


def count_windows(api: Api, placed: Frame, keys: tuple[str, ...] = WINDOW_KEYS) -> Frame:
    """One row for each product, currency and window.

    Nothing here depends on the order of moments, or on how they are divided: of parts of a window, counts are added, marks
    and prices compared, and listings put together.

    Args:
        api: Of the engine.
        placed: Of `placed_moments`, none of them twice.
        keys: What a stream groups by besides.
    """
    functions = api.functions
    return placed.groupBy(*keys).agg(
        functions.count(functions.lit(1)).cast("bigint").alias("events"),
        functions.max("at_us").alias("newest_us"),
        functions.min("mark").alias("first_mark"),
        functions.max("mark").alias("last_mark"),
        functions.min("price").alias("low"),
        functions.max("price").alias("high"),
        functions.collect_set("listing_id").alias("listings"),
        *(functions.sum(name).cast("bigint").alias(name) for name in COUNTS),
    )
