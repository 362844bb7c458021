"""An order as it is frozen: every figure that a refund, a statement or a dispute will ask for.

Amounts are whole minor units of the order's currency, and never below 0: a discount is what it takes off, and a commission
what it takes. Figures of a line are of all its units together.

Laws, held by tests for every order: the discounts of a line add up to `discount_minor`, their seller's parts to
`seller_discount_minor`; lines add up to the order and to their sellers; the commissions of a seller's lines add up to the
seller's; `payout_minor` is what the lines less the seller's discounts and commission leave, less a tax on commission that is
not contained in it; the entries in the ledger add up to zero.

Source: docs/spec/orders.md#frozen-figures.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

OrderStatus = Literal["placed", "fulfilled", "cancelled", "partly_refunded", "refunded"]
OrderAction = Literal["fulfil", "cancel", "refund"]
OnRefund = Literal["reverse", "keep"]


class LineDiscount(msgspec.Struct, frozen=True):
    """What one rule took off a line, and who pays for it; the two parts add up to the amount."""

    rule_id: UUID
    amount_minor: int
    seller_minor: int
    platform_minor: int


class LineCommission(msgspec.Struct, frozen=True):
    """What one rate charges on a line, by dimension; `keep`: a refund gives nothing of it back."""

    rate_id: UUID
    amount_minor: int
    seller_minor: int
    category_minor: int
    logistics_minor: int
    on_refund: OnRefund = "reverse"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line; `line_id` counts from 1. `tax_minor` is contained in the price where `is_tax_included`, and added otherwise."""

    line_id: int
    product_id: UUID
    variant_id: UUID | None
    seller_id: UUID
    quantity: int
    unit_price_micro: int
    total_minor: int
    discount_minor: int
    seller_discount_minor: int
    tax_minor: int
    is_tax_included: bool
    discounts: tuple[LineDiscount, ...]
    commissions: tuple[LineCommission, ...]

    @property
    def goods_minor(self) -> int:
        """What the customer pays for the line before tax is added."""
        return self.total_minor - self.discount_minor

    @property
    def platform_discount_minor(self) -> int:
        """What of the discount the platform pays for."""
        return self.discount_minor - self.seller_discount_minor

    @property
    def exclusive_tax_minor(self) -> int:
        """The tax that is added to the price."""
        return 0 if self.is_tax_included else self.tax_minor

    @property
    def commission_minor(self) -> int:
        """What all rates charge on the line."""
        return sum(commission.amount_minor for commission in self.commissions)


class CommissionTax(msgspec.Struct, frozen=True):
    """Tax on a seller's commission; contained in the commission where `is_inclusive`, and taken off the payout otherwise."""

    rule_id: UUID
    rate_micro: int
    """Millionths of a percent."""
    is_inclusive: bool
    amount_minor: int


class OrderSeller(msgspec.Struct, frozen=True, kw_only=True):
    """What an order comes to for one seller; `exclusive_tax_minor` is the tax that is added to the seller's lines."""

    seller_id: UUID
    item_total_minor: int
    seller_discount_minor: int
    platform_discount_minor: int
    exclusive_tax_minor: int
    commission_minor: int
    commission_tax: CommissionTax | None
    payout_minor: int

    @property
    def commission_tax_minor(self) -> int:
        """Tax on the commission, contained in it or not."""
        return 0 if self.commission_tax is None else self.commission_tax.amount_minor

    @property
    def earned_commission_minor(self) -> int:
        """The commission without a tax that is contained in it."""
        tax = self.commission_tax
        return self.commission_minor - (tax.amount_minor if tax is not None and tax.is_inclusive else 0)


class OrderFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of an order, frozen when it is placed.

    Tax on fees (`fee_*`) is part of the tax of the order; inclusive tax is contained in the prices and fees.
    """

    currency: str
    exponent: int
    item_total_minor: int
    discount_minor: int
    exclusive_tax_minor: int
    inclusive_tax_minor: int
    delivery_fee_minor: int
    small_basket_fee_minor: int
    fee_exclusive_tax_minor: int
    fee_inclusive_tax_minor: int
    total_minor: int
    sellers: tuple[OrderSeller, ...]
    lines: tuple[OrderLine, ...]

    @property
    def quantity(self) -> int:
        """Units of all lines together."""
        return sum(line.quantity for line in self.lines)

    @property
    def fees_minor(self) -> int:
        """Delivery and the fee for small baskets, without tax that is added."""
        return self.delivery_fee_minor + self.small_basket_fee_minor


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order: its figures, which stay, and its life.

    `quote_id` is None for a purchase of a flash sale, `purchase_id` for everything else. `placed_by` is the id of a person or
    an API key.
    """

    id: UUID
    quote_id: UUID | None
    purchase_id: UUID | None
    customer_id: UUID
    status: OrderStatus
    figures: OrderFigures
    external_ref: str | None
    rulebook_version: int | None
    placed_at: datetime
    placed_by: str
    placed_by_kind: str
    request_id: str
    changed_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
