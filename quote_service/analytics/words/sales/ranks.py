"""What groups of orders are sorted by: the columns of `analytics_order_ranks`, of what they are in terms of the rollup's.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Mapping
from typing import Final

DISCOUNT: Final = "seller_discount_minor + platform_discount_minor"
COMMISSION: Final = "seller_commission_minor + category_commission_minor + logistics_commission_minor"
REVERSED_COMMISSION: Final = (
    "reversed_seller_commission_minor + reversed_category_commission_minor + reversed_logistics_commission_minor"
)
#: The column for each expression.
RANKED: Final[Mapping[str, str]] = {
    "total_minor": "total_minor",
    "orders": "orders",
    "units": "units",
    "accepted": "accepted",
    "clamped": "clamped",
    DISCOUNT: "discount_minor",
    COMMISSION: "commission_minor",
    REVERSED_COMMISSION: "reversed_commission_minor",
}
