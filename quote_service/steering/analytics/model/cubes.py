"""The cubes that figures are rolled up by: one dimension, two, or none, over hours, days and months.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Final, Literal

Dimension = Literal["region", "category", "seller", "product", "rule", "flag", "tier"]
# `month_hour` is an hour of the day over a month. `week` is one of a month; it and `quarter` are only in what groups are sorted by.
# Quarters of an hour have tables of their own.
Grain = Literal["quarter_hour", "hour", "day", "week", "month", "quarter", "month_hour"]

# In the order in which they stand in the name of a cube.
DIMENSIONS: Final[tuple[Dimension, ...]] = ("region", "category", "seller", "product", "rule", "flag", "tier")
# Of lines, and not of whole quotes or orders.
LINE_DIMENSIONS: Final[frozenset[Dimension]] = frozenset({"category", "seller", "product"})
# Of which one quote or order has several: their rows do not add up to the whole.
SHARED_DIMENSIONS: Final[frozenset[Dimension]] = frozenset({"rule", "flag"})
GRAINS: Final[tuple[Grain, ...]] = ("hour", "day", "month", "month_hour")
# The columns before the figures, in every table of rollups; they are its primary key in another order.
KEY_COLUMNS: Final = ("cube", "grain", "period", "hour", "currency", "key_a", "key_b")
NO_HOUR: Final = -1


def cube_of(dimensions: Iterable[Dimension]) -> str:
    """The cube of at most two dimensions, in whatever order they are given: {tier, region} -> region+tier.

    Raises:
        ValueError: They are more than two, or one is not a dimension.
    """
    wanted = set(dimensions)
    if len(wanted) > 2 or not wanted <= set(DIMENSIONS):
        raise ValueError(f"no cube of {sorted(wanted)}")
    return "+".join(dimension for dimension in DIMENSIONS if dimension in wanted)


CUBES: Final[tuple[str, ...]] = ("", *DIMENSIONS, *("+".join(pair) for pair in combinations(DIMENSIONS, 2)))
# What lines come to together, of whatever category: kept by triggers, out of the cube of categories.
LINES: Final = "lines"
# Whose days are laid by key. Pairs with products have few rows a pair, and are asked of a week: moving these would not pay.
CLUSTERED_CUBES: Final[tuple[str, ...]] = (
    LINES,
    *(cube for cube in CUBES if cube == "product" or "product" not in cube),
)
