"""Figures of a product by day: our price, what was sold, and what competitors charge.

Source: docs/spec/market-analysis.md#days.
"""

from quote_service.intelligence.market_analysis.model.transformations.dataframes import (
    LOWEST_DAYS,
    PRICE,
    SUM,
    Api,
    Column,
    Frame,
    Inputs,
    at_rank,
    count_where,
)
from quote_service.intelligence.market_analysis.model.transformations.held_prices import own_held, rivals_held

KEYS = ["product_id", "currency", "day"]
SOLD = ("units", "orders", "revenue_minor", "units_returned")
_OWN = ("price_open", "price_close", "price_low", "price_high", "moves", "lowest_30d", "close_7d_ago", "close_30d_ago")
_RIVALS = (
    *("rivals", "rival_low", "rival_q1", "rival_median", "rival_q3", "rival_high", "rival_sum"),
    *("cheaper", "equal", "dearer"),
)
_COUNTS = ("moves", "rivals", "cheaper", "equal", "dearer")
_KINDS = {
    name: "int" if name in _COUNTS else "bigint" if name in SOLD else PRICE for name in (*_OWN, *SOLD, *_RIVALS)
} | {"rival_sum": SUM}
#: The columns of the answer in their order, which is that of the table.
DAY_COLUMNS = (*KEYS, *_OWN, *SOLD, "units_7d", "units_28d", *_RIVALS)


def own_days(api: Api, inputs: Inputs) -> Frame:
    """Our price on each day on which there was one."""
    functions = api.functions
    column = functions.col
    within = (column("start_us") < column("day_end_us")) & (column("end_us") > column("day_begin_us"))
    held = own_held(api, inputs.prices).join(inputs.calendar, within)
    moved = (column("start_us") >= column("day_begin_us")) & column("was").isNotNull()
    days = held.groupBy(*KEYS).agg(
        functions.max(functions.when(column("start_us") <= column("day_begin_us"), column("price"))).alias(
            "price_open"
        ),
        functions.max(functions.when(column("end_us") >= column("day_end_us"), column("price"))).alias("price_close"),
        functions.min("price").alias("price_low"),
        functions.max("price").alias("price_high"),
        count_where(api, moved).alias("moves"),
    )
    by_day = api.window.partitionBy("product_id", "currency").orderBy("day")

    def close_before(number: int) -> Column:
        return functions.max("price_close").over(by_day.rangeBetween(-number, -number))

    lowest = functions.min("price_low").over(by_day.rangeBetween(1 - LOWEST_DAYS, 0))
    return days.select(
        *KEYS,
        *("price_open", "price_close", "price_low", "price_high", "moves"),
        lowest.alias("lowest_30d"),
        close_before(7).alias("close_7d_ago"),
        close_before(30).alias("close_30d_ago"),
    )


def rival_closes(api: Api, inputs: Inputs) -> Frame:
    """What each listing of competitors costs at the end of each day."""
    column = api.functions.col
    at_close = (column("start_us") < column("day_end_us")) & (column("end_us") >= column("day_end_us"))
    closes = rivals_held(api, inputs.offers).join(inputs.calendar, at_close)
    return closes.select(*KEYS, "listing_id", "competitor", "platform", "price")


def beside_ours(api: Api, closes: Frame, own: Frame) -> Frame:
    """What listings cost at the end of each day, beside our price (`price_close`)."""
    column = api.functions.col
    # Under names of their own: of equal ones it is left to the engine which side a later step means.
    ours = own.select(*(column(name).alias(f"own_{name}") for name in KEYS), "price_close")
    same = column("product_id") == column("own_product_id")
    for name in KEYS[1:]:
        same = same & (column(name) == column(f"own_{name}"))
    return closes.join(ours, same, "left").select(*KEYS, "listing_id", "competitor", "platform", "price", "price_close")


def rival_days(api: Api, beside: Frame) -> Frame:
    """What competitors charge together at the end of each day, beside our price."""
    functions = api.functions
    column = functions.col
    of_day = api.window.partitionBy(*KEYS)
    ranked = beside.select(
        *KEYS,
        "price",
        "price_close",
        functions.row_number().over(of_day.orderBy("price", "listing_id")).alias("place"),
        functions.count(functions.lit(1)).over(of_day).alias("of"),
    )
    price, place, of = column("price"), column("place"), column("of")
    return ranked.groupBy(*KEYS).agg(
        functions.count(functions.lit(1)).cast("int").alias("rivals"),
        functions.min("price").alias("rival_low"),
        at_rank(api, price, place, of, 1).alias("rival_q1"),
        at_rank(api, price, place, of, 2).alias("rival_median"),
        at_rank(api, price, place, of, 3).alias("rival_q3"),
        functions.max("price").alias("rival_high"),
        functions.sum("price").cast(SUM).alias("rival_sum"),
        count_where(api, price < column("price_close")).alias("cheaper"),
        count_where(api, price == column("price_close")).alias("equal"),
        count_where(api, price > column("price_close")).alias("dearer"),
    )


def sold_days(api: Api, inputs: Inputs) -> Frame:
    """What was sold on each day on which something was sold or came back."""
    functions = api.functions
    column = functions.col
    within = (column("at_us") >= column("day_begin_us")) & (column("at_us") < column("day_end_us"))
    sold = inputs.sales.join(inputs.calendar, within)
    return sold.groupBy(*KEYS).agg(*(functions.sum(name).cast("bigint").alias(name) for name in SOLD))


def all_days(api: Api, own: Frame, sold: Frame, rivals: Frame) -> Frame:
    """Every day of a product on which it had a price, was sold, or was offered by a competitor.

    The three have a row a day each, so the largest value is the only one: no join has to find which days there are.
    """
    functions = api.functions

    def with_all(frame: Frame, names: tuple[str, ...]) -> Frame:
        return frame.select(
            *KEYS,
            *(
                (functions.col(name) if name in names else functions.lit(None)).cast(kind).alias(name)
                for name, kind in _KINDS.items()
            ),
        )

    stacked = with_all(own, _OWN).union(with_all(sold, SOLD)).union(with_all(rivals, _RIVALS))
    return stacked.groupBy(*KEYS).agg(*(functions.max(name).alias(name) for name in _KINDS))


def market_days(api: Api, days: Frame) -> Frame:
    """The days with what was sold in the weeks before each, and 0 where there is nothing to count."""
    functions = api.functions
    column, zero = functions.col, functions.lit(0)
    by_day = api.window.partitionBy("product_id", "currency").orderBy("day")

    def units_of(days: int) -> Column:
        units = functions.sum(functions.coalesce(column("units"), zero)).over(by_day.rangeBetween(1 - days, 0))
        return units.cast("bigint").alias(f"units_{days}d")

    def found(name: str) -> Column:
        if name in _COUNTS or name in SOLD:
            return functions.coalesce(column(name), zero).cast(_KINDS[name]).alias(name)
        return column(name)

    made = {"units_7d": units_of(7), "units_28d": units_of(28)}
    return days.select(*(made[name] if name in made else found(name) for name in DAY_COLUMNS))
