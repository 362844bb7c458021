"""The quote's answer, as far as an order is made of it.

Read from the bytes in which a quote is issued and kept: each amount has exactly its currency's digits.

Source: docs/spec/orders.md#frozen-figures; docs/spec/quotes.md#answer.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

import msgspec

from quote_service.quotes.model.quoted_steps import QuotedStep

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


class QuotedRule(msgspec.Struct):
    """A rule that acted, by the id of its version."""

    id: UUID
    type: str


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
    applied_rules: list[QuotedRule] = []

    @property
    def has_shopper_form(self) -> bool:
        """It is without what the marketplace keeps and its sellers are paid."""
        return self.payouts is None or self.commission_breakdown is None

    @property
    def lacks_details(self) -> bool:
        """As in the first form, it does not say what each rule takes off each line, or which tax is within prices or commission."""
        steps = {step.step for step in self.pricing_breakdown.calculations}
        return (
            (not self.discount_details and not steps.isdisjoint(LINE_DISCOUNTS))
            or self.lacks_included_taxes
            or bool(self.missing_tax_ids)
        )

    @property
    def lacks_included_taxes(self) -> bool:
        """Some of its tax is contained in prices, and no line says so."""
        is_reported = any(item.tax_included for item in self.items)
        return not is_reported and any(step.included for step in self.pricing_breakdown.calculations)

    @property
    def missing_tax_ids(self) -> set[UUID]:
        """The rules that tax commission, where the quote does not say what they charged."""
        breakdown = self.commission_breakdown
        if breakdown is None or breakdown.commission_tax:
            return set()
        return {rule.id for rule in self.applied_rules if rule.type == "COMMISSION_TAX"}

    @property
    def rate_ids(self) -> set[UUID]:
        """The rates that it charges."""
        return (
            set() if self.commission_breakdown is None else {each.rate_id for each in self.commission_breakdown.details}
        )


read_quoted: Final[Callable[[bytes], QuotedOrder]] = msgspec.json.Decoder(QuotedOrder).decode
