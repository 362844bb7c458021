"""What refunds come to, worked out another way: in fractions of whole currency, over everything refunded before.

It knows neither minor units nor the product's arithmetic: each figure is the exact share of all units refunded so far, rounded
once to the digits of the currency, less what has been refunded before.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

from quote_service.selling.orders.model.order import OrderFigures, OrderSeller
from quote_service.selling.orders.model.refunds.draft import RefundDraft
from quote_service.selling.orders.model.refunds.plan import RefundPlan

# Such as ("goods", line_id), or ("discount", line_id, rule_id, "platform").
Figure = tuple[Any, ...]
Figures = dict[Figure, Fraction]


class FractionsOracle:
    """One order, and every figure of it that has been refunded, in whole currency by name."""

    def __init__(self, order: OrderFigures) -> None:
        self.order = order
        self.scale = 10**order.exponent
        self.units: Counter[int] = Counter()
        self.refunded: dict[Figure, Fraction] = {}

    def refund(self, draft: RefundDraft) -> Figures:
        """The figures of one more refund; those of 0 are left out."""
        before = dict(self.refunded)
        for asked in draft.lines:
            self.units[asked.line_id] += asked.quantity
        for line in self.order.lines:
            share = Fraction(self.units[line.line_id], line.quantity)
            for name, whole in wholes_of_line(self.order, line.line_id).items():
                self.refunded[name] = self._nearest(whole * share)
        self._refund_fees(draft)
        for seller in self.order.sellers:
            self._reverse_commission_tax(seller)
        refunds = {name: figure - before.get(name, 0) for name, figure in self.refunded.items()}
        return {name: figure for name, figure in refunds.items() if figure}

    def sums(self, figures: Figures) -> Figures:
        """What the customer gets of these figures, and what becomes of each seller's payout; those of 0 are left out."""
        sums: Figures = {("customer",): Fraction(0)}
        line_of = {line.line_id: line for line in self.order.lines}
        inclusive = {
            seller.seller_id: seller.commission_tax is not None and seller.commission_tax.is_inclusive
            for seller in self.order.sellers
        }
        for name, figure in figures.items():
            if name[0] == "goods" or (name[0] == "tax" and not line_of[name[1]].is_tax_included):
                sums["customer",] += figure
            if name[0] == "fee" or name == ("fee tax", "exclusive"):
                sums["customer",] += figure
            if name[0] == "commission tax" and not inclusive[name[1]]:
                sums["payout", name[1]] = sums.get(("payout", name[1]), Fraction(0)) + figure
            if name[0] in ("goods", "commission") or (name[0] == "discount" and name[3] == "platform"):
                payout = ("payout", line_of[name[1]].seller_id)
                sign = 1 if name[0] == "commission" else -1
                sums[payout] = sums.get(payout, Fraction(0)) + sign * figure
        return {name: figure for name, figure in sums.items() if figure}

    def _refund_fees(self, draft: RefundDraft) -> None:
        share = {
            "none": Fraction(0),
            "full": Fraction(1),
            "proportional": Fraction(sum(self.units.values()), sum(line.quantity for line in self.order.lines)),
        }[draft.delivery]
        for name, whole in wholes_of_fees(self.order).items():
            self.refunded[name] = max(self._nearest(whole * share), self.refunded.get(name, Fraction(0)))

    def _reverse_commission_tax(self, seller: OrderSeller) -> None:
        tax = seller.commission_tax
        if tax is None or not tax.amount_minor:
            return
        theirs = {line.line_id for line in self.order.lines if line.seller_id == seller.seller_id}
        back = sum(figure for name, figure in self.refunded.items() if name[0] == "commission" and name[1] in theirs)
        share = Fraction(back) / Fraction(seller.commission_minor, self.scale)
        whole = Fraction(tax.amount_minor, self.scale)
        self.refunded["commission tax", seller.seller_id] = self._nearest(whole * share)

    def _nearest(self, exact: Fraction) -> Fraction:
        """To the digits of the currency, halves up; nothing here is below 0."""
        return Fraction(math.floor(exact * self.scale + Fraction(1, 2)), self.scale)


def wholes_of_line(order: OrderFigures, line_id: int) -> Figures:
    """The figures that refunds of all units of a line come to."""
    (line,) = (line for line in order.lines if line.line_id == line_id)
    minor: dict[Figure, int] = {
        ("goods", line_id): line.total_minor - line.discount_minor,
        ("tax", line_id): line.tax_minor,
    }
    for discount in line.discounts:
        minor["discount", line_id, discount.rule_id, "seller"] = discount.seller_minor
        minor["discount", line_id, discount.rule_id, "platform"] = discount.platform_minor
    for commission in line.commissions:
        if commission.on_refund == "reverse":
            minor["commission", line_id, commission.rate_id, "seller"] = commission.seller_minor
            minor["commission", line_id, commission.rate_id, "category"] = commission.category_minor
            minor["commission", line_id, commission.rate_id, "logistics"] = commission.logistics_minor
    return _in_currency(minor, order)


def wholes_of_fees(order: OrderFigures) -> Figures:
    """The fees and their tax."""
    minor: dict[Figure, int] = {
        ("fee", "delivery"): order.delivery_fee_minor,
        ("fee", "small basket"): order.small_basket_fee_minor,
        ("fee tax", "exclusive"): order.fee_exclusive_tax_minor,
        ("fee tax", "inclusive"): order.fee_inclusive_tax_minor,
    }
    return _in_currency(minor, order)


def figures_of(plan: RefundPlan, order: OrderFigures) -> Figures:
    """Every figure of a plan as the oracle names them; those of 0 are left out."""
    minor: dict[Figure, int] = {
        ("fee", "delivery"): plan.figures.fees.delivery_fee_minor,
        ("fee", "small basket"): plan.figures.fees.small_basket_fee_minor,
        ("fee tax", "exclusive"): plan.figures.fees.exclusive_tax_minor,
        ("fee tax", "inclusive"): plan.figures.fees.inclusive_tax_minor,
    }
    for line in plan.figures.lines:
        minor["goods", line.line_id], minor["tax", line.line_id] = line.goods_minor, line.tax_minor
        for discount in line.discounts:
            minor["discount", line.line_id, discount.rule_id, "seller"] = discount.seller_minor
            minor["discount", line.line_id, discount.rule_id, "platform"] = discount.platform_minor
        for commission in line.commissions:
            minor["commission", line.line_id, commission.rate_id, "seller"] = commission.seller_minor
            minor["commission", line.line_id, commission.rate_id, "category"] = commission.category_minor
            minor["commission", line.line_id, commission.rate_id, "logistics"] = commission.logistics_minor
    for seller in plan.figures.sellers:
        minor["commission tax", seller.seller_id] = seller.commission_tax_minor
    return {name: figure for name, figure in _in_currency(minor, order).items() if figure}


def _in_currency(minor: dict[Figure, int], order: OrderFigures) -> Figures:
    return {name: Fraction(figure, 10**order.exponent) for name, figure in minor.items()}
