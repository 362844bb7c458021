"""Orders as they are shown: whole, and in the form that shoppers see.

A shopper's form says nothing of commission, of payouts, and of who pays for a discount.

Source: docs/spec/orders.md#who-sees-what.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.money.amounts import amount_text, decimal_text, unit_price_text
from quote_service.pricing.commission.negative_payouts import payout_negative
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.selling.orders.model.order import (
    LineCommission,
    LineDiscount,
    OnRefund,
    Order,
    OrderFigures,
    OrderLine,
    OrderSeller,
    OrderStatus,
)

_NUMBER = {"type": "number"}
Money = Annotated[
    msgspec.Raw,
    msgspec.Meta(extra_json_schema={**_NUMBER, "description": "With exactly the digits of the order's currency."}),
]
UnitPrice = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema=_NUMBER)]
Percent = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema=_NUMBER)]
_RATE_PLACES = 6


class OrderDiscountRecord(msgspec.Struct, frozen=True):
    """What a rule took off a line."""

    rule_id: UUID
    """The version of the rule."""
    amount: Money
    """What it took off the line, in the order's currency."""
    seller_funded: Money
    """The part that the seller pays, in the order's currency."""
    platform_funded: Money
    """The part that the platform pays, in the order's currency."""


class OrderCommissionRecord(msgspec.Struct, frozen=True):
    """What a rate charges on a line."""

    rate_id: UUID
    """The commission rate."""
    amount: Money
    """The commission, in the order's currency."""
    seller_commission: Money
    """The part charged for the seller, in the order's currency."""
    category_commission: Money
    """The part charged for the category, in the order's currency."""
    logistics_commission: Money
    """The part charged for logistics, in the order's currency."""
    on_refund: OnRefund
    """Whether a refund gives it back in proportion (`reverse`) or not (`keep`)."""


class OrderLineRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order."""

    line_id: int
    """Number of the line in its order, from 1."""
    product_id: UUID
    """The product."""
    variant_id: UUID | None
    """The variant; null if there is none."""
    seller_id: UUID
    """The seller."""
    quantity: int
    """How many units."""
    unit_price: UnitPrice
    """Price of one unit, in the order's currency, with up to 6 decimals."""
    line_total: Money
    """`unit_price` times `quantity`, in the order's currency."""
    discount_amount: Money
    """Discounts on the line, in the order's currency."""
    tax_amount: Money
    """Tax on the line after discounts, in the order's currency."""
    tax_included: bool
    """Whether the tax is contained in the price; otherwise it is added."""
    discounts: list[OrderDiscountRecord] | UnsetType = UNSET
    """The discounts by rule; not in a shopper's form."""
    commissions: list[OrderCommissionRecord] | UnsetType = UNSET
    """The commission by rate; not in a shopper's form."""


class OrderCommissionTaxRecord(msgspec.Struct, frozen=True):
    """Tax on a seller's commission."""

    rule_id: UUID
    """The version of the rule."""
    rate: Percent
    """Rate in percent."""
    inclusive: bool
    """Whether the tax is contained in the commission; otherwise it is taken off the payout."""
    amount: Money
    """The tax, in the order's currency."""


class OrderSellerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What an order comes to for one seller."""

    seller_id: UUID
    """The seller."""
    item_total: Money
    """Sum of the seller's lines, in the order's currency."""
    seller_discount: Money
    """Discounts that the seller pays, in the order's currency."""
    platform_discount: Money
    """Discounts on the seller's lines that the platform pays, in the order's currency."""
    commission: Money
    """Commission, in the order's currency."""
    commission_tax: OrderCommissionTaxRecord | None
    """Tax on the commission; null if there is none."""
    payout: Money
    """What the seller receives, in the order's currency."""


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order in a list."""

    id: UUID
    """Identifies the order."""
    quote_id: UUID | None
    """The quote that was ordered; null for a purchase in a flash sale."""
    purchase_id: UUID | None
    """The purchase in a flash sale; null for every other order."""
    customer_id: UUID
    """The customer."""
    external_ref: str | None
    """The reference that the quote was asked for with; null if there was none."""
    status: OrderStatus
    """Status of the order."""
    currency: str
    """ISO 4217 code of the currency of the amounts."""
    item_total: Money
    """Sum of the lines before discounts, in the order's currency."""
    discount_amount: Money
    """All discounts on lines, in the order's currency."""
    subtotal: Money
    """`item_total` less `discount_amount`, in the order's currency."""
    tax_amount: Money
    """All tax, added or included, in the order's currency."""
    tax_included_amount: Money
    """The part of the tax that is contained in the prices, in the order's currency."""
    delivery_fee: Money
    """The delivery fee, in the order's currency."""
    small_basket_fee: Money
    """The fee for small baskets, in the order's currency."""
    total_amount: Money
    """What the customer pays, in the order's currency."""
    placed_at: datetime
    """When the order was placed."""
    updated_at: datetime
    """When the status last changed."""
    fulfilled_at: datetime | None
    """When the order was fulfilled; null if it has not been."""
    cancelled_at: datetime | None
    """When the order was cancelled; null if it has not been."""


class OrderRecord(OrderSummary, frozen=True, kw_only=True):
    """An order with its lines. Shoppers get it without `sellers`, and its lines without `discounts` and `commissions`."""

    lines: list[OrderLineRecord]
    """The lines, in the order of the quote."""
    sellers: list[OrderSellerRecord] | UnsetType = UNSET
    """What each seller receives; not in a shopper's form."""
    warnings: list[WarningDocument] | UnsetType = UNSET
    """`payout_negative` for each seller whose payout is below zero; left out if there is none, and in a shopper's form."""


class PlacedOrderRecord(OrderRecord, frozen=True, kw_only=True):
    """An order as the answer shows it that places it."""

    warnings: list[WarningDocument] | UnsetType = UNSET
    """What the basket said that was not counted: unknown fields, and prices that the catalog knows otherwise; orders that are read
    later do not have it. Then `payout_negative` for each seller whose payout is below zero, not in a shopper's form. Left out if
    there is nothing to say."""


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an order."""

    number: int
    """Number of the event in its order; it was placed with number 0."""
    action: Literal["place", "fulfil", "cancel", "refund"]
    """What was done."""
    status: OrderStatus
    """Status of the order after it."""
    at: datetime
    """When it was done."""
    actor: str
    """Id of the person or API key that did it."""
    reason: str | None
    """Why, as given; null if no reason was given."""


def summary_of(order: Order) -> OrderSummary:
    """An order in a list."""
    return OrderSummary(**_summary(order))


def record_of(order: Order, *, for_shopper: bool = False) -> OrderRecord:
    """An order with its lines, whole or as a shopper sees it."""
    figures = order.figures
    exponent = figures.exponent
    return OrderRecord(
        **_summary(order),
        lines=[_line(line, exponent, for_shopper=for_shopper) for line in figures.lines],
        sellers=UNSET if for_shopper else [_seller(seller, exponent) for seller in figures.sellers],
        warnings=UNSET if for_shopper else _warnings(figures) or UNSET,
    )


def placed_record(
    order: Order, warnings: tuple[WarningDocument, ...], *, for_shopper: bool
) -> OrderRecord | PlacedOrderRecord:
    """As `record_of`, for the answer that places the order."""
    record = record_of(order, for_shopper=for_shopper)
    if not warnings:
        return record
    own = record.warnings or ()
    return PlacedOrderRecord(**{**msgspec.structs.asdict(record), "warnings": [*warnings, *own]})


def _warnings(figures: OrderFigures) -> list[WarningDocument]:
    found = (
        payout_negative(str(seller.seller_id), seller.payout_minor, figures.currency, figures.exponent)
        for seller in figures.sellers
        if seller.payout_minor < 0
    )
    return [WarningDocument(each.code, each.detail) for each in found]


def _summary(order: Order) -> dict[str, Any]:
    figures = order.figures
    return {
        "id": order.id,
        "quote_id": order.quote_id,
        "purchase_id": order.purchase_id,
        "customer_id": order.customer_id,
        "external_ref": order.external_ref,
        "status": order.status,
        "currency": figures.currency,
        **_amounts(figures),
        "placed_at": order.placed_at,
        "updated_at": order.changed_at,
        "fulfilled_at": order.fulfilled_at,
        "cancelled_at": order.cancelled_at,
    }


def _amounts(figures: OrderFigures) -> dict[str, msgspec.Raw]:
    exponent = figures.exponent
    return {
        "item_total": _money(figures.item_total_minor, exponent),
        "discount_amount": _money(figures.discount_minor, exponent),
        "subtotal": _money(figures.item_total_minor - figures.discount_minor, exponent),
        "tax_amount": _money(figures.exclusive_tax_minor + figures.inclusive_tax_minor, exponent),
        "tax_included_amount": _money(figures.inclusive_tax_minor, exponent),
        "delivery_fee": _money(figures.delivery_fee_minor, exponent),
        "small_basket_fee": _money(figures.small_basket_fee_minor, exponent),
        "total_amount": _money(figures.total_minor, exponent),
    }


def _line(line: OrderLine, exponent: int, *, for_shopper: bool) -> OrderLineRecord:
    return OrderLineRecord(
        line_id=line.line_id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        seller_id=line.seller_id,
        quantity=line.quantity,
        unit_price=msgspec.Raw(unit_price_text(line.unit_price_micro, exponent).encode()),
        line_total=_money(line.total_minor, exponent),
        discount_amount=_money(line.discount_minor, exponent),
        tax_amount=_money(line.tax_minor, exponent),
        tax_included=line.is_tax_included,
        discounts=UNSET if for_shopper else [_discount(discount, exponent) for discount in line.discounts],
        commissions=UNSET if for_shopper else [_commission(each, exponent) for each in line.commissions],
    )


def _discount(discount: LineDiscount, exponent: int) -> OrderDiscountRecord:
    return OrderDiscountRecord(
        discount.rule_id,
        _money(discount.amount_minor, exponent),
        _money(discount.seller_minor, exponent),
        _money(discount.platform_minor, exponent),
    )


def _commission(commission: LineCommission, exponent: int) -> OrderCommissionRecord:
    return OrderCommissionRecord(
        commission.rate_id,
        _money(commission.amount_minor, exponent),
        _money(commission.seller_minor, exponent),
        _money(commission.category_minor, exponent),
        _money(commission.logistics_minor, exponent),
        commission.on_refund,
    )


def _seller(seller: OrderSeller, exponent: int) -> OrderSellerRecord:
    tax = seller.commission_tax
    return OrderSellerRecord(
        seller_id=seller.seller_id,
        item_total=_money(seller.item_total_minor, exponent),
        seller_discount=_money(seller.seller_discount_minor, exponent),
        platform_discount=_money(seller.platform_discount_minor, exponent),
        commission=_money(seller.commission_minor, exponent),
        commission_tax=None
        if tax is None
        else OrderCommissionTaxRecord(
            tax.rule_id,
            msgspec.Raw(decimal_text(tax.rate_micro, _RATE_PLACES).encode()),
            tax.is_inclusive,
            _money(tax.amount_minor, exponent),
        ),
        payout=_money(seller.payout_minor, exponent),
    )


def _money(amount_minor: int, exponent: int) -> msgspec.Raw:
    return msgspec.Raw(amount_text(amount_minor, exponent).encode())
