"""Orders, their refunds and their cancellations as they are counted.

Source: docs/spec/analytics.md#orders.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from quote_service.selling.orders.model.order import LineCommission, LineDiscount, OrderFigures, OrderLine, OrderSeller
from quote_service.selling.orders.model.refunds.plan import FeesRefund, LineRefund, SellerRefund
from quote_service.steering.analytics.model.sales.facts import LineFact, RuleShare, SaleFact, Shopper, quarter_of
from quote_service.steering.analytics.model.sales.figures import (
    PLATFORM_DISCOUNT,
    SELLER_DISCOUNT,
    SHIFT,
    Figures,
    add_to,
    reversed_figures,
)
from quote_service.steering.analytics.model.sales.quoted import Quoted

_NO_FIGURES: Figures = {}


class SoldOrder(NamedTuple):
    """An order, and the quote that it is of; None for a purchase of a flash sale.

    `issued_at` is when the quote was issued; None where that was not counted.
    """

    id: UUID
    placed_at: datetime
    figures: OrderFigures
    quoted: Quoted | None
    issued_at: datetime | None = None

    @property
    def shopper(self) -> Shopper:
        """Who bought."""
        return Shopper() if self.quoted is None else self.quoted.shopper

    def rule_name(self, rule_id: UUID) -> str:
        """By which name a rule is counted."""
        return str(rule_id) if self.quoted is None else self.quoted.rule_names.get(rule_id, str(rule_id))

    def category(self, line_id: int) -> str:
        """Of a line."""
        return "" if self.quoted is None else self.quoted.category(line_id)


class MadeRefund(NamedTuple):
    """A refund of an order."""

    refunded_at: datetime
    total_minor: int
    lines: tuple[LineRefund, ...]
    fees: FeesRefund
    sellers: tuple[SellerRefund, ...]


def accepted_fact(quoted: Quoted, accepted_at: datetime, currency: str, total_minor: int) -> SaleFact:
    """An accepted quote."""
    return SaleFact(
        at=accepted_at,
        currency=currency,
        shopper=quoted.shopper,
        figures={"accepted": 1, "accepted_total_minor": total_minor},
        lines=quoted.lines(),
    )


def by_issue(fact: SaleFact, figure: Literal["accepted", "orders"], issued_at: datetime | None) -> Iterator[SaleFact]:
    """The fact, with what makes a figure of it count by the issue of its quote too.

    Args:
        fact: That something was accepted, or ordered.
        figure: What of it is counted so.
        issued_at: When the quote was issued; None where that was not counted, so that it is no share of what was.
    """
    if issued_at is not None and quarter_of(issued_at) == quarter_of(fact.at):
        yield fact
        return
    name = figure + SHIFT
    yield msgspec.structs.replace(
        fact,
        figures={**fact.figures, name: -1},
        lines=tuple(msgspec.structs.replace(line, figures={**line.figures, name: -1}) for line in fact.lines),
    )
    if issued_at is not None:
        lines = (msgspec.structs.replace(line, figures={name: 1}, sellers=_NO_FIGURES) for line in fact.lines)
        yield msgspec.structs.replace(fact, at=issued_at, figures={name: 1}, lines=tuple(lines))


def order_fact(order: SoldOrder) -> SaleFact:
    """An order that was placed."""
    figures, lines = order.figures, _lines(order)
    sums: dict[str, int] = {}
    for line in lines:
        add_to(sums, line.figures)
        add_to(sums, line.sellers)
    sums |= {
        "orders": 1,
        "delivery_fee_minor": figures.delivery_fee_minor,
        "small_basket_fee_minor": figures.small_basket_fee_minor,
        "exclusive_tax_minor": figures.exclusive_tax_minor,
        "inclusive_tax_minor": figures.inclusive_tax_minor,
        "total_minor": figures.total_minor,
    }
    if order.quoted is None:
        sums |= {"purchases": 1, "purchases_total_minor": figures.total_minor}
    return SaleFact(
        at=order.placed_at, currency=figures.currency, shopper=order.shopper, figures=sums, lines=tuple(lines)
    )


def cancellation_fact(order: SoldOrder, cancelled_at: datetime) -> SaleFact:
    """A cancellation: all of the order comes back."""
    sold = order_fact(order)

    def given_back(figures: Figures) -> dict[str, int]:
        total_minor = figures["total_minor"]
        return {**reversed_figures(figures), "cancellations": 1, "cancelled_total_minor": total_minor}

    return msgspec.structs.replace(
        sold,
        at=cancelled_at,
        figures=given_back(sold.figures),
        lines=tuple(
            msgspec.structs.replace(line, figures=given_back(line.figures), sellers=reversed_figures(line.sellers))
            for line in sold.lines
        ),
    )


def refund_fact(order: SoldOrder, refund: MadeRefund) -> SaleFact:
    """A refund: what it gives back."""
    sellers = {seller.seller_id: seller for seller in refund.sellers}
    charged = {line.line_id for line in order.figures.lines if line.commissions}
    lines, sums = [], dict[str, int]()
    for line in refund.lines:
        seller = sellers.pop(line.seller_id, None)
        sold = {**_line_refund(line, is_charged=line.line_id in charged)}
        made = LineFact(
            seller=str(line.seller_id),
            category=order.category(line.line_id),
            product=str(line.product_id),
            figures={**reversed_figures(sold), "refunds": 1},
            sellers=_NO_FIGURES if seller is None else reversed_figures(_seller_refund(seller)),
            rules=_shares(order, line.discounts),
        )
        lines.append(made)
        add_to(sums, made.figures)
        add_to(sums, made.sellers)
    fees = refund.fees
    add_to(
        sums,
        reversed_figures(
            {
                "delivery_fee_minor": fees.delivery_fee_minor,
                "small_basket_fee_minor": fees.small_basket_fee_minor,
                "exclusive_tax_minor": fees.exclusive_tax_minor,
                "inclusive_tax_minor": fees.inclusive_tax_minor,
            }
        ),
    )
    sums |= {**reversed_figures({"total_minor": refund.total_minor}), "refunds": 1}
    return SaleFact(
        at=refund.refunded_at,
        currency=order.figures.currency,
        shopper=order.shopper,
        figures=sums,
        lines=tuple(lines),
    )


def _lines(order: SoldOrder) -> list[LineFact]:
    sellers = {seller.seller_id: seller for seller in order.figures.sellers}
    clamped = [] if order.quoted is None else order.quoted.clamped
    lines, first = [], 0
    for line in order.figures.lines:
        end = first + len(line.commissions)
        seller = sellers.pop(line.seller_id, None)
        lines.append(
            LineFact(
                seller=str(line.seller_id),
                category=order.category(line.line_id),
                product=str(line.product_id),
                figures={
                    **_line(line, clamped[first:end]),
                    **(
                        {"purchases": 1, "purchases_total_minor": line.goods_minor + line.exclusive_tax_minor}
                        if order.quoted is None
                        else _NO_FIGURES
                    ),
                },
                sellers=_NO_FIGURES if seller is None else _seller(seller),
                rules=_shares(order, line.discounts),
            )
        )
        first = end
    return lines


def _line(line: OrderLine, clamped: Sequence[bool]) -> dict[str, int]:
    return {
        "orders": 1,
        "lines": 1,
        "units": line.quantity,
        "gross_minor": line.total_minor,
        SELLER_DISCOUNT: line.seller_discount_minor,
        PLATFORM_DISCOUNT: line.platform_discount_minor,
        "exclusive_tax_minor": line.exclusive_tax_minor,
        "inclusive_tax_minor": line.tax_minor - line.exclusive_tax_minor,
        "total_minor": line.goods_minor + line.exclusive_tax_minor,
        "commission_base_minor": line.total_minor - line.seller_discount_minor if line.commissions else 0,
        "charges": len(line.commissions),
        "clamped": sum(clamped),
        "clamped_commission_minor": sum(
            charge.amount_minor for charge, is_clamped in zip(line.commissions, clamped, strict=False) if is_clamped
        ),
        **_commissions(line.commissions),
    }


def _line_refund(line: LineRefund, *, is_charged: bool) -> dict[str, int]:
    undone = Counter[str]()
    for discount in line.discounts:
        undone[SELLER_DISCOUNT] += discount.seller_minor
        undone[PLATFORM_DISCOUNT] += discount.platform_minor
    return {
        "units": line.quantity,
        "gross_minor": line.goods_minor + undone.total(),
        **undone,
        "exclusive_tax_minor": line.exclusive_tax_minor,
        "inclusive_tax_minor": line.tax_minor - line.exclusive_tax_minor,
        "total_minor": line.goods_minor + line.exclusive_tax_minor,
        "commission_base_minor": line.goods_minor + line.platform_discount_minor if is_charged else 0,
        **_commissions(line.commissions),
    }


def _commissions(commissions: Sequence[LineCommission]) -> dict[str, int]:
    return {
        "seller_commission_minor": sum(each.seller_minor for each in commissions),
        "category_commission_minor": sum(each.category_minor for each in commissions),
        "logistics_commission_minor": sum(each.logistics_minor for each in commissions),
    }


def _seller(seller: OrderSeller) -> dict[str, int]:
    return {
        "commission_tax_minor": seller.commission_tax_minor,
        "inclusive_commission_tax_minor": seller.commission_minor - seller.earned_commission_minor,
        "payout_minor": seller.payout_minor,
    }


def _seller_refund(seller: SellerRefund) -> dict[str, int]:
    return {
        "commission_tax_minor": seller.commission_tax_minor,
        "inclusive_commission_tax_minor": seller.commission_minor - seller.earned_commission_minor,
        "payout_minor": -seller.payout_minor,
    }


def _shares(order: SoldOrder, discounts: Sequence[LineDiscount]) -> dict[str, RuleShare]:
    shares: dict[str, RuleShare] = {}
    for each in discounts:
        name = order.rule_name(each.rule_id)
        held = shares.get(name, RuleShare(0, 0))
        shares[name] = RuleShare(held.seller_minor + each.seller_minor, held.platform_minor + each.platform_minor)
    return shares
