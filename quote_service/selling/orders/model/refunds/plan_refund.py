"""Work out what a refund comes to.

Every figure of a line is `platform/money/refunds.py` of its units, so that refunds of all units add up to exactly the whole. Only
what becomes of a seller's payout is not rounded by itself: it is what the other figures leave, so that the ledger adds up.

Source: docs/spec/refunds.md#what-a-refund-comes-to.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from uuid import UUID

from quote_service.platform.money.amounts import round_half_away
from quote_service.platform.money.refunds import partial_refund
from quote_service.selling.orders.model.order import LineCommission, LineDiscount, OrderFigures, OrderLine, OrderSeller
from quote_service.selling.orders.model.refunds.draft import Delivery, RefundDraft
from quote_service.selling.orders.model.refunds.plan import (
    FeesRefund,
    LineRefund,
    Refunded,
    RefundFigures,
    RefundPlan,
    SellerRefund,
)
from quote_service.selling.orders.model.refunds.require_left import require_fees, require_lines, require_units

# What a figure of a line comes to for the units in question.
_Part = Callable[[int], int]


def plan_refund(figures: OrderFigures, refunded: Refunded, draft: RefundDraft) -> RefundPlan:
    """What a refund comes to.

    Args:
        figures: Those of the order, as it was placed.
        refunded: What has been refunded of it so far.
        draft: What is asked for.

    Raises:
        Invalid: A line is not the order's, or is named twice, or nothing is asked for.
        RefundExceedsOrder: Fewer units are left of a line, or nothing of the fees where only these are asked for.
    """
    by_id = {line.line_id: line for line in figures.lines}
    require_lines(by_id, draft)
    require_units(by_id, refunded, draft)
    units = {**refunded.units}
    named = sorted(draft.lines, key=lambda asked: asked.line_id)
    for asked in named:
        units[asked.line_id] = units.get(asked.line_id, 0) + asked.quantity
    lines = tuple(_line(by_id[asked.line_id], refunded.units.get(asked.line_id, 0), asked.quantity) for asked in named)
    fees = _fees(figures, refunded.fees, sum(units.values()), draft.delivery)
    if not lines:
        require_fees(fees)
    after = Refunded(units, _sum(refunded.fees, fees))
    sellers = _sellers(figures, refunded.units, lines)
    return RefundPlan(
        figures=RefundFigures(lines=lines, fees=fees, sellers=sellers),
        refunded=after,
        is_last=_is_all(figures, after),
    )


def _line(line: OrderLine, before: int, quantity: int) -> LineRefund:
    def part(whole_minor: int) -> int:
        so_far_minor = partial_refund(whole_minor, line.quantity, before, 0)
        return partial_refund(whole_minor, line.quantity, before + quantity, so_far_minor)

    return LineRefund(
        line_id=line.line_id,
        seller_id=line.seller_id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        quantity=quantity,
        goods_minor=part(line.goods_minor),
        tax_minor=part(line.tax_minor),
        is_tax_included=line.is_tax_included,
        discounts=tuple(_undone(discount, part) for discount in line.discounts),
        commissions=_reversed(line, part),
    )


def _undone(discount: LineDiscount, part: _Part) -> LineDiscount:
    seller_minor, platform_minor = part(discount.seller_minor), part(discount.platform_minor)
    return LineDiscount(discount.rule_id, seller_minor + platform_minor, seller_minor, platform_minor)


def _reversed(line: OrderLine, part: _Part) -> tuple[LineCommission, ...]:
    """What is reversed of each rate that does not keep its commission."""
    reversed_commissions = []
    for commission in line.commissions:
        if commission.on_refund == "reverse":
            parts = part(commission.seller_minor), part(commission.category_minor), part(commission.logistics_minor)
            reversed_commissions.append(LineCommission(commission.rate_id, sum(parts), *parts))
    return tuple(reversed_commissions)


def _fees(figures: OrderFigures, so_far: FeesRefund, units: int, delivery: Delivery) -> FeesRefund:
    if delivery == "none":
        return FeesRefund()
    bought = figures.quantity

    def part(whole_minor: int, so_far_minor: int) -> int:
        if delivery == "full":
            return whole_minor - so_far_minor
        # After a refund in full there is nothing left, whatever the units' share is.
        return max(0, partial_refund(whole_minor, bought, units, so_far_minor))

    return FeesRefund(
        part(figures.delivery_fee_minor, so_far.delivery_fee_minor),
        part(figures.small_basket_fee_minor, so_far.small_basket_fee_minor),
        part(figures.fee_exclusive_tax_minor, so_far.exclusive_tax_minor),
        part(figures.fee_inclusive_tax_minor, so_far.inclusive_tax_minor),
    )


def _sum(one: FeesRefund, other: FeesRefund) -> FeesRefund:
    return FeesRefund(
        one.delivery_fee_minor + other.delivery_fee_minor,
        one.small_basket_fee_minor + other.small_basket_fee_minor,
        one.exclusive_tax_minor + other.exclusive_tax_minor,
        one.inclusive_tax_minor + other.inclusive_tax_minor,
    )


def _sellers(
    figures: OrderFigures, units_before: Mapping[int, int], lines: tuple[LineRefund, ...]
) -> tuple[SellerRefund, ...]:
    """What the refund comes to for each seller whose lines are in it, in the order of the lines."""
    sellers = {seller.seller_id: seller for seller in figures.sellers}
    ordered = defaultdict[UUID, list[OrderLine]](list)
    for ordered_line in figures.lines:
        ordered[ordered_line.seller_id].append(ordered_line)
    refunded = defaultdict[UUID, list[LineRefund]](list)
    for line in lines:
        refunded[line.seller_id].append(line)
    found = []
    for seller_id, own in refunded.items():
        seller, commission_minor = sellers[seller_id], sum(line.commission_minor for line in own)
        tax = seller.commission_tax
        found.append(
            SellerRefund(
                seller_id=seller_id,
                goods_minor=sum(line.goods_minor for line in own),
                exclusive_tax_minor=sum(line.exclusive_tax_minor for line in own),
                platform_discount_minor=sum(line.platform_discount_minor for line in own),
                commission_minor=commission_minor,
                commission_tax_minor=_commission_tax(seller, ordered[seller_id], units_before, commission_minor),
                is_commission_tax_inclusive=tax is not None and tax.is_inclusive,
            )
        )
    return tuple(found)


def _commission_tax(
    seller: OrderSeller, lines: list[OrderLine], units_before: Mapping[int, int], commission_minor: int
) -> int:
    """The tax on what is reversed of a seller's commission: the share of all that is reversed so far, less that before."""
    if not seller.commission_tax_minor or not commission_minor:
        return 0
    before_minor = sum(
        _reversed_before(line, units_before[line.line_id]) for line in lines if line.line_id in units_before
    )

    def share(reversed_minor: int) -> int:
        return round_half_away(seller.commission_tax_minor * reversed_minor, seller.commission_minor)

    return share(before_minor + commission_minor) - share(before_minor)


def _reversed_before(line: OrderLine, units: int) -> int:
    parts = _reversed(line, lambda whole_minor: partial_refund(whole_minor, line.quantity, units, 0))
    return sum(commission.amount_minor for commission in parts)


def _is_all(figures: OrderFigures, refunded: Refunded) -> bool:
    """Whether nothing is left: no unit, and nothing of the fees and their tax."""
    fees = FeesRefund(
        figures.delivery_fee_minor,
        figures.small_basket_fee_minor,
        figures.fee_exclusive_tax_minor,
        figures.fee_inclusive_tax_minor,
    )
    return refunded.fees == fees and sum(refunded.units.values()) == figures.quantity
