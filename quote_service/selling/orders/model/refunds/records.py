"""Refunds as they are shown: whole, and in the form that shoppers see.

Source: docs/spec/refunds.md#who-may-refund.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.money.numbers import ExactNumber
from quote_service.selling.ledger.model.records import shown_amount
from quote_service.selling.orders.model.refunds.draft import Delivery
from quote_service.selling.orders.model.refunds.plan import LineRefund, SellerRefund
from quote_service.selling.orders.model.refunds.refund import Refund, RefundedStatus


class UndoneDiscountRecord(msgspec.Struct, frozen=True):
    """What is undone of a rule's discount on the line."""

    rule_id: UUID
    """The version of the rule."""
    amount: ExactNumber
    """What is undone, in the order's currency."""
    seller_funded: ExactNumber
    """The part that the seller had paid, in the order's currency."""
    platform_funded: ExactNumber
    """The part that the platform had paid, in the order's currency."""


class ReversedCommissionRecord(msgspec.Struct, frozen=True):
    """What is reversed of a rate's commission on the line."""

    rate_id: UUID
    """The commission rate; rates that keep their commission are left out."""
    amount: ExactNumber
    """What is reversed, in the order's currency."""
    seller_commission: ExactNumber
    """The part that was charged for the seller, in the order's currency."""
    category_commission: ExactNumber
    """The part that was charged for the category, in the order's currency."""
    logistics_commission: ExactNumber
    """The part that was charged for logistics, in the order's currency."""


class RefundedLineRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line that are refunded."""

    line_id: int
    """The line of the order."""
    product_id: UUID
    """The product."""
    variant_id: UUID | None
    """The variant; null if there is none."""
    seller_id: UUID
    """The seller."""
    quantity: int
    """How many units are refunded."""
    goods_amount: ExactNumber
    """What the customer gets for them before tax is added, in the order's currency."""
    tax_amount: ExactNumber
    """The tax on them, in the order's currency."""
    tax_included: bool
    """Whether the tax is contained in `goods_amount`; otherwise it is added."""
    discounts: list[UndoneDiscountRecord] | UnsetType = UNSET
    """What is undone of each discount; not in a shopper's form."""
    commissions: list[ReversedCommissionRecord] | UnsetType = UNSET
    """What is reversed of each commission; not in a shopper's form."""


class RefundedFeesRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Fees that are refunded, and the tax on them."""

    delivery_fee: ExactNumber
    """Of the delivery fee, in the order's currency."""
    small_basket_fee: ExactNumber
    """Of the fee for small baskets, in the order's currency."""
    tax_amount: ExactNumber
    """Tax on the fees, added or included, in the order's currency."""
    tax_included_amount: ExactNumber
    """The part of the tax that is contained in the fees, in the order's currency."""


class SellerRefundRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund comes to for one seller."""

    seller_id: UUID
    """The seller."""
    goods_amount: ExactNumber
    """What the customer gets for the seller's units before tax is added, in the order's currency."""
    platform_discount: ExactNumber
    """Discounts on them that the platform had paid, in the order's currency."""
    commission: ExactNumber
    """Commission that is reversed, in the order's currency."""
    commission_tax: ExactNumber
    """Tax on that commission, in the order's currency."""
    commission_tax_included: bool
    """Whether that tax is contained in `commission`; otherwise it had been taken off the payout."""
    payout_change: ExactNumber
    """By how much the seller's payout changes, in the order's currency; below 0 where the seller gives back."""


class RefundRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A refund. Shoppers get it without `sellers`, `reason` and `actor`, and its lines without `discounts` and `commissions`."""

    id: UUID | None
    """Identifies the refund; null in a dry run."""
    order_id: UUID
    """The order."""
    number: int | None
    """Number of the refund in its order, from 1; null in a dry run."""
    order_status: RefundedStatus
    """Status of the order after the refund."""
    currency: str
    """ISO 4217 code of the currency of the amounts."""
    total_amount: ExactNumber
    """What the customer gets: goods, added tax and fees, in the order's currency."""
    delivery: Delivery
    """What was requested of the fees."""
    lines: list[RefundedLineRecord]
    """The lines, by number."""
    fees: RefundedFeesRecord
    """The fees."""
    sellers: list[SellerRefundRecord] | UnsetType = UNSET
    """What becomes of the payouts; not in a shopper's form."""
    restock: bool
    """Whether the units went back into stock."""
    reason: str | UnsetType | None = UNSET
    """Why, as given; null if no reason was given. Not in a shopper's form."""
    actor: str | UnsetType | None = UNSET
    """Id of the person or API key that refunded; null in a dry run. Not in a shopper's form."""
    refunded_at: datetime | None
    """When the order was refunded; null in a dry run."""


def refund_record(refund: Refund, *, for_shopper: bool = False) -> RefundRecord:
    """A refund, whole or as a shopper sees it."""
    figures, exponent = refund.figures, refund.exponent

    def amount(amount_minor: int) -> ExactNumber:
        return shown_amount(amount_minor, exponent)

    fees = figures.fees
    return RefundRecord(
        id=refund.id,
        order_id=refund.order_id,
        number=refund.number,
        order_status=refund.order_status,
        currency=refund.currency,
        total_amount=amount(figures.total_minor),
        delivery=refund.delivery,
        lines=[_line(line, exponent, for_shopper=for_shopper) for line in figures.lines],
        fees=RefundedFeesRecord(
            delivery_fee=amount(fees.delivery_fee_minor),
            small_basket_fee=amount(fees.small_basket_fee_minor),
            tax_amount=amount(fees.exclusive_tax_minor + fees.inclusive_tax_minor),
            tax_included_amount=amount(fees.inclusive_tax_minor),
        ),
        sellers=UNSET if for_shopper else [_seller(seller, exponent) for seller in figures.sellers],
        restock=refund.restock,
        reason=UNSET if for_shopper else refund.reason,
        actor=UNSET if for_shopper else refund.actor,
        refunded_at=refund.refunded_at,
    )


def _line(line: LineRefund, exponent: int, *, for_shopper: bool) -> RefundedLineRecord:
    def amount(amount_minor: int) -> ExactNumber:
        return shown_amount(amount_minor, exponent)

    discounts = [
        UndoneDiscountRecord(
            each.rule_id, amount(each.amount_minor), amount(each.seller_minor), amount(each.platform_minor)
        )
        for each in line.discounts
    ]
    commissions = [
        ReversedCommissionRecord(
            each.rate_id,
            amount(each.amount_minor),
            amount(each.seller_minor),
            amount(each.category_minor),
            amount(each.logistics_minor),
        )
        for each in line.commissions
    ]
    return RefundedLineRecord(
        line_id=line.line_id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        seller_id=line.seller_id,
        quantity=line.quantity,
        goods_amount=amount(line.goods_minor),
        tax_amount=amount(line.tax_minor),
        tax_included=line.is_tax_included,
        discounts=UNSET if for_shopper else discounts,
        commissions=UNSET if for_shopper else commissions,
    )


def _seller(seller: SellerRefund, exponent: int) -> SellerRefundRecord:
    def amount(amount_minor: int) -> ExactNumber:
        return shown_amount(amount_minor, exponent)

    return SellerRefundRecord(
        seller_id=seller.seller_id,
        goods_amount=amount(seller.goods_minor),
        platform_discount=amount(seller.platform_discount_minor),
        commission=amount(seller.commission_minor),
        commission_tax=amount(seller.commission_tax_minor),
        commission_tax_included=seller.is_commission_tax_inclusive,
        payout_change=amount(seller.payout_minor),
    )
