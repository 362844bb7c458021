"""What a refund comes to, figure by figure, in whole minor units. No figure is below 0 but what becomes of a payout.

Source: docs/spec/refunds.md#what-a-refund-comes-to.
"""

from uuid import UUID

import msgspec

from quote_service.selling.orders.model.order import LineCommission, LineDiscount


class LineRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line.

    The customer gets the goods, and the tax unless it is contained in them. `discounts` are what is undone of each rule's, and
    `commissions` what is reversed of each rate's.
    """

    line_id: int
    seller_id: UUID
    product_id: UUID
    variant_id: UUID | None
    quantity: int
    goods_minor: int
    tax_minor: int
    is_tax_included: bool
    discounts: tuple[LineDiscount, ...]
    commissions: tuple[LineCommission, ...]

    @property
    def exclusive_tax_minor(self) -> int:
        """The tax that had been added to the price."""
        return 0 if self.is_tax_included else self.tax_minor

    @property
    def platform_discount_minor(self) -> int:
        """What of the discounts the platform had paid for."""
        return sum(discount.platform_minor for discount in self.discounts)

    @property
    def commission_minor(self) -> int:
        """What is reversed of all rates."""
        return sum(commission.amount_minor for commission in self.commissions)


class FeesRefund(msgspec.Struct, frozen=True, gc=False):
    """Fees, and the tax on both: added to them, and contained in them."""

    delivery_fee_minor: int = 0
    small_basket_fee_minor: int = 0
    exclusive_tax_minor: int = 0
    inclusive_tax_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What the customer gets for fees."""
        return self.fees_minor + self.exclusive_tax_minor

    @property
    def fees_minor(self) -> int:
        """Both fees, without tax that had been added."""
        return self.delivery_fee_minor + self.small_basket_fee_minor


class SellerRefund(msgspec.Struct, frozen=True, kw_only=True):
    """What a refund comes to for one seller: sums of the lines, the tax on commission, and what becomes of the payout."""

    seller_id: UUID
    goods_minor: int
    exclusive_tax_minor: int
    platform_discount_minor: int
    commission_minor: int
    commission_tax_minor: int
    is_commission_tax_inclusive: bool

    @property
    def payout_minor(self) -> int:
        """By how much the seller's payout changes: below 0 where the seller gives back.

        The seller gives back what the customer gets for the goods and what the platform had added to it, and gets back the
        commission, with a tax that had been taken off the payout beside it.
        """
        taken_off_minor = 0 if self.is_commission_tax_inclusive else self.commission_tax_minor
        return self.commission_minor + taken_off_minor - self.goods_minor - self.platform_discount_minor

    @property
    def earned_commission_minor(self) -> int:
        """The commission that is reversed, without a tax that is contained in it."""
        return self.commission_minor - (self.commission_tax_minor if self.is_commission_tax_inclusive else 0)


class Refunded(msgspec.Struct, frozen=True):
    """What has been refunded of an order: units by line, and fees. All else follows from the units."""

    units: dict[int, int]
    fees: FeesRefund = FeesRefund()


class RefundFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a refund; lines by their ids, sellers in the order of their lines."""

    lines: tuple[LineRefund, ...]
    fees: FeesRefund
    sellers: tuple[SellerRefund, ...]

    @property
    def total_minor(self) -> int:
        """What the customer gets."""
        return sum(line.goods_minor + line.exclusive_tax_minor for line in self.lines) + self.fees.total_minor


class RefundPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A refund, and what is refunded of the order after it; `is_last` where nothing is left then."""

    figures: RefundFigures
    refunded: Refunded
    is_last: bool
