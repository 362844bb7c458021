"""What the rule check says: which rows, why, and baskets that show it.

Source: docs/spec/pricing-rules.md#rule-check.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from quote_service.platform.money.numbers import ExactNumber

Severity = Literal["error", "warning", "notice"]
Code = Literal[
    "rule-never-counts",
    "version-never-counts",
    "rule-never-chosen",
    "rate-never-taken",
    "tie-decided-by-name",
    "tie-decided-by-id",
    "coupon-code-shared",
    "commission-and-discount-above-price",
    "deep-discount",
    "currency-without-delivery-rule",
    "currency-without-tax-rule",
    "subtotal-gap",
    "tier-gap",
    "tier-out-of-reach",
    "price-cliff",
    "price-below-cost",
    "price-held-at-minimum",
    "discount-below-cost",
    "commission-across-sellers",
]

SEVERITIES: dict[Code, Severity] = {
    "rule-never-counts": "error",
    "version-never-counts": "warning",
    "rule-never-chosen": "error",
    "rate-never-taken": "error",
    "tie-decided-by-name": "warning",
    "tie-decided-by-id": "warning",
    "coupon-code-shared": "warning",
    "commission-and-discount-above-price": "error",
    "deep-discount": "warning",
    "currency-without-delivery-rule": "warning",
    "currency-without-tax-rule": "warning",
    "subtotal-gap": "warning",
    "tier-gap": "warning",
    "tier-out-of-reach": "warning",
    "price-cliff": "notice",
    "price-below-cost": "warning",
    "price-held-at-minimum": "notice",
    "discount-below-cost": "warning",
    "commission-across-sellers": "notice",
}
RANKS: dict[Severity, int] = {"error": 0, "warning": 1, "notice": 2}


class RowNamed(msgspec.Struct, frozen=True):
    """A row that a finding concerns; rates have neither a name nor a version that a quote would show."""

    kind: Literal["rule", "rate"]
    """Whether it is a pricing rule or a commission rate."""
    id: str
    """Id of the version of the rule, or of the rate."""
    name: str | None = None
    """Name of the rule; null for a rate."""
    version: int | None = None
    """Version of the rule; null for a rate."""


class ExampleAmounts(msgspec.Struct, frozen=True):
    """What a quote for the basket comes to, with exactly the currency's digits."""

    subtotal: ExactNumber
    """Sum of the lines less discounts, in the basket's currency."""
    discount_amount: ExactNumber
    """All discounts on lines, in the basket's currency."""
    tax_amount: ExactNumber
    """All tax, in the basket's currency."""
    delivery_fee: ExactNumber
    """The delivery fee, in the basket's currency."""
    small_basket_fee: ExactNumber
    """The fee for small baskets, in the basket's currency."""
    total_amount: ExactNumber
    """What the customer pays, in the basket's currency."""
    total_commission: ExactNumber
    """The commission, in the basket's currency."""


class Example(msgspec.Struct, frozen=True):
    """A body for `POST /api/v1/quote`, and what it gives at an instant by the rulebook that was checked."""

    shows: str
    """What the basket shows."""
    request: dict[str, Any]
    """A body for `POST /api/v1/quote`."""
    at: datetime
    """The instant that it is priced for."""
    amounts: ExampleAmounts
    """What the quote comes to."""


class Finding(msgspec.Struct, frozen=True):
    """One thing found. `rows` begins with the row at fault; a finding about many rows names a few."""

    code: Code
    """Which finding it is, for programs."""
    severity: Severity
    """How bad it is: `error`, `warning` or `notice`."""
    why: str
    """What was found, for people."""
    rows: list[RowNamed]
    """The rules and rates concerned, the one at fault first; a few of them if there are many."""
    examples: list[Example]
    """Baskets that show it."""


def finding(code: Code, why: str, rows: list[RowNamed], examples: list[Example]) -> Finding:
    """A finding of the severity that its code has."""
    return Finding(code, SEVERITIES[code], why, rows, examples)
