"""A confirmed purchase of a flash sale as an order: its goods at the price of the sale, and nothing else.

The price that the buyer agreed to is the whole sum: what confirms purchases knows no rules, rates or fees, and does not guess
them. Where the catalog names no seller for the product, what the goods cost waits on the account of `UNKNOWN_SELLER`.

Source: docs/spec/orders.md#flash-sale-purchases; docs/decisions/flash-sale-orders.md.
"""

from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import MICRO
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.selling.ledger.model.transactions import UNKNOWN_SELLER
from quote_service.selling.orders.model.order import OrderFigures, OrderLine, OrderSeller


class ConfirmedPurchase(msgspec.Struct, frozen=True):
    """A purchase that has just been confirmed."""

    id: UUID
    product_id: UUID
    customer_id: UUID
    quantity: int
    unit_price_minor: int
    currency: str


def freeze_purchase(purchase: ConfirmedPurchase, seller_id: UUID | None) -> OrderFigures:
    """The figures of its order: price times units, for the seller whole; None where nobody knows who that is."""
    seller_id = UNKNOWN_SELLER if seller_id is None else seller_id
    exponent = EXPONENTS[purchase.currency]
    total_minor = purchase.unit_price_minor * purchase.quantity
    line = OrderLine(
        line_id=1,
        product_id=purchase.product_id,
        variant_id=None,
        seller_id=seller_id,
        quantity=purchase.quantity,
        unit_price_micro=purchase.unit_price_minor * (MICRO // 10**exponent),
        total_minor=total_minor,
        discount_minor=0,
        seller_discount_minor=0,
        tax_minor=0,
        is_tax_included=False,
        discounts=(),
        commissions=(),
    )
    seller = OrderSeller(
        seller_id=seller_id,
        item_total_minor=total_minor,
        seller_discount_minor=0,
        platform_discount_minor=0,
        exclusive_tax_minor=0,
        commission_minor=0,
        commission_tax=None,
        payout_minor=total_minor,
    )
    return OrderFigures(
        currency=purchase.currency,
        exponent=exponent,
        item_total_minor=total_minor,
        discount_minor=0,
        exclusive_tax_minor=0,
        inclusive_tax_minor=0,
        delivery_fee_minor=0,
        small_basket_fee_minor=0,
        fee_exclusive_tax_minor=0,
        fee_inclusive_tax_minor=0,
        total_minor=total_minor,
        sellers=(seller,),
        lines=(line,),
    )
