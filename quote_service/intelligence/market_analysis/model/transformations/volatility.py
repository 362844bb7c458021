"""How much prices vary: ours, the market's, and each competitor's.

Source: docs/spec/market-analysis.md#volatility.
"""

from quote_service.intelligence.market_analysis.model.transformations.dataframes import (
    PRICE,
    SQUARES,
    SUM,
    VOLATILITY_DAYS,
    Api,
    Column,
    Frame,
    count_where,
)

VOLATILITY_COLUMNS = (
    *("product_id", "currency", "subject", "key", "window_days", "days", "low", "high", "sum", "squares"),
    *("rises", "falls"),
)
# 19 and 18 digits: of 18 and 18 DuckDB multiplies in 64 bits, and of 19 and 19 Spark would round the product.
_FACTOR = "decimal(19,6)"
_SERIES = ["product_id", "currency", "subject", "key"]


def price_series(api: Api, closes: Frame, own: Frame, days: Frame) -> Frame:
    """One price a day: ours, the median of competitors (market), and the lowest of each competitor; `was` is the one before, of the day
    `was_on`.

    Args:
        api: Of the engine.
        closes: What each listing of competitors costs at the end of each day.
        own: Our price on each day.
        days: The figures of days, with the median of competitors.
    """
    functions = api.functions
    column = functions.col
    none = functions.lit("")
    ours = _series(api, own.where(column("price_close").isNotNull()), "own", none, column("price_close"))
    market = _series(api, days.where(column("rival_median").isNotNull()), "market", none, column("rival_median"))
    lowest = closes.groupBy("product_id", "currency", "competitor", "day").agg(functions.min("price").alias("price"))
    each = _series(api, lowest, "competitor", column("competitor"), column("price"))
    before = api.window.partitionBy(*_SERIES).orderBy("day")
    was, was_on = functions.lag("price").over(before), functions.lag("day").over(before)
    return ours.union(market).union(each).select(*_SERIES, "day", "price", was.alias("was"), was_on.alias("was_on"))


def volatility(api: Api, series: Frame, last_day: int) -> Frame:
    """Sums that variation is worked out from, over the last 30 and 90 days.

    Args:
        api: Of the engine.
        series: Of `price_series`.
        last_day: The newest day, by its number.
    """
    first, *further = (_over(api, series, last_day, days) for days in VOLATILITY_DAYS)
    for more in further:
        first = first.union(more)
    return first


def _series(api: Api, frame: Frame, subject: str, key: Column, price: Column) -> Frame:
    functions = api.functions
    subject_named = functions.lit(subject).alias("subject")
    return frame.select(
        "product_id", "currency", subject_named, key.alias("key"), "day", price.cast(PRICE).alias("price")
    )


def _over(api: Api, series: Frame, last_day: int, days: int) -> Frame:
    functions = api.functions
    column = functions.col
    price, was = column("price"), column("was")
    # Both within the window: how far inputs reach back beyond it is not the same in every run.
    is_step = column("was_on") > functions.lit(last_day - days)
    within = (column("day") > functions.lit(last_day - days)) & (column("day") <= functions.lit(last_day))
    found = (
        series.where(within)
        .groupBy(*_SERIES)
        .agg(
            functions.count(functions.lit(1)).cast("int").alias("days"),
            functions.min("price").alias("low"),
            functions.max("price").alias("high"),
            functions.sum("price").cast(SUM).alias("sum"),
            functions.sum((price.cast(_FACTOR) * price).cast(SQUARES)).cast(SQUARES).alias("squares"),
            count_where(api, is_step & (price > was)).alias("rises"),
            count_where(api, is_step & (price < was)).alias("falls"),
        )
    )
    named = {"window_days": functions.lit(days).alias("window_days")}
    return found.select(*(named.get(name, name) for name in VOLATILITY_COLUMNS))
