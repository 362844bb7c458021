"""Commission of orders, and what of it was given back.

Source: docs/spec/analytics.md#commission.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from quote_service.steering.analytics.model.reports.amounts import MINOR, share

Figures = Mapping[str, int]

_PARTS: Final = ("seller_commission_minor", "category_commission_minor", "logistics_commission_minor")
_NET: Final = ("gross_minor", "seller_discount_minor", "platform_discount_minor")
#: What rates are made of, and what all figures are.
RATE_FIGURES: Final = (*_PARTS, "commission_base_minor")
FIGURES: Final = (
    "orders", *_NET, *RATE_FIGURES, "charges", "clamped", "clamped_commission_minor", "commission_tax_minor",
    "inclusive_commission_tax_minor", "payout_minor", "reversed_commission_tax_minor",
    *(f"reversed_{name}" for name in (*_NET, *_PARTS)),
)  # fmt: skip


class CommissionFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Commission of orders placed in a period, what was given back in it, and what is left."""

    orders: int
    """Orders, or their lines in reports of lines."""
    gross: Decimal
    """Lines before discounts."""
    net: Decimal
    """Gross less all discounts."""
    commission_base: Decimal
    """What commission was charged on: lines that pay any, less discounts that their sellers pay for."""
    commission: Decimal
    """Commission charged: the three parts that follow."""
    seller_commission: Decimal
    """What of it was by rates of the seller."""
    category_commission: Decimal
    """What of it was by rates of the category."""
    logistics_commission: Decimal
    """What of it was by rates of the logistics provider."""
    average_rate: Decimal | None
    """Commission over its base; null without a base."""
    effective_take_rate: Decimal | None
    """Commission less what was given back, over net less what was given back of it; null where that is not above 0."""
    charges: int
    """Commissions of a rate on a line."""
    clamped: int
    """Those of them that the minimum or maximum of the rate decided."""
    clamped_share: Decimal | None
    """Their share of charges; null without one."""
    clamped_commission: Decimal
    """What these come to."""
    commission_tax: Decimal
    """Tax on commission; 0 in reports by category, product, or rule and seller."""
    inclusive_commission_tax: Decimal
    """What of that tax the commission contains."""
    payout: Decimal
    """What sellers get; 0 in reports by category, product, or rule and seller."""
    reversed_commission: Decimal
    """Commission that refunds and cancellations of the period gave back, whenever it was charged."""
    reversed_commission_tax: Decimal
    """Tax on it."""
    net_commission: Decimal
    """Commission less what was given back."""


def commission_minor(sums: Figures) -> int:
    """Commission charged."""
    return sum(sums.get(part, 0) for part in _PARTS)


def reversed_minor(sums: Figures) -> int:
    """Commission given back."""
    return sum(sums.get(f"reversed_{part}", 0) for part in _PARTS)


def commission_figures(sums: Figures, currency: str) -> CommissionFigures:
    """The figures of sums of rollups; a figure that is not there is 0."""

    many, minor = sums.get, MINOR[currency]
    charged, given_back = commission_minor(sums), reversed_minor(sums)
    net, reversed_net = (
        many(f"{prefix}gross_minor", 0)
        - many(f"{prefix}seller_discount_minor", 0)
        - many(f"{prefix}platform_discount_minor", 0)
        for prefix in ("", "reversed_")
    )
    return CommissionFigures(
        orders=many("orders", 0),
        gross=many("gross_minor", 0) * minor,
        net=net * minor,
        commission_base=many("commission_base_minor", 0) * minor,
        commission=charged * minor,
        seller_commission=many("seller_commission_minor", 0) * minor,
        category_commission=many("category_commission_minor", 0) * minor,
        logistics_commission=many("logistics_commission_minor", 0) * minor,
        average_rate=average_rate(sums),
        effective_take_rate=share(charged - given_back, net - reversed_net),
        charges=many("charges", 0),
        clamped=many("clamped", 0),
        clamped_share=share(many("clamped", 0), many("charges", 0)),
        clamped_commission=many("clamped_commission_minor", 0) * minor,
        commission_tax=many("commission_tax_minor", 0) * minor,
        inclusive_commission_tax=many("inclusive_commission_tax_minor", 0) * minor,
        payout=many("payout_minor", 0) * minor,
        reversed_commission=given_back * minor,
        reversed_commission_tax=many("reversed_commission_tax_minor", 0) * minor,
        net_commission=(charged - given_back) * minor,
    )


def average_rate(sums: Figures) -> Decimal | None:
    """Commission over its base; None without a base."""
    return share(commission_minor(sums), sums.get("commission_base_minor", 0))
