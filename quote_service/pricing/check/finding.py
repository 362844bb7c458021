"""What the rule check says: which rows, why, and baskets that show it.

Source: spec 4; the rule check.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from quote_service.domain.numbers import ExactNumber

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
    "currency-without-delivery-rule",
    "currency-without-tax-rule",
    "subtotal-gap",
    "tier-gap",
    "tier-out-of-reach",
    "price-cliff",
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
    "currency-without-delivery-rule": "warning",
    "currency-without-tax-rule": "warning",
    "subtotal-gap": "warning",
    "tier-gap": "warning",
    "tier-out-of-reach": "warning",
    "price-cliff": "notice",
}
RANKS: dict[Severity, int] = {"error": 0, "warning": 1, "notice": 2}


class RowNamed(msgspec.Struct, frozen=True):
    """A row that a finding concerns; rates have neither a name nor a version that a quote would show."""

    kind: Literal["rule", "rate"]
    id: str
    name: str | None = None
    version: int | None = None


class ExampleAmounts(msgspec.Struct, frozen=True):
    """What a quote for the basket comes to, with exactly the currency's digits."""

    subtotal: ExactNumber
    discount_amount: ExactNumber
    tax_amount: ExactNumber
    delivery_fee: ExactNumber
    small_basket_fee: ExactNumber
    total_amount: ExactNumber
    total_commission: ExactNumber


class Example(msgspec.Struct, frozen=True):
    """A body for `POST /api/v1/quote`, and what it gives at an instant by the rulebook that was checked."""

    shows: str
    request: dict[str, Any]
    at: datetime
    amounts: ExampleAmounts


class Finding(msgspec.Struct, frozen=True):
    """One thing found. `rows` begins with the row at fault; a finding about many rows names a few."""

    code: Code
    severity: Severity
    why: str
    rows: list[RowNamed]
    examples: list[Example]


def finding(code: Code, why: str, rows: list[RowNamed], examples: list[Example]) -> Finding:
    """A finding of the severity that its code has."""
    return Finding(code, SEVERITIES[code], why, rows, examples)
