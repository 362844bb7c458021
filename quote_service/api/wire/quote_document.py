"""The shape of an issued quote, as structs: what the API's description shows, and what a quote sent back is read as.

`engine/answer/encode_quote.py` writes the same shape; a test holds the two together, field by field and in order.

Source: spec 2, Answer.
"""

from typing import Annotated, Any, Literal

import msgspec

from quote_service.domain.basket import Identifier
from quote_service.domain.numbers import ExactNumber
from quote_service.domain.quote import CouponReason
from quote_service.domain.rates import CommissionScope, CommissionType, Dimension
from quote_service.domain.rules.rule import RuleType

# A quote's numbers are numbers; only what people and checkouts write may come as text.
Number = Annotated[ExactNumber, msgspec.Meta(extra_json_schema={"type": "number"})]
Money = Annotated[
    ExactNumber,
    msgspec.Meta(
        extra_json_schema={"type": "number", "description": "With exactly the digits of the quote's currency."}
    ),
]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217")]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class PriceAdjustmentDocument(_Document, frozen=True, kw_only=True):
    """What moved the price of a unit from the list price; `amount` is added to it."""

    kind: Literal["flash_sale"]
    flash_sale_id: Identifier
    amount: Number


class ItemDocument(_Document, frozen=True, kw_only=True):
    """A priced line; `list_price` is the request's, `unit_price` what a unit costs."""

    product_id: Identifier
    variant_id: Identifier | None
    seller_id: Identifier
    quantity: int
    list_price: Number
    unit_price: Number
    line_total: Money
    discount_amount: Money
    tax_amount: Money
    price_source: Literal["request", "flash_sale"]
    price_adjustments: list[PriceAdjustmentDocument]


class CouponDocument(_Document, frozen=True, kw_only=True):
    """What became of a coupon code."""

    code: str
    status: Literal["applied", "rejected"]
    reason: CouponReason | None
    amount: Money


class CommissionDetailDocument(_Document, frozen=True, kw_only=True):
    """What one rate charges on one line."""

    product_id: Identifier
    rate_id: Identifier
    dimensions: list[Dimension]
    commission_type: CommissionType
    scope: CommissionScope
    region: str | None
    base_amount: Money
    rate: Number | None
    amount: Money
    clamped: Literal["min", "max"] | None
    seller_commission: Money
    category_commission: Money
    logistics_commission: Money


class CommissionDocument(_Document, frozen=True, kw_only=True):
    """The commission; the details add up to the sums, and those to the total."""

    total_commission: Money
    seller_commission: Money
    category_commission: Money
    logistics_commission: Money
    currency: Currency
    details: list[CommissionDetailDocument]


class PayoutDocument(_Document, frozen=True, kw_only=True):
    """What one seller gets."""

    seller_id: Identifier
    item_total: Money
    seller_discount: Money
    commission: Money
    payout: Money


class CalculationDocument(_Document, frozen=True, kw_only=True, omit_defaults=True):
    """One step of the sum; `included` ones are shown and not added."""

    step: str
    description: str
    amount: Money
    rule_id: Identifier | msgspec.UnsetType = msgspec.UNSET
    inputs: dict[str, Number] | msgspec.UnsetType = msgspec.UNSET
    included: bool | msgspec.UnsetType = msgspec.UNSET


class PricingDocument(_Document, frozen=True, kw_only=True):
    """The amounts, and how they came about."""

    item_total: Money
    subtotal: Money
    tax_amount: Money
    delivery_fee: Money
    small_basket_fee: Money
    total_amount: Money
    currency: Currency
    calculations: list[CalculationDocument]


class RuleDocument(_Document, frozen=True, kw_only=True):
    """A rule that acted."""

    id: Identifier
    name: str
    type: RuleType
    version: int
    region: str | None


class WarningDocument(_Document, frozen=True, kw_only=True):
    """Something to know that did not stop the quote."""

    code: str
    detail: str
    pointer: str | msgspec.UnsetType = msgspec.UNSET


class QuoteDocument(_Document, frozen=True, kw_only=True):
    """An issued quote."""

    quote_id: Identifier
    external_ref: str | None
    subtotal: Money
    discount_amount: Money
    tax_amount: Money
    delivery_fee: Money
    small_basket_fee: Money
    total_amount: Money
    currency: Currency
    items: list[ItemDocument]
    coupons: list[CouponDocument]
    commission_breakdown: CommissionDocument
    payouts: list[PayoutDocument]
    platform_funded_discount: Money
    pricing_breakdown: PricingDocument
    applied_rules: list[RuleDocument]
    feature_flags: dict[str, Any]
    valid_from: str
    valid_until: str
    cache: Literal["miss", "local", "redis"]
    warnings: list[WarningDocument]
    signature: str


class QuoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a quote request; `processing_time_ms` from the body received to the answer ready."""

    success: Literal[True]
    message: str
    data: QuoteDocument
    processing_time_ms: float
