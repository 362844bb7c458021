"""What shoppers have done so far, and how that is told.

Source: docs/spec/seeding.md#shoppers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

REFUSALS: Final = frozenset({"out-of-stock", "budget-exhausted", "coupon-exhausted", "reservation-limit"})
"""Codes of what a shop says as it should, and which are no errors."""


class Tally:
    """Counts of a run; amounts are by currency, `base_turnover` at base prices."""

    def __init__(self) -> None:
        self.shoppers = self.rejected = self.requests = self.repeats = self.quotes = 0
        self.too_expensive = self.abandoned = self.orders = self.units = 0
        self.reserved = self.fulfilled = self.cancelled = self.refunds = 0
        self.cancelled_amount: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.refunded_amount: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.turnover: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.base_turnover: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.units_in: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def refuse(self, code: str) -> None:
        """A request that was refused, or not answered."""
        (self.refusals if code in REFUSALS else self.errors)[code] += 1

    def order(self, currency: str, quantity: int, unit_price: Decimal, base_price: Decimal) -> None:
        """An order of so many units."""
        self.orders += 1
        self.units += quantity
        self.units_in[currency] += quantity
        self.turnover[currency] += unit_price * quantity
        self.base_turnover[currency] += base_price * quantity

    def cancel(self, currency: str, total: Decimal) -> None:
        """A cancelled order, of what the customer would have paid."""
        self.cancelled += 1
        self.cancelled_amount[currency] += total

    def refund(self, currency: str, total: Decimal) -> None:
        """A refund, of what the customer gets."""
        self.refunds += 1
        self.refunded_amount[currency] += total

    def line(self, seconds: float) -> str:
        """How it stands, in one line."""
        return (
            f"{seconds:6.0f} s  {self.requests} requests, {self.quotes} quotes, {self.orders} orders, "
            f"{self.units} units, {self.cancelled} cancelled, {self.refunds} refunds, {self.errors.total()} errors"
        )

    def summary(self) -> Iterator[str]:
        """Everything, a line each."""
        yield f"Shoppers          {self.shoppers}"
        if self.rejected:
            yield f"  turned away     {self.rejected}, because --concurrency others were still busy"
        yield f"Requests          {self.requests}"
        if self.repeats:
            yield f"  repeated        {self.repeats}, because there was no answer that says what has become of them"
        yield f"Quotes            {self.quotes}"
        yield f"  too expensive        {self.too_expensive}"
        yield f"  abandoned       {self.abandoned}"
        yield f"  reserved        {self.reserved}"
        yield f"Orders            {self.orders}"
        yield f"  fulfilled       {self.fulfilled}"
        yield f"  cancelled       {self.cancelled}"
        yield f"Refunds           {self.refunds}"
        yield f"Units             {self.units}"
        for currency in sorted(self.turnover):
            turnover, units = self.turnover[currency], self.units_in[currency]
            share = 100 * turnover / self.base_turnover[currency] if self.base_turnover[currency] else 0
            yield f"Turnover          {turnover:.2f} {currency}"
            yield f"Average price     {turnover / units:.2f} {currency}, {share:.1f} % of the base price"
        for name, amounts in (("Cancelled", self.cancelled_amount), ("Refunded", self.refunded_amount)):
            for currency in sorted(amounts):
                yield f"{name:<17} {amounts[currency]:.2f} {currency}"
        for name, counts in (("Refusals", self.refusals), ("Errors", self.errors)):
            yield f"{name:<17} {counts.total()}"
            for code, count in sorted(counts.items()):
                yield f"  {code:<15} {count}"
