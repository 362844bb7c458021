"""What reports can be grouped by.

Source: docs/spec/analytics.md#reports.
"""

from typing import Final, Literal, get_args

from quote_service.steering.analytics.model.cubes import Dimension

TimeOfReport = Literal["day", "hour", "weekday"]
GroupBy = Literal[
    "day", "hour", "weekday", "currency", "region", "category", "seller", "product", "rule", "flag", "tier"
]

TIMES: Final[tuple[TimeOfReport, ...]] = get_args(TimeOfReport)
GROUPS: Final[tuple[GroupBy, ...]] = get_args(GroupBy)
#: Values of these are UUIDs.
ID_DIMENSIONS: Final[frozenset[Dimension]] = frozenset({"category", "seller", "product"})
DIMENSIONS_MAX: Final = 2
GROUPS_MAX: Final = 2
