"""The figures that are counted of what was sold: the columns of the rollup, by name.

Amounts are whole minor units. A figure that is not there is 0. What comes back has figures of its own (`reversed_*`), which
count in the period in which it came back.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Mapping
from typing import Final

Figures = Mapping[str, int]

REVERSED: Final = "reversed_"
SELLER_DISCOUNT: Final = "seller_discount_minor"
PLATFORM_DISCOUNT: Final = "platform_discount_minor"

#: Figures of what was ordered, of which a refund or a cancellation gives back a part.
_SOLD: Final = (
    "units",
    "gross_minor",
    SELLER_DISCOUNT,
    PLATFORM_DISCOUNT,
    "delivery_fee_minor",
    "small_basket_fee_minor",
    "exclusive_tax_minor",
    "inclusive_tax_minor",
    "total_minor",
    "seller_commission_minor",
    "category_commission_minor",
    "logistics_commission_minor",
    "commission_base_minor",
    "commission_tax_minor",
    "inclusive_commission_tax_minor",
    "payout_minor",
)
_OF_SELLERS: Final = ("commission_tax_minor", "inclusive_commission_tax_minor", "payout_minor")
#: Figures of a seller in an order, and of no line of it.
SELLER_FIGURES: Final = (*_OF_SELLERS, *(REVERSED + name for name in _OF_SELLERS))
#: What a figure is by the issue of its quote, less what it is by when it happened.
SHIFT: Final = "_shift"
_COUNTED: Final = (
    "accepted",
    "accepted_total_minor",
    "orders",
    "lines",
    "purchases",
    "purchases_total_minor",
    "charges",
    "clamped",
    "clamped_commission_minor",
    "refunds",
    "cancellations",
    "cancelled_total_minor",
    "accepted_shift",
    "orders_shift",
)
#: Every figure of the rollup.
COLUMNS: Final = (*_COUNTED, *_SOLD, *(REVERSED + name for name in _SOLD))


def reversed_figures(figures: Figures) -> dict[str, int]:
    """The same figures, given back; those that are not given back are left out."""
    return {REVERSED + name: value for name, value in figures.items() if name in _SOLD and value}


def add_to(sums: dict[str, int], figures: Figures) -> None:
    """Add figures up."""
    for name, value in figures.items():
        if value:
            sums[name] = sums.get(name, 0) + value
