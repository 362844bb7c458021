"""From moves of prices to stretches of time in which each of them held.

Source: docs/spec/market-analysis.md#days.
"""

from quote_service.intelligence.market_analysis.model.transformations.dataframes import FOREVER_US, Api, Frame

OWN = ["product_id", "currency"]


def own_held(api: Api, prices: Frame) -> Frame:
    """Our prices, each from `start_us` until before `end_us`; `was` is the price before it."""
    functions = api.functions
    moves = api.window.partitionBy(*OWN).orderBy("at_us")
    held = prices.select(
        *OWN,
        "price",
        functions.lag("price").over(moves).alias("was"),
        functions.col("at_us").alias("start_us"),
        functions.coalesce(functions.lead("at_us").over(moves), functions.lit(FOREVER_US)).alias("end_us"),
    )
    return held.where(functions.col("price").isNotNull())


def rivals_held(api: Api, offers: Frame) -> Frame:
    """Competitors' prices, each until the listing's next one, or until it is too old to count."""
    functions = api.functions
    column = functions.col
    seen = api.window.partitionBy("listing_id").orderBy("at_us")
    next_us = functions.coalesce(functions.lead("at_us").over(seen), functions.lit(FOREVER_US))
    held = offers.select(
        *OWN,
        *("listing_id", "competitor", "platform", "price"),
        column("at_us").alias("start_us"),
        functions.least(next_us, column("holds_until_us")).alias("end_us"),
    )
    return held.where(column("price").isNotNull() & (column("end_us") > column("start_us")))
