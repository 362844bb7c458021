"""A quote as the engine decides it: whole minor units throughout, every amount explained.

The shape on the wire, and the names of its fields, are `api/wire/encode_quote.py`'s; this is what they are made from.
What refers to a compiled rule or rate is typed as an object with the few attributes that an answer shows.

Source: spec 2, Answer; spec 3, Where it is shown.
"""

from typing import Any, Literal

import msgspec

from quote_service.domain.basket import Basket, BasketItem
from quote_service.domain.flash_sales.sale_price import LineSale

CouponReason = Literal[
    "unknown",
    "not_started",
    "expired",
    "exhausted",
    "not_combinable",
    "other_region",
    "other_currency",
    "conditions_not_met",
    "nothing_to_discount",
    "duplicate",
]


class CheckedBasket(msgspec.Struct, gc=False):
    """A basket whose every field has been checked, with its numbers read exactly.

    `unit_prices_micro` are millionths of a major unit, one for each item; `weight_pico` is the whole basket's, in
    10**-12 kg; `exponent` the currency's minor digits.
    """

    basket: Basket
    exponent: int
    unit_prices_micro: list[int]
    weight_pico: int


class QuoteLine(msgspec.Struct, gc=False):
    """One priced line; `discount_minor` is the seller's part and the platform's together.

    `sale` is the flash sale that its unit price is of, None where that is the line's own.
    """

    item: BasketItem
    seller_id: str
    unit_price_micro: int
    total_minor: int
    discount_minor: int = 0
    seller_discount_minor: int = 0
    tax_minor: int = 0
    sale: LineSale | None = None

    @property
    def net_minor(self) -> int:
        """What the customer pays for the line before tax."""
        return self.total_minor - self.discount_minor

    @property
    def commission_base_minor(self) -> int:
        """What commission is charged on: only the seller's part of a discount lowers it."""
        return self.total_minor - self.seller_discount_minor


class Calculation(msgspec.Struct, gc=False):
    """One step of the sum. `inputs` are the members of a JSON object: enough to do the step again by hand."""

    step: str
    description: str
    amount_minor: int
    rule: Any = None
    inputs: str = ""
    included: bool = False


class CouponOutcome(msgspec.Struct, gc=False):
    """What became of one coupon code of the request; a reason only where it was rejected."""

    code: str
    amount_minor: int = 0
    reason: CouponReason | None = None
    rule: Any = None


class CommissionDetail(msgspec.Struct, gc=False):
    """What one rate charges on one line, and how that falls on the three dimensions."""

    line: QuoteLine
    rate: Any
    amount_minor: int
    clamped: Literal["min", "max"] | None
    seller_minor: int
    category_minor: int
    logistics_minor: int


class Commission(msgspec.Struct, gc=False):
    """The quote's commission; the details add up to the three sums, and those to the total."""

    seller_minor: int
    category_minor: int
    logistics_minor: int
    details: list[CommissionDetail]

    @property
    def total_minor(self) -> int:
        """All three dimensions together."""
        return self.seller_minor + self.category_minor + self.logistics_minor


def _no_commission() -> Commission:
    return Commission(0, 0, 0, [])


class Payout(msgspec.Struct, gc=False):
    """What one seller of the basket is paid, before tax and fees."""

    seller_id: str
    item_total_minor: int = 0
    seller_discount_minor: int = 0
    commission_minor: int = 0

    @property
    def payout_minor(self) -> int:
        """The lines less the seller's discounts and the commission."""
        return self.item_total_minor - self.seller_discount_minor - self.commission_minor


class Warning(msgspec.Struct, frozen=True, gc=False):
    """Something a checkout should know that did not stop the quote."""

    code: str
    detail: str
    pointer: str | None = None


class Quote(msgspec.Struct, kw_only=True, gc=False):
    """A price: `total_minor` = subtotal + exclusive tax + delivery fee + small-basket fee.

    `flag_values` are the flags shown, each as a member of a JSON object.
    """

    basket: Basket
    exponent: int
    lines: list[QuoteLine] = []
    item_total_minor: int = 0
    discount_minor: int = 0
    seller_discount_minor: int = 0
    exclusive_tax_minor: int = 0
    inclusive_tax_minor: int = 0
    delivery_fee_minor: int = 0
    small_basket_fee_minor: int = 0
    coupons: list[CouponOutcome] = []
    commission: Commission = msgspec.field(default_factory=_no_commission)
    payouts: list[Payout] = []
    calculations: list[Calculation] = []
    applied_rules: list[Any] = []
    flag_values: list[str] = []
    warnings: list[Warning] = []

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
