"""The quote's answer, as far as an order is made of it.

Read from the bytes in which a quote is issued and kept: each amount has exactly its currency's digits.

Source: docs/spec/orders.md#frozen-figures; docs/spec/quotes.md#answer.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

# The steps that take something off lines.
LINE_DISCOUNTS: Final = ("promotion", "coupon")


class QuotedItem(msgspec.Struct):
    """A line."""

    product_id: UUID
    variant_id: UUID | None
    seller_id: UUID
    quantity: int
    unit_price: msgspec.Raw
    line_total: msgspec.Raw
    discount_amount: msgspec.Raw
    tax_amount: msgspec.Raw
    tax_included: bool = False


class QuotedDiscount(msgspec.Struct):
    """What a rule took off a line; `line` counts from 1."""

    line: int
    rule_id: UUID
    amount: msgspec.Raw
    seller_funded: msgspec.Raw
    platform_funded: msgspec.Raw


class QuotedDetail(msgspec.Struct):
    """What a rate charges on a line, in the order of the lines."""

    product_id: UUID
    rate_id: UUID
    base_amount: msgspec.Raw
    amount: msgspec.Raw
    seller_commission: msgspec.Raw
    category_commission: msgspec.Raw
    logistics_commission: msgspec.Raw


class QuotedCommissionTax(msgspec.Struct):
    """Tax on a seller's commission."""

    seller_id: UUID
    rule_id: UUID
    rate: msgspec.Raw
    inclusive: bool
    amount: msgspec.Raw


class QuotedCommission(msgspec.Struct):
    """The commission."""

    details: list[QuotedDetail]
    commission_tax: list[QuotedCommissionTax] = []


class QuotedPayout(msgspec.Struct):
    """What a seller gets."""

    seller_id: UUID
    item_total: msgspec.Raw
    seller_discount: msgspec.Raw
    commission: msgspec.Raw
    payout: msgspec.Raw


class QuotedInputs(msgspec.Struct):
    """What a step was worked out from; empty where it does not say it."""

    platform_funded: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class QuotedStep(msgspec.Struct):
    """A step of the sum."""

    step: str
    amount: msgspec.Raw
    rule_id: UUID | None = None
    inputs: QuotedInputs = msgspec.field(default_factory=QuotedInputs)
    included: bool = False


class QuotedPricing(msgspec.Struct):
    """The amounts."""

    item_total: msgspec.Raw
    calculations: list[QuotedStep]


class QuotedOrder(msgspec.Struct):
    """The whole form of a quote; a shopper's has no commission and no payouts, and nothing can be ordered by it."""

    quote_id: UUID
    external_ref: str | None
    subtotal: msgspec.Raw
    discount_amount: msgspec.Raw
    tax_amount: msgspec.Raw
    delivery_fee: msgspec.Raw
    small_basket_fee: msgspec.Raw
    total_amount: msgspec.Raw
    currency: str
    items: list[QuotedItem]
    pricing_breakdown: QuotedPricing
    commission_breakdown: QuotedCommission | None = None
    payouts: list[QuotedPayout] | None = None
    discount_details: list[QuotedDiscount] = []

    @property
    def has_shopper_form(self) -> bool:
        """It is without what the marketplace keeps and its sellers are paid."""
        return self.payouts is None or self.commission_breakdown is None

    @property
    def is_tax_included(self) -> bool:
        """All tax is contained in prices. Quotes of the first form say so in the sum and not at each line."""
        taxes = [each.included for each in self.pricing_breakdown.calculations if each.step == "tax"]
        return bool(taxes) and all(taxes)

    @property
    def lacks_details(self) -> bool:
        """It has discounts and, as in the first form, does not say what each rule takes off each line."""
        return not self.discount_details and any(
            step.step in LINE_DISCOUNTS for step in self.pricing_breakdown.calculations
        )

    @property
    def rate_ids(self) -> set[UUID]:
        """The rates that it charges."""
        return (
            set() if self.commission_breakdown is None else {each.rate_id for each in self.commission_breakdown.details}
        )


read_quoted: Final[Callable[[bytes], QuotedOrder]] = msgspec.json.Decoder(QuotedOrder).decode
