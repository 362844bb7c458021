"""How each competitor and each platform prices a product, over the last 30 days.

Source: docs/spec/market-analysis.md#distribution.
"""

from quote_service.intelligence.market_analysis.model.transformations.dataframes import (
    DISTRIBUTION_DAYS,
    SUM,
    Api,
    Frame,
    at_rank,
    count_where,
)

DISTRIBUTION_COLUMNS = (
    *(
        "product_id",
        "currency",
        "kind",
        "key",
        "listings",
        "days",
        "prices",
        "low",
        "q1",
        "median",
        "q3",
        "high",
        "sum",
    ),
    *("newest", "cheaper", "equal", "dearer", "compared", "ours"),
)


def distribution(api: Api, beside: Frame, last_day: int) -> Frame:
    """The prices of each competitor, and of each platform, and how they compare with ours.

    Args:
        api: Of the engine.
        beside: What each listing costs at the end of each day, beside our price.
        last_day: The newest day, by its number; the 29 before it count too.
    """
    recent = beside.where(api.functions.col("day") > api.functions.lit(last_day - DISTRIBUTION_DAYS))
    return _by(api, recent, "competitor", last_day).union(_by(api, recent, "platform", last_day))


def _by(api: Api, beside: Frame, kind: str, last_day: int) -> Frame:
    functions = api.functions
    column = functions.col
    group = ["product_id", "currency", kind]
    of_group = api.window.partitionBy(*group)
    ranked = beside.select(
        *group,
        *("day", "listing_id", "price", "price_close"),
        functions.row_number().over(of_group.orderBy("price", "day", "listing_id")).alias("place"),
        functions.count(functions.lit(1)).over(of_group).alias("of"),
    )
    price, place, of, ours = column("price"), column("place"), column("of"), column("price_close")
    nothing = functions.lit(0).cast(SUM)
    found = ranked.groupBy(*group).agg(
        functions.countDistinct("listing_id").cast("int").alias("listings"),
        functions.countDistinct("day").cast("int").alias("days"),
        functions.count(functions.lit(1)).cast("int").alias("prices"),
        functions.min("price").alias("low"),
        at_rank(api, price, place, of, 1).alias("q1"),
        at_rank(api, price, place, of, 2).alias("median"),
        at_rank(api, price, place, of, 3).alias("q3"),
        functions.max("price").alias("high"),
        functions.sum("price").cast(SUM).alias("sum"),
        functions.min(functions.when(column("day") == functions.lit(last_day), price)).alias("newest"),
        count_where(api, price < ours).alias("cheaper"),
        count_where(api, price == ours).alias("equal"),
        count_where(api, price > ours).alias("dearer"),
        functions.coalesce(functions.sum(functions.when(ours.isNotNull(), price)).cast(SUM), nothing).alias("compared"),
        functions.coalesce(functions.sum("price_close").cast(SUM), nothing).alias("ours"),
    )
    named = {"kind": functions.lit(kind).alias("kind"), "key": column(kind).alias("key")}
    return found.select(*(named.get(name, name) for name in DISTRIBUTION_COLUMNS))
