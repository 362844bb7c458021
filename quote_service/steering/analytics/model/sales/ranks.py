"""What groups are sorted by: the columns of `analytics_order_ranks` and `analytics_quote_ranks`, of what they are in terms of the rollups'.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Mapping
from typing import Final

DISCOUNT: Final = "seller_discount_minor + platform_discount_minor"
COMMISSION: Final = "seller_commission_minor + category_commission_minor + logistics_commission_minor"
REVERSED_COMMISSION: Final = (
    "reversed_seller_commission_minor + reversed_category_commission_minor + reversed_logistics_commission_minor"
)
#: Quotes, or lines where lines are counted: the others of them are 0.
QUOTED: Final = "priced + lines"
#: Nothing, of groups that are found by being there.
NOTHING: Final = "0::bigint"
#: The column for each expression, of orders and of quotes.
RANKED_QUOTES: Final[Mapping[str, str]] = {
    NOTHING: NOTHING,
    "quotes": "quotes",
    QUOTED: "quoted",
    "total_minor": "total_minor",
}
RANKED_ORDERS: Final[Mapping[str, str]] = {
    NOTHING: NOTHING,
    "total_minor": "total_minor",
    "orders": "orders",
    "units": "units",
    "accepted": "accepted",
    "clamped": "clamped",
    DISCOUNT: "discount_minor",
    COMMISSION: "commission_minor",
    REVERSED_COMMISSION: "reversed_commission_minor",
}
