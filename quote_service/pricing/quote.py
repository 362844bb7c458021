"""A quote as the engine decides it: whole minor units throughout, every amount explained.

The shape on the wire, and the names of its members, are `quote_answer.py`'s; this is what they are made from. What refers to
a compiled rule or rate is typed as an object with the few attributes that an answer shows.

Plain classes with slots: compiled (`deploy/compile_package.py`), their fields are read and made several times quicker than
a struct's, and a quote of 50 lines makes and reads hundreds.

Source: docs/spec/quotes.md#answer; docs/spec/commission.md#breakdown.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import Basket, BasketItem
from quote_service.pricing.calculation_inputs import CalculationInputs
from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.flags.decision import Decision
from quote_service.pricing.hints.hint import Hint, Hints

CouponReason = Literal[
    "unknown",
    "not_started",
    "expired",
    "exhausted",
    "budget_used_up",
    "not_combinable",
    "other_region",
    "other_currency",
    "conditions_not_met",
    "nothing_to_discount",
    "duplicate",
    "excluded",
    "not_with_promotions",
]

Clamp = Literal["min", "max"] | None
PriceSource = Literal["request", "catalog", "flash_sale"]
# The price of a unit that the request does not give; only the catalog can then say what it costs.
NOT_PRICED: Final = -1
_NO_ADJUSTMENTS: Final[tuple[PriceAdjustment, ...]] = ()


def fold_code(code: str) -> str:
    """The form in which coupon codes are compared: trimmed and case-folded."""
    return code.strip().casefold()


class Warning(msgspec.Struct, frozen=True, gc=False):
    """Something a checkout should know that did not stop the quote."""

    code: str
    detail: str
    pointer: str | None = None


class CheckedBasket(msgspec.Struct, gc=False):
    """A basket whose every field has been checked, with its numbers read exactly.

    `unit_prices_micro` are millionths of a major unit, one for each item; `weight_pico` is the whole basket's, in
    10**-12 kg; `exponent` the currency's minor digits. `unknown_fields` are those that nobody reads, where the sender is
    told of them. `hints` are found where the request asks for them, None otherwise.

    A basket that has been read may hold prices that are NOT_PRICED (`lacks_prices`), until it is completed
    (`catalog/complete_basket.py`): then `catalog_prices` are what the catalog says of each item, None for one that it does
    not know; None for all where it knows none of them. `price_warnings` are then what the sender is told of prices that
    were sent and do not count. `floors_minor` are given where the basket is priced again: what each line was held at then.
    `is_shoppers`: everything that moves a price comes from the catalog and the customer's record.
    """

    basket: Basket
    exponent: int
    unit_prices_micro: list[int]
    weight_pico: int
    unknown_fields: tuple[Fault, ...] = ()
    catalog_prices: list[CatalogPrice | None] | None = None
    lacks_prices: bool = False
    is_shoppers: bool = False
    price_warnings: tuple[Warning, ...] = ()
    hints: Hints | None = None
    floors_minor: list[int] | None = None


class QuoteLine:
    """One priced line; `discount_minor` is the seller's part and the platform's together.

    `list_price_micro` is the catalog's or the request's price of a unit, to which the amounts of `price_adjustments` add
    up to what is charged for it, `unit_price_micro`. `is_tax_included`: the line's tax is contained in its price.
    """

    __slots__ = (
        "discount_minor",
        "is_tax_included",
        "item",
        "list_price_micro",
        "price_adjustments",
        "price_source",
        "product_id",
        "seller_discount_minor",
        "seller_id",
        "tax_minor",
        "total_minor",
        "unit_price_micro",
    )

    def __init__(self, item: BasketItem, seller_id: str, unit_price_micro: int, total_minor: int) -> None:
        self.item = item
        self.product_id = item.product_id  # read once for all that is told of the line
        self.seller_id = seller_id
        self.unit_price_micro = unit_price_micro
        self.total_minor = total_minor
        self.discount_minor = 0
        self.seller_discount_minor = 0
        self.tax_minor = 0
        self.is_tax_included = False
        self.list_price_micro = unit_price_micro
        self.price_source: PriceSource = "request"
        self.price_adjustments: Sequence[PriceAdjustment] = _NO_ADJUSTMENTS

    @property
    def net_minor(self) -> int:
        """What the customer pays for the line before tax."""
        return self.total_minor - self.discount_minor

    @property
    def commission_base_minor(self) -> int:
        """What commission is charged on: only the seller's part of a discount lowers it."""
        return self.total_minor - self.seller_discount_minor


class DiscountDetail:
    """What one rule takes off one line, in two parts by who pays; `number` is the line's in the basket, from 1."""

    __slots__ = ("amount_minor", "line", "number", "platform_minor", "rule", "seller_minor")

    def __init__(self, number: int, line: QuoteLine, rule: Any, seller_minor: int, platform_minor: int) -> None:
        self.number = number
        self.line = line
        self.rule = rule
        self.amount_minor = seller_minor + platform_minor
        self.seller_minor = seller_minor
        self.platform_minor = platform_minor


class Calculation:
    """One step of the sum. `inputs` are enough to do it again by hand; None where the step needs none."""

    __slots__ = ("amount_minor", "description", "included", "inputs", "rule", "step")

    def __init__(
        self,
        step: str,
        description: str,
        amount_minor: int,
        rule: Any = None,
        inputs: CalculationInputs | None = None,
        included: bool = False,
    ) -> None:
        self.step = step
        self.description = description
        self.amount_minor = amount_minor
        self.rule = rule
        self.inputs = inputs
        self.included = included

    @property
    def rule_id(self) -> str | None:
        """The version of the rule behind the step."""
        return None if self.rule is None else self.rule.id


class CouponOutcome:
    """What became of one coupon code of the request; a reason only where it was rejected.

    `excluded_by` is the exclusive rule that acted, where the reason is that it did.
    """

    __slots__ = ("amount_minor", "code", "excluded_by", "reason", "rule")

    def __init__(self, code: str, amount_minor: int = 0, reason: CouponReason | None = None, rule: Any = None) -> None:
        self.code = code
        self.amount_minor = amount_minor
        self.reason: CouponReason | None = reason
        self.rule = rule
        self.excluded_by: Any = None

    @property
    def status(self) -> str:
        """Whether the coupon acted."""
        return "applied" if self.reason is None else "rejected"

    @property
    def taken_minor(self) -> int:
        """What it takes off; nothing where it was rejected."""
        return self.amount_minor if self.reason is None else 0


class CommissionDetail:
    """What one rate charges on one line, and how that falls on the three dimensions."""

    __slots__ = ("amount_minor", "category_minor", "clamped", "line", "logistics_minor", "rate", "seller_minor")

    def __init__(
        self,
        line: QuoteLine,
        rate: Any,
        amount_minor: int,
        clamped: Clamp,
        seller_minor: int,
        category_minor: int,
        logistics_minor: int,
    ) -> None:
        self.line = line
        self.rate = rate
        self.amount_minor = amount_minor
        self.clamped: Clamp = clamped
        self.seller_minor = seller_minor
        self.category_minor = category_minor
        self.logistics_minor = logistics_minor


class CommissionTax:
    """The tax on what one seller is charged as commission, by a rule; a tax that is inclusive is contained in that."""

    __slots__ = ("amount_minor", "base_minor", "is_inclusive", "rate_micro", "rule", "seller_id")

    def __init__(
        self, seller_id: str, rule: Any, rate_micro: int, is_inclusive: bool, base_minor: int, amount_minor: int
    ) -> None:
        self.seller_id = seller_id
        self.rule = rule
        self.rate_micro = rate_micro
        self.is_inclusive = is_inclusive
        self.base_minor = base_minor
        self.amount_minor = amount_minor


class Commission:
    """The quote's commission; the details add up to the three sums, and those to the total.

    `taxes` are those on it, by seller; None where no rule taxes it.
    """

    __slots__ = ("category_minor", "details", "logistics_minor", "seller_minor", "taxes")

    def __init__(
        self, seller_minor: int, category_minor: int, logistics_minor: int, details: list[CommissionDetail]
    ) -> None:
        self.seller_minor = seller_minor
        self.category_minor = category_minor
        self.logistics_minor = logistics_minor
        self.details = details
        self.taxes: list[CommissionTax] | None = None

    @property
    def total_minor(self) -> int:
        """All three dimensions together."""
        return self.seller_minor + self.category_minor + self.logistics_minor


class Payout:
    """What one seller of the basket is paid, before tax and fees."""

    __slots__ = ("commission_minor", "commission_tax", "item_total_minor", "seller_discount_minor", "seller_id")

    def __init__(self, seller_id: str) -> None:
        self.seller_id = seller_id
        self.item_total_minor = 0
        self.seller_discount_minor = 0
        self.commission_minor = 0
        self.commission_tax: CommissionTax | None = None

    @property
    def commission_tax_minor(self) -> int | None:
        """The tax on the commission; None where there is none."""
        return None if self.commission_tax is None else self.commission_tax.amount_minor

    @property
    def payout_minor(self) -> int:
        """The lines less the seller's discounts, the commission, and the tax that comes on top of that."""
        tax = self.commission_tax
        on_top_minor = 0 if tax is None or tax.is_inclusive else tax.amount_minor
        return self.item_total_minor - self.seller_discount_minor - self.commission_minor - on_top_minor


class Quote:
    """A price: `total_minor` = subtotal + exclusive tax + delivery fee + small-basket fee.

    `feature_flags` are the decisions of the flags shown, in the order of their keys. `hints` are None where nobody asked.
    `floors_minor` are the `min_price` of each line, times its quantity, 0 for none; empty where no line has one, None where
    no discount on lines has acted. They are not shown, and kept with the request.
    """

    __slots__ = (
        "applied_rules",
        "basket",
        "calculations",
        "commission",
        "coupons",
        "delivery_fee_minor",
        "discount_details",
        "discount_minor",
        "exclusive_tax_minor",
        "exponent",
        "feature_flags",
        "floors_minor",
        "hints",
        "inclusive_tax_minor",
        "item_total_minor",
        "lines",
        "payouts",
        "seller_discount_minor",
        "small_basket_fee_minor",
        "warnings",
    )

    def __init__(self, basket: Basket, exponent: int) -> None:
        self.basket = basket
        self.exponent = exponent
        self.lines: list[QuoteLine] = []
        self.item_total_minor = 0
        self.discount_minor = 0
        self.seller_discount_minor = 0
        self.discount_details: list[DiscountDetail] = []
        self.exclusive_tax_minor = 0
        self.inclusive_tax_minor = 0
        self.delivery_fee_minor = 0
        self.small_basket_fee_minor = 0
        self.coupons: list[CouponOutcome] = []
        self.commission = Commission(0, 0, 0, [])
        self.payouts: list[Payout] = []
        self.calculations: list[Calculation] = []
        self.applied_rules: list[Any] = []
        self.feature_flags: list[Decision] = []
        self.warnings: list[Warning] = []
        self.hints: list[Hint] | None = None
        self.floors_minor: list[int] | None = None

    @property
    def subtotal_minor(self) -> int:
        """The lines less the discounts."""
        return self.item_total_minor - self.discount_minor

    @property
    def platform_discount_minor(self) -> int:
        """The part of the discounts that the platform pays."""
        return self.discount_minor - self.seller_discount_minor

    @property
    def tax_minor(self) -> int:
        """All tax, whether it is added or included."""
        return self.exclusive_tax_minor + self.inclusive_tax_minor

    @property
    def total_minor(self) -> int:
        """What the customer pays."""
        return (
            self.item_total_minor
            - self.discount_minor
            + self.exclusive_tax_minor
            + self.delivery_fee_minor
            + self.small_basket_fee_minor
        )
