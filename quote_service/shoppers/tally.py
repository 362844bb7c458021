"""What shoppers have done so far, and how that is told.

Source: docs/spec/seeding.md#shoppers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal


class Tally:
    """Counts of a run; `turnover` and `base_turnover` by currency, the second at base prices."""

    def __init__(self) -> None:
        self.shoppers = self.turned_away = self.requests = self.quotes = 0
        self.too_dear = self.abandoned = self.accepted = self.units = 0
        self.turnover: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.base_turnover: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.units_in: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def buy(self, currency: str, quantity: int, unit_price: Decimal, base_price: Decimal) -> None:
        """An accepted quote of so many units."""
        self.accepted += 1
        self.units += quantity
        self.units_in[currency] += quantity
        self.turnover[currency] += unit_price * quantity
        self.base_turnover[currency] += base_price * quantity

    def line(self, seconds: float) -> str:
        """How it stands, in one line."""
        return (
            f"{seconds:6.0f} s  {self.requests} requests, {self.quotes} quotes, {self.accepted} accepted, "
            f"{self.units} units, {sum(self.errors.values())} errors"
        )

    def summary(self) -> Iterator[str]:
        """Everything, a line each."""
        yield f"Shoppers          {self.shoppers}"
        if self.turned_away:
            yield f"  turned away     {self.turned_away}, because --concurrency others were still busy"
        yield f"Requests          {self.requests}"
        yield f"Quotes            {self.quotes}"
        yield f"  too dear        {self.too_dear}"
        yield f"  abandoned       {self.abandoned}"
        yield f"  accepted        {self.accepted}"
        yield f"Units             {self.units}"
        for currency in sorted(self.turnover):
            turnover, units = self.turnover[currency], self.units_in[currency]
            share = 100 * turnover / self.base_turnover[currency] if self.base_turnover[currency] else 0
            yield f"Turnover          {turnover:.2f} {currency}"
            yield f"Average price     {turnover / units:.2f} {currency}, {share:.1f} % of the base price"
        yield f"Errors            {sum(self.errors.values())}"
        for code, count in sorted(self.errors.items()):
            yield f"  {code:<15} {count}"
