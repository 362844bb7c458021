"""Commission of orders, and what of it was given back.

Source: docs/spec/analytics.md#commission.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from quote_service.analytics.words.reports.amounts import amount, share
from quote_service.money.numbers import ExactNumber

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
#: Commission of a row of orders, in terms of its columns.
COMMISSION_SQL: Final = " + ".join(_PARTS)


class CommissionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Commission of orders placed in a period, what was given back in it, and what is left."""

    orders: int
    """Orders, or their lines in reports of lines."""
    gross: ExactNumber
    """Lines before discounts."""
    net: ExactNumber
    """Gross less all discounts."""
    commission_base: ExactNumber
    """What commission was charged on: lines that pay any, less discounts that their sellers pay for."""
    commission: ExactNumber
    """Commission charged: the three parts that follow."""
    seller_commission: ExactNumber
    """What of it was by rates of the seller."""
    category_commission: ExactNumber
    """What of it was by rates of the category."""
    logistics_commission: ExactNumber
    """What of it was by rates of the logistics provider."""
    average_rate: ExactNumber | None
    """Commission over its base; null without a base."""
    effective_take_rate: ExactNumber | None
    """Commission less what was given back, over net less what was given back of it; null where that is not above 0."""
    charges: int
    """Commissions of a rate on a line."""
    clamped: int
    """Those of them that the minimum or maximum of the rate decided."""
    clamped_share: ExactNumber | None
    """Their share of charges; null without one."""
    clamped_commission: ExactNumber
    """What these come to."""
    commission_tax: ExactNumber
    """Tax on commission; 0 in reports by category, product, or rule and seller."""
    inclusive_commission_tax: ExactNumber
    """What of that tax the commission contains."""
    payout: ExactNumber
    """What sellers get; 0 in reports by category, product, or rule and seller."""
    reversed_commission: ExactNumber
    """Commission that refunds and cancellations of the period gave back, whenever it was charged."""
    reversed_commission_tax: ExactNumber
    """Tax on it."""
    net_commission: ExactNumber
    """Commission less what was given back."""


def commission_minor(sums: Figures) -> int:
    """Commission charged."""
    return sum(sums.get(part, 0) for part in _PARTS)


def reversed_minor(sums: Figures) -> int:
    """Commission given back."""
    return sum(sums.get(f"reversed_{part}", 0) for part in _PARTS)


def commission_figures(sums: Figures, currency: str) -> CommissionFigures:
    """The figures of sums of rollups; a figure that is not there is 0."""

    def many(name: str) -> int:
        return sums.get(name, 0)

    def money(name: str) -> ExactNumber:
        return amount(sums.get(f"{name}_minor", 0), currency)

    charged, given_back = commission_minor(sums), reversed_minor(sums)
    net, reversed_net = (
        many(f"{prefix}gross_minor") - many(f"{prefix}seller_discount_minor") - many(f"{prefix}platform_discount_minor")
        for prefix in ("", "reversed_")
    )
    return CommissionFigures(
        orders=many("orders"),
        gross=money("gross"),
        net=amount(net, currency),
        commission_base=money("commission_base"),
        commission=amount(charged, currency),
        seller_commission=money("seller_commission"),
        category_commission=money("category_commission"),
        logistics_commission=money("logistics_commission"),
        average_rate=average_rate(sums),
        effective_take_rate=share(charged - given_back, net - reversed_net),
        charges=many("charges"),
        clamped=many("clamped"),
        clamped_share=share(many("clamped"), many("charges")),
        clamped_commission=money("clamped_commission"),
        commission_tax=money("commission_tax"),
        inclusive_commission_tax=money("inclusive_commission_tax"),
        payout=money("payout"),
        reversed_commission=amount(given_back, currency),
        reversed_commission_tax=money("reversed_commission_tax"),
        net_commission=amount(charged - given_back, currency),
    )


def average_rate(sums: Figures) -> ExactNumber | None:
    """Commission over its base; None without a base."""
    return share(commission_minor(sums), sums.get("commission_base_minor", 0))
