"""What transformations are written with, whichever engine runs them.

Two engines give the same answers where neither has a choice: amounts are decimals and never divided, sums are kept rather than
means, a quantile is the nearest rank and so one of the prices, ties are broken by ids, and days come from one calendar instead of
each engine's own time zones.

Source: docs/spec/market-analysis.md#the-same-answers.
"""

from typing import Any, Final, NamedTuple

#: A DataFrame, a column or a window of either engine; neither is a dependency that types could come from.
Frame = Any
Column = Any

#: Later than any instant, in microseconds.
FOREVER_US: Final = 1 << 62
#: 18 digits, 6 of them behind the point: their squares still fit the 38 digits that both engines have.
PRICE: Final = "decimal(18,6)"
SUM: Final = "decimal(38,6)"
SQUARES: Final = "decimal(38,12)"

DISTRIBUTION_DAYS: Final = 30
LOWEST_DAYS: Final = 30
VOLATILITY_DAYS: Final = (30, 90)


class Api(NamedTuple):
    """`functions` as pyspark.sql.functions, and `window` as pyspark.sql.Window."""

    functions: Any
    window: Any


class Inputs(NamedTuple):
    """What is analysed, as DataFrames; columns as `write_inputs.py` writes them."""

    prices: Frame
    offers: Frame
    sales: Frame
    calendar: Frame


def at_rank(api: Api, value: Column, rank: Column, count: Column, quarters: int) -> Column:
    """Within an aggregation: the value of the nearest rank for so many quarters of the rows, `rank` counting from 1."""
    functions = api.functions
    is_there = (rank * 4 >= count * quarters) & ((rank - 1) * 4 < count * quarters)
    return functions.max(functions.when(is_there, value))


def count_where(api: Api, condition: Column) -> Column:
    """Within an aggregation: how many rows meet the condition."""
    functions = api.functions
    return functions.sum(functions.when(condition, functions.lit(1)).otherwise(functions.lit(0))).cast("int")
