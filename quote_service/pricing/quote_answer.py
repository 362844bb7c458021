"""The quote's answer, declared: how it is written, signed, read back, cut for shoppers, and described in the API.

Members stand in the order in which they are written. A type says how a value is written (`written`): each amount has exactly
the currency's digits. A marker says where its figure comes from, where the name does not (`figure.py`), and `figures` what a
struct is made of. From this follow

- `quotes/answer/write_quote.py`, the writer, which `deploy/generate_writer.py` makes;
- `quotes/answer/restore_quote.py`, which brings a quote that went through somebody's JSON library back into the very bytes
  that were signed;
- `quotes/answer/shopper_form.py`, which leaves out what is for the marketplace;
- the API's description, which shows the texts under the fields.

Source: docs/spec/quotes.md#answer; `docs/decisions/quotes-as-text.md`.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.pricing.basket import Identifier
from quote_service.pricing.calculation_inputs import CalculationInputs
from quote_service.pricing.catalog.price_adjustment import AdjustmentKind, PriceAdjustment
from quote_service.pricing.commission.rate import CommissionScope, CommissionType, Dimension
from quote_service.pricing.figure import ASKED_FOR, NOT_EMPTY, PLAIN, Since, of, of_issue, of_quote, once
from quote_service.pricing.hints.hint import Hint, HintCode
from quote_service.pricing.quote import (
    Calculation,
    Commission,
    CommissionDetail,
    CommissionTax,
    CouponOutcome,
    CouponReason,
    DiscountDetail,
    Payout,
    PriceSource,
    Quote,
    QuoteLine,
    Warning,
)
from quote_service.pricing.rule_types.registry import RuleType
from quote_service.pricing.rulebook.compiled_rule import CompiledRule

_NUMBER = {"type": "number"}
Money = Annotated[
    msgspec.Raw,
    msgspec.Meta(
        extra_json_schema={**_NUMBER, "description": "With exactly the digits of the quote's currency."},
        extra={"written": "amount"},
    ),
]
# With the currency's digits, and up to 6 where it is finer.
UnitPrice = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema=_NUMBER, extra={"written": "unit_price"})]
# As short as can be.
Percent = Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema=_NUMBER, extra={"written": "percent"})]
# An amount for FLAT, null for TIERED, otherwise as short as can be.
Charge = Annotated[
    Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema=_NUMBER)] | None, msgspec.Meta(extra={"written": "charge"})
]
Inputs = Annotated[
    CalculationInputs,
    msgspec.Meta(
        extra_json_schema={"type": "object", "additionalProperties": {"type": ["number", "string"]}},
        extra={"written": "inputs"},
    ),
]
Flags = Annotated[
    dict[str, Any],
    msgspec.Meta(extra_json_schema={"type": "object", "additionalProperties": {}}, extra={"written": "flags"}),
]
CacheTier = Annotated[Literal["miss", "local", "redis"], msgspec.Meta(extra={"written": "cache"})]
Instant = Annotated[str, msgspec.Meta(extra={"written": "instant"})]
Currency = Annotated[str, msgspec.Meta(description="ISO 4217"), of_quote("basket.currency"), PLAIN]


class _Document(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    pass


class PriceAdjustmentDocument(_Document, frozen=True, gc=False, kw_only=True):
    """What moved the price of a unit on from the list price; they stand in the order in which they were applied."""

    figures: ClassVar[type] = PriceAdjustment

    kind: AdjustmentKind
    """What moved the price: a price rule by its type, rounding to the currency or to a price ending, a limit of the product's price, or a flash sale.
    """
    flash_sale_id: Annotated[Identifier, of("sale_id")] | UnsetType = UNSET
    """The flash sale; with the kind `flash_sale` only."""
    amount: UnitPrice
    """What was added to the price of one unit, in the quote's currency; negative for a lower price."""
    rule_id: Annotated[Identifier, Since(2)] | UnsetType = UNSET
    """The version of the price rule; left out if no rule is behind it."""
    percent: Annotated[Percent, of("percent_micro"), Since(2)] | UnsetType = UNSET
    """The percentage that was applied; left out if it was no percentage."""
    price: Annotated[UnitPrice, Since(2)] | UnsetType = UNSET
    """The price of one unit that was set, in the quote's currency; left out if none was."""


class ItemDocument(_Document, frozen=True, gc=False, kw_only=True):
    """A priced line; `list_price` is the catalog's or the request's, `unit_price` what a unit costs."""

    figures: ClassVar[type] = QuoteLine

    product_id: Annotated[Identifier, of("item.product_id")]
    """The product."""
    variant_id: Annotated[Identifier | None, of("item.variant_id")]
    """The variant of the product, as sent."""
    seller_id: Identifier
    """The seller of the line."""
    quantity: Annotated[int, of("item.quantity")]
    """How many units."""
    list_price: UnitPrice
    """Price of one unit before adjustments, in the quote's currency, with up to 6 decimals."""
    unit_price: UnitPrice
    """Price of one unit that the line is charged at, in the quote's currency, with up to 6 decimals."""
    line_total: Annotated[Money, of("total_minor")]
    """`unit_price` times `quantity`, in the quote's currency."""
    discount_amount: Annotated[Money, of("discount_minor")]
    """Discounts on the line, in the quote's currency."""
    tax_amount: Annotated[Money, of("tax_minor")]
    """Tax on the line after discounts, in the quote's currency."""
    tax_included: Annotated[bool, of("is_tax_included"), Since(2)] | UnsetType = UNSET
    """`true` if the line's tax is contained in its price; left out if the tax is added, or if there is none."""
    price_source: PriceSource
    """Where the unit price comes from: the catalog for a product that it knows, otherwise the request; or a flash sale with a lower price.
    """
    price_adjustments: list[PriceAdjustmentDocument]
    """What moved the price of a unit from the list price; the amounts and `list_price` add up to `unit_price`."""


class ExcludingRuleDocument(_Document, frozen=True, gc=False):
    """The exclusive rule that acted before a coupon."""

    figures: ClassVar[type] = CompiledRule

    id: Identifier
    """The version of the rule."""
    name: str
    """The name of the rule."""


class CouponDocument(_Document, frozen=True, gc=False):
    """What became of a coupon code; `excluded_by` stands with the reason `excluded` only."""

    figures: ClassVar[type] = CouponOutcome

    code: str
    """The code as sent."""
    status: Literal["applied", "rejected"]
    """Whether the coupon was applied."""
    reason: CouponReason | None
    """Why the coupon was rejected; null if it was applied."""
    amount: Annotated[Money, of("taken_minor")]
    """What the coupon takes off, in the quote's currency."""
    excluded_by: Annotated[ExcludingRuleDocument, Since(2)] | UnsetType = UNSET
    """The rule that excluded the coupon, where the reason is `excluded`."""


class CommissionDetailDocument(_Document, frozen=True, gc=False):
    """What one rate charges on one line."""

    figures: ClassVar[type] = CommissionDetail

    product_id: Annotated[Identifier, of("line.product_id")]
    """The product of the line."""
    rate_id: Annotated[Identifier, once("rate.id")]
    """The commission rate."""
    dimensions: Annotated[list[Dimension], once("rate.dimensions")]
    """What the rate is charged for."""
    commission_type: Annotated[CommissionType, once("rate.commission_type")]
    """How the rate is charged."""
    scope: Annotated[CommissionScope, once("rate.scope")]
    """What the rate is charged once for."""
    region: Annotated[str | None, once("rate.region")]
    """The rate's region; null for everywhere."""
    base_amount: Annotated[Money, of("line.commission_base_minor")]
    """What the commission is charged on, in the quote's currency: the line less discounts that the seller pays."""
    rate: Annotated[Charge, once("rate")]
    """Percentage, or amount for `FLAT`; null for `TIERED`."""
    amount: Annotated[Money, of("amount_minor")]
    """The commission, in the quote's currency."""
    clamped: Literal["min", "max"] | None
    """Which limit of the rate took effect; null for none."""
    seller_commission: Annotated[Money, of("seller_minor")]
    """The part charged for the seller, in the quote's currency."""
    category_commission: Annotated[Money, of("category_minor")]
    """The part charged for the category, in the quote's currency."""
    logistics_commission: Annotated[Money, of("logistics_minor")]
    """The part charged for logistics, in the quote's currency."""


class CommissionTaxDocument(_Document, frozen=True, gc=False):
    """The tax on the commission of one seller."""

    figures: ClassVar[type] = CommissionTax

    seller_id: Identifier
    """The seller."""
    rule_id: Annotated[Identifier, of("rule.id")]
    """The version of the `COMMISSION_TAX` rule."""
    rate: Annotated[Percent, of("rate_micro")]
    """Tax rate in percent."""
    inclusive: Annotated[bool, of("is_inclusive")]
    """Whether the commission contains the tax: `true` shows it without adding it, `false` takes it off the payout."""
    base: Money
    """The seller's commission, in the quote's currency."""
    amount: Money
    """The tax, in the quote's currency."""


class CommissionDocument(_Document, frozen=True, gc=False):
    """The commission; the details add up to the sums, and those to the total."""

    figures: ClassVar[type] = Commission

    total_commission: Annotated[Money, of("total_minor")]
    """Sum of the three parts, in the quote's currency."""
    seller_commission: Annotated[Money, of("seller_minor")]
    """The part charged for sellers, in the quote's currency."""
    category_commission: Annotated[Money, of("category_minor")]
    """The part charged for categories, in the quote's currency."""
    logistics_commission: Annotated[Money, of("logistics_minor")]
    """The part charged for logistics, in the quote's currency."""
    currency: Currency
    """ISO 4217 code of the quote's currency."""
    details: list[CommissionDetailDocument]
    """What each rate charges on each line; they add up to the parts."""
    commission_tax: Annotated[list[CommissionTaxDocument], of("taxes"), NOT_EMPTY, Since(2)] | UnsetType = UNSET
    """Tax on the commission, by seller; left out if no rule taxes it."""


class PayoutDocument(_Document, frozen=True, gc=False, kw_only=True):
    """What one seller gets."""

    figures: ClassVar[type] = Payout

    seller_id: Identifier
    """The seller."""
    item_total: Money
    """Sum of the seller's lines, in the quote's currency."""
    seller_discount: Money
    """Discounts that the seller pays, in the quote's currency."""
    commission: Money
    """Commission on the seller's lines, in the quote's currency."""
    commission_tax: Annotated[Money, Since(2)] | UnsetType = UNSET
    """Tax on the commission, in the quote's currency; left out if no rule taxes it."""
    payout: Money
    """What the seller receives: `item_total` less `seller_discount`, `commission` and `commission_tax` unless the commission contains that, in the quote's currency.
    """


class DiscountDetailDocument(_Document, frozen=True, gc=False):
    """What one rule takes off one line; the lines' details add up to their `discount_amount`."""

    figures: ClassVar[type] = DiscountDetail

    line: Annotated[int, of("number")]
    """Number of the line, from 1, in the order of `items`."""
    product_id: Annotated[Identifier, of("line.product_id")]
    """The product of the line."""
    rule_id: Annotated[Identifier, of("rule.id")]
    """The version of the promotion or coupon."""
    amount: Money
    """What the rule takes off the line, in the quote's currency."""
    seller_funded: Annotated[Money, of("seller_minor")]
    """The part that the seller of the line pays, in the quote's currency."""
    platform_funded: Annotated[Money, of("platform_minor")]
    """The part that the platform pays, in the quote's currency."""


class CalculationDocument(_Document, frozen=True, gc=False):
    """One step of the sum; `included` ones are shown and not added."""

    figures: ClassVar[type] = Calculation

    step: Annotated[str, PLAIN]
    """Which step of the calculation this is."""
    description: str
    """What the step does, in words."""
    amount: Money
    """What the step adds to the total, in the quote's currency; negative for a discount."""
    rule_id: Identifier | UnsetType = UNSET
    """The pricing rule behind the step; left out if there is none."""
    inputs: Inputs | UnsetType = UNSET
    """The figures to work the amount out again, by name; left out if there are none."""
    included: bool | UnsetType = UNSET
    """`true` if the amount is contained in the others and not added, as an inclusive tax is; left out otherwise."""


class PricingDocument(_Document, frozen=True, gc=False):
    """The amounts, and how they came about."""

    figures: ClassVar[type] = Quote

    item_total: Money
    """Sum of the lines before discounts, in the quote's currency."""
    subtotal: Money
    """`item_total` less discounts, in the quote's currency."""
    tax_amount: Annotated[Money, of("tax_minor")]
    """All tax, added or included, in the quote's currency."""
    delivery_fee: Money
    """The delivery fee, in the quote's currency."""
    small_basket_fee: Money
    """The fee for small baskets, in the quote's currency."""
    total_amount: Annotated[Money, of("total_minor")]
    """What the customer pays, in the quote's currency."""
    currency: Currency
    """ISO 4217 code of the quote's currency."""
    calculations: list[CalculationDocument]
    """The steps; those that are not `included` add up to `total_amount`."""


class RuleDocument(_Document, frozen=True, gc=False):
    """A rule that acted."""

    figures: ClassVar[type] = CompiledRule

    id: Identifier
    """Id of the version of the rule."""
    name: str
    """Name of the rule."""
    type: RuleType
    """Type of the rule."""
    version: int
    """Number of the version."""
    region: str | None
    """The rule's region; null for everywhere."""


class WarningDocument(_Document, frozen=True, gc=False):
    """Something to know that did not stop the quote."""

    figures: ClassVar[type] = Warning

    code: str
    """Which warning it is, for programs."""
    detail: str
    """What the warning says, for people."""
    pointer: str | UnsetType = UNSET
    """JSON Pointer (RFC 6901) to the field of the request that it is about; left out if there is none."""


class HintDocument(_Document, frozen=True, gc=False, kw_only=True):
    """A better price that is just out of reach: what is missing, and what it would save."""

    figures: ClassVar[type] = Hint

    code: HintCode
    """The type of the rule that would pay, in lower case."""
    rule_id: Annotated[Identifier, of("rule.id")]
    """The version of the rule."""
    text: str
    """The hint in words."""
    saving: Money
    """What the customer would save, in the quote's currency, before tax that is added: what everything costs now, and what is added, less what both would cost together.
    """
    total_amount: Annotated[Money, of("total_minor")]
    """What the customer would pay in all, in the quote's currency."""
    missing_amount: Money | UnsetType = UNSET
    """Price before discounts of the goods to add, in the quote's currency; left out if something else is missing."""
    missing_quantity: int | UnsetType = UNSET
    """How many units to add; left out if something else is missing."""
    line: Annotated[int, of("number")] | UnsetType = UNSET
    """Number of the line, from 1: the units to add are of that line, or the goods to add are of its category, seller and tags; left out for any goods.
    """
    product_id: Identifier | UnsetType = UNSET
    """The product of the units to add; left out if other than units are missing."""
    variant_id: Identifier | UnsetType = UNSET
    """The variant of the units to add; left out if there is none."""
    customer_tier: str | UnsetType = UNSET
    """The tier that the customer would have to be of; left out if something else is missing."""
    coupon_code: str | UnsetType = UNSET
    """The code as sent; with the code `coupon` only."""


class UnsignedQuote(_Document, frozen=True, gc=False, kw_only=True):
    """A quote as it is signed. What may be left out at this level is left out for shoppers, and stands in one stretch.

    Of that, lists that are NOT_EMPTY are left out of the whole form as well where nothing is in them. What is ASKED_FOR
    stands elsewhere, in either form.
    """

    figures: ClassVar[type] = Quote

    quote_id: Annotated[Identifier, of_issue("quote_id")]
    """Identifies the quote."""
    external_ref: Annotated[str | None, of("basket.external_ref")]
    """The reference sent with the request; null if there was none."""
    subtotal: Money
    """Sum of the lines less discounts, in the quote's currency."""
    discount_amount: Annotated[Money, of("discount_minor")]
    """All discounts on lines, in the quote's currency."""
    tax_amount: Annotated[Money, of("tax_minor")]
    """All tax, added or included, in the quote's currency."""
    delivery_fee: Money
    """The delivery fee, in the quote's currency."""
    small_basket_fee: Money
    """The fee for small baskets, in the quote's currency."""
    total_amount: Annotated[Money, of("total_minor")]
    """What the customer pays, in the quote's currency."""
    currency: Currency
    """ISO 4217 code of the quote's currency."""
    items: Annotated[list[ItemDocument], of("lines")]
    """The priced lines, in the order of the request."""
    coupons: list[CouponDocument]
    """The outcome of each coupon code."""
    commission_breakdown: Annotated[CommissionDocument, of("commission")] | UnsetType = UNSET
    """The marketplace's commission; not in a shopper's form."""
    payouts: list[PayoutDocument] | UnsetType = UNSET
    """What each seller receives; not in a shopper's form."""
    platform_funded_discount: Annotated[Money, of("platform_discount_minor")] | UnsetType = UNSET
    """The part of the discounts that the platform pays, in the quote's currency; not in a shopper's form."""
    discount_details: Annotated[list[DiscountDetailDocument], NOT_EMPTY, Since(2)] | UnsetType = UNSET
    """What each promotion and coupon takes off each line, and who pays for it; left out if nothing is taken off a line, and not in a shopper's form.
    """
    pricing_breakdown: Annotated[PricingDocument, of("")]
    """The amounts and how they were worked out."""
    applied_rules: Annotated[list[RuleDocument], once("applied_rules")]
    """The pricing rules that had an effect."""
    hints: Annotated[list[HintDocument], ASKED_FOR, Since(2)] | UnsetType = UNSET
    """How near a better price is, by saving, at most 5; left out unless the request has `include_hints`."""
    feature_flags: Flags
    """Values of the exposed feature flags for this customer, by key."""
    valid_from: Annotated[Instant, of_issue("valid_from_us")]
    """When the quote was issued."""
    valid_until: Annotated[Instant, of_issue("valid_until_us")]
    """When the quote expires; until then it is binding."""
    cache: CacheTier
    """Whether the quote was priced for this request (`miss`) or found in this process (`local`) or in Redis (`redis`).
    """
    warnings: list[WarningDocument]
    """What the checkout should know although the quote was issued."""


class QuoteDocument(UnsignedQuote, frozen=True, gc=False, kw_only=True):
    """An issued quote. Shoppers get it without `commission_breakdown`, `payouts`, `platform_funded_discount` and
    `discount_details`.
    """

    signature: str
    """`<key id>.<signature>`: HMAC-SHA-256 of the quote without this field."""
