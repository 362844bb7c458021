"""Orders of every kind, and refunds of them until nothing is left."""

from __future__ import annotations

from uuid import UUID

from hypothesis import strategies as st

from quote_service.selling.orders.model.order import (
    CommissionTax,
    LineCommission,
    LineDiscount,
    OnRefund,
    OrderFigures,
    OrderLine,
    OrderSeller,
)
from quote_service.selling.orders.model.refunds.draft import Delivery, RefundDraft, RefundLineDraft

CURRENCIES = (("JPY", 0), ("TRY", 2), ("KWD", 3))
CUSTOMER = UUID(int=1)
SELLERS = tuple(UUID(int=10 + place) for place in range(3))
RULES = tuple(UUID(int=20 + place) for place in range(3))
RATES = tuple(UUID(int=30 + place) for place in range(4))
# Small ones, where rounding is most of the figure, and some as large as can be.
AMOUNTS = st.one_of(st.integers(0, 20), st.integers(0, 100_000), st.integers(0, 10**16))
QUANTITIES = st.one_of(st.integers(1, 5), st.integers(1, 1_000_000))
DELIVERIES: tuple[Delivery, ...] = ("none", "full", "proportional")


def a_discount(rule_id: UUID, seller_minor: int, platform_minor: int) -> LineDiscount:
    return LineDiscount(rule_id, seller_minor + platform_minor, seller_minor, platform_minor)


def a_commission(
    rate_id: UUID, seller_minor: int, category_minor: int = 0, logistics_minor: int = 0, on_refund: OnRefund = "reverse"
) -> LineCommission:
    amount_minor = seller_minor + category_minor + logistics_minor
    return LineCommission(rate_id, amount_minor, seller_minor, category_minor, logistics_minor, on_refund)


def a_line(
    line_id: int,
    *,
    goods_minor: int,
    seller_id: UUID = SELLERS[0],
    product_id: UUID | None = None,
    variant_id: UUID | None = None,
    quantity: int = 1,
    tax_minor: int = 0,
    is_tax_included: bool = False,
    discounts: tuple[LineDiscount, ...] = (),
    commissions: tuple[LineCommission, ...] = (),
) -> OrderLine:
    discount_minor = sum(each.amount_minor for each in discounts)
    return OrderLine(
        line_id=line_id,
        product_id=product_id or UUID(int=100 + line_id),
        variant_id=variant_id,
        seller_id=seller_id,
        quantity=quantity,
        unit_price_micro=0,
        total_minor=goods_minor + discount_minor,
        discount_minor=discount_minor,
        seller_discount_minor=sum(each.seller_minor for each in discounts),
        tax_minor=tax_minor,
        is_tax_included=is_tax_included,
        discounts=discounts,
        commissions=commissions,
    )


def an_order(
    lines: tuple[OrderLine, ...],
    taxes: dict[UUID, CommissionTax] | None = None,
    *,
    currency: str = "TRY",
    exponent: int = 2,
    delivery_fee_minor: int = 0,
    small_basket_fee_minor: int = 0,
    fee_exclusive_tax_minor: int = 0,
    fee_inclusive_tax_minor: int = 0,
) -> OrderFigures:
    """The order that these lines and fees make; `taxes` are those on the sellers' commission."""
    sellers = tuple(
        _seller(seller_id, [line for line in lines if line.seller_id == seller_id], (taxes or {}).get(seller_id))
        for seller_id in dict.fromkeys(line.seller_id for line in lines)
    )
    exclusive_tax_minor = sum(line.exclusive_tax_minor for line in lines) + fee_exclusive_tax_minor
    return OrderFigures(
        currency=currency,
        exponent=exponent,
        item_total_minor=sum(line.total_minor for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        exclusive_tax_minor=exclusive_tax_minor,
        inclusive_tax_minor=sum(line.tax_minor for line in lines if line.is_tax_included) + fee_inclusive_tax_minor,
        delivery_fee_minor=delivery_fee_minor,
        small_basket_fee_minor=small_basket_fee_minor,
        fee_exclusive_tax_minor=fee_exclusive_tax_minor,
        fee_inclusive_tax_minor=fee_inclusive_tax_minor,
        total_minor=sum(line.goods_minor for line in lines)
        + exclusive_tax_minor
        + delivery_fee_minor
        + small_basket_fee_minor,
        sellers=sellers,
        lines=lines,
    )


def _seller(seller_id: UUID, lines: list[OrderLine], tax: CommissionTax | None) -> OrderSeller:
    item_total_minor = sum(line.total_minor for line in lines)
    seller_discount_minor = sum(line.seller_discount_minor for line in lines)
    commission_minor = sum(line.commission_minor for line in lines)
    taken_off_minor = 0 if tax is None or tax.is_inclusive else tax.amount_minor
    return OrderSeller(
        seller_id=seller_id,
        item_total_minor=item_total_minor,
        seller_discount_minor=seller_discount_minor,
        platform_discount_minor=sum(line.platform_discount_minor for line in lines),
        exclusive_tax_minor=sum(line.exclusive_tax_minor for line in lines),
        commission_minor=commission_minor,
        commission_tax=tax,
        payout_minor=item_total_minor - seller_discount_minor - commission_minor - taken_off_minor,
    )


@st.composite
def lines(draw: st.DrawFn, line_id: int, kept: frozenset[UUID]) -> OrderLine:
    goods_minor, is_tax_included = draw(AMOUNTS), draw(st.booleans())
    return a_line(
        line_id,
        goods_minor=goods_minor,
        seller_id=draw(st.sampled_from(SELLERS)),
        variant_id=draw(st.sampled_from((None, UUID(int=200 + line_id)))),
        quantity=draw(QUANTITIES),
        tax_minor=draw(st.integers(0, goods_minor)) if is_tax_included else draw(AMOUNTS),
        is_tax_included=is_tax_included,
        discounts=tuple(
            a_discount(rule_id, draw(AMOUNTS), draw(AMOUNTS))
            for rule_id in draw(st.lists(st.sampled_from(RULES), unique=True, max_size=3))
        ),
        commissions=tuple(
            a_commission(rate_id, draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS), "keep" if rate_id in kept else "reverse")
            for rate_id in draw(st.lists(st.sampled_from(RATES), unique=True, max_size=3))
        ),
    )


@st.composite
def orders(draw: st.DrawFn) -> OrderFigures:
    currency, exponent = draw(st.sampled_from(CURRENCIES))
    kept = frozenset(draw(st.lists(st.sampled_from(RATES), unique=True, max_size=2)))
    made = tuple(draw(lines(line_id, kept)) for line_id in range(1, draw(st.integers(1, 5)) + 1))
    taxes = {}
    for seller_id in dict.fromkeys(line.seller_id for line in made):
        commission_minor = sum(line.commission_minor for line in made if line.seller_id == seller_id)
        if draw(st.booleans()):
            amount_minor = draw(st.integers(0, commission_minor))
            taxes[seller_id] = CommissionTax(UUID(int=3), 0, draw(st.booleans()), amount_minor)
    delivery_fee_minor, small_basket_fee_minor = draw(AMOUNTS), draw(AMOUNTS)
    return an_order(
        made,
        taxes,
        currency=currency,
        exponent=exponent,
        delivery_fee_minor=delivery_fee_minor,
        small_basket_fee_minor=small_basket_fee_minor,
        fee_exclusive_tax_minor=draw(AMOUNTS),
        fee_inclusive_tax_minor=draw(st.integers(0, delivery_fee_minor + small_basket_fee_minor)),
    )


@st.composite
def drafts_of(draw: st.DrawFn, order: OrderFigures) -> list[RefundDraft]:
    """Refunds that name all units of an order, of which the last asks for the fees; between them, some of fees alone."""
    left = {line.line_id: line.quantity for line in order.lines}
    drafts: list[RefundDraft] = []
    while left:
        at_once = len(drafts) > 6  # however many units there are
        named = draw(st.permutations(sorted(left)))
        if not at_once:
            named = named[: draw(st.integers(0, len(named)))]
        asked = {line_id: left[line_id] if at_once else draw(st.integers(1, left[line_id])) for line_id in named}
        drafts.append(a_draft(asked, draw(st.sampled_from(DELIVERIES)) if asked else "proportional"))
        left = {line_id: units - asked.get(line_id, 0) for line_id, units in left.items()}
        left = {line_id: units for line_id, units in left.items() if units}
    last = drafts.pop()
    units = {line.line_id: line.quantity for line in last.lines}
    return [*drafts, a_draft(units, draw(st.sampled_from(("full", "proportional"))))]


def a_draft(units: dict[int, int], delivery: Delivery = "none") -> RefundDraft:
    asked = [RefundLineDraft(line_id=line_id, quantity=quantity) for line_id, quantity in units.items()]
    return RefundDraft(lines=asked, delivery=delivery)


def kept_commission(line: OrderLine) -> int:
    """What rates keep of a line's commission when it is refunded."""
    return sum(commission.amount_minor for commission in line.commissions if commission.on_refund == "keep")
