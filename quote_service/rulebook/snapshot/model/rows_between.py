"""Rows of several rulebook versions, each with the versions in which it counted.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

import msgspec

from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.flags.stored_flag import StoredFlag
from quote_service.pricing.rulebook.stored import BudgetSpend, CouponExhaustion, StoredRule

Row = TypeVar("Row")


class Standing(msgspec.Struct, Generic[Row], frozen=True):
    """A row that counted in the versions `since` <= v < `until`."""

    row: Row
    since: int
    until: int


class RowsBetween(msgspec.Struct, frozen=True):
    """Everything that counted in any version from one to another, as far as some baskets can see it."""

    rules: Sequence[Standing[StoredRule]]
    rates: Sequence[Standing[StoredRate]]
    flags: Sequence[Standing[StoredFlag]]
    coupon_uses: Sequence[Standing[CouponExhaustion]]
    budget_spends: Sequence[Standing[BudgetSpend]]


def counting(rows: Sequence[Standing[Row]], version: int) -> Iterator[Row]:
    """Those of the rows that counted in a version."""
    return (each.row for each in rows if each.since <= version < each.until)
