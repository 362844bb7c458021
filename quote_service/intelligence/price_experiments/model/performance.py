"""How decided prices performed against the prices people last confirmed. Pure; the other world is an estimate.

At another price other units would have been sold: as many times the sold ones as the ratio of prices to the power of the elasticity
that the decision knew. What that gives at both ends of the elasticity's interval is the interval of the impact; the lower ends of all
decisions are added up, and the upper ends, as if all erred on the same side.

Source: docs/spec/price-experiments.md#performance.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber, written_number

LocalBound = Annotated[str, msgspec.Meta(max_length=300)]
ZoneName = Annotated[str, msgspec.Meta(max_length=64)]


class SoldUnits(msgspec.Struct, frozen=True):
    """What was sold at a decided price; amounts in minor units.

    Attributes:
        units: Sold.
        revenue_minor: For them.
        price_minor: The decided price.
        confirmed_minor: The price that a person had last confirmed.
        cost_minor: Of a unit.
        elasticities: The elasticity and the ends of its interval; None where the decision knew none.
    """

    units: int
    revenue_minor: int
    price_minor: int
    confirmed_minor: int | None
    cost_minor: int | None
    elasticities: tuple[float, float, float] | None


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold at decided prices, and how much more that is than confirmed prices would have brought."""

    units: int
    """Units sold."""
    revenue: ExactNumber
    """What they brought, after discounts and before tax."""
    profit: ExactNumber
    """Revenue less cost."""
    revenue_impact: ExactNumber
    """How much more revenue that is than confirmed prices would have brought: an estimate."""
    revenue_impact_low: ExactNumber
    """The lower end of its interval."""
    revenue_impact_high: ExactNumber
    """The upper end."""
    profit_impact: ExactNumber
    """How much more profit: an estimate."""
    profit_impact_low: ExactNumber
    """The lower end of its interval."""
    profit_impact_high: ExactNumber
    """The upper end."""
    return_percent: float | None
    """`profit_impact` in percent of the profit that confirmed prices would have brought; null where that is none."""
    units_not_estimated: int
    """Units whose decision knew no elasticity, cost or confirmed price: they count as sold, and have no impact."""


class ModeImpact(Impact, frozen=True, kw_only=True):
    """The impact of decisions of one mode."""

    mode: str
    """`auto`, or `suggest` where people accepted them."""


class DayImpact(Impact, frozen=True, kw_only=True):
    """The impact on a day."""

    day: date
    """The local day, in `time_zone`."""


class CurrencyPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """The performance in one currency."""

    currency: str
    """ISO 4217 code."""
    decisions: int
    """Decisions at whose prices something was sold."""
    products: int
    """Products of those decisions."""
    totals: Impact
    """Everything together."""
    modes: list[ModeImpact]
    """By mode of the decision."""
    days: list[DayImpact]
    """By day; days without sales are left out."""


class PricePerformance(msgspec.Struct, frozen=True, kw_only=True):
    """What decided prices brought."""

    from_: datetime = msgspec.field(name="from")
    """From here on."""
    to: datetime
    """To before this."""
    time_zone: str
    """IANA time zone of the days."""
    currencies: list[CurrencyPerformance]
    """By currency."""


class PerformanceFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which sales to look at."""

    from_: LocalBound | None = msgspec.field(name="from", default=None)
    """Sales from this date or instant on, such as `2026-11-01T00:00:00Z`; 30 days before `to` by default."""
    to: LocalBound | None = None
    """Sales before this date or instant; now by default. At most 366 days after `from`."""
    time_zone: ZoneName | None = None
    """IANA time zone whose days are told, and dates are of; by default `QUOTE_TIME_ZONE`."""
    currency: str | None = None
    """Only this currency, an ISO 4217 code."""
    product_id: UUID | None = None
    """Only this product."""


def impact_of(sales: Iterable[SoldUnits], exponent: int) -> dict[str, Any]:
    """The members of an `Impact`."""
    units = revenue = cost = left_out = 0
    other_profit = 0.0
    revenues, profits = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for sold in sales:
        units += sold.units
        revenue += sold.revenue_minor
        cost += sold.units * (sold.cost_minor or 0)
        found = _impacts(sold)
        if found is None:
            left_out += sold.units
            continue
        # Prices that went up and prices that went down: what the one errs by makes up for nothing of the other.
        for sums, impacts in zip((revenues, profits), zip(*found, strict=True), strict=True):
            for place, impact in enumerate((impacts[0], min(impacts), max(impacts))):
                sums[place] += impact
        other_profit += sold.revenue_minor - sold.units * (sold.cost_minor or 0) - found[0][1]
    shown = _shown(exponent)
    return {
        "units": units,
        "revenue": shown(revenue),
        "profit": shown(revenue - cost),
        "revenue_impact": shown(revenues[0]),
        "revenue_impact_low": shown(revenues[1]),
        "revenue_impact_high": shown(revenues[2]),
        "profit_impact": shown(profits[0]),
        "profit_impact_low": shown(profits[1]),
        "profit_impact_high": shown(profits[2]),
        "return_percent": None if other_profit <= 0 else round(profits[0] / other_profit * 100, 2),
        "units_not_estimated": left_out,
    }


def _impacts(sold: SoldUnits) -> Sequence[tuple[float, float]] | None:
    """How much more revenue and profit, by the elasticity and by both ends of its interval."""
    if sold.elasticities is None or sold.cost_minor is None or not sold.confirmed_minor:
        return None
    ratio = sold.confirmed_minor / sold.price_minor
    # What was paid for a unit at the decided price, after discounts, moves with the price.
    paid = sold.revenue_minor / sold.units
    found = []
    for elasticity in sold.elasticities:
        units = sold.units * ratio**elasticity
        revenue = units * paid * ratio
        profit = revenue - units * sold.cost_minor
        found.append((sold.revenue_minor - revenue, sold.revenue_minor - sold.units * sold.cost_minor - profit))
    return found


def _shown(exponent: int) -> Callable[[float], ExactNumber]:
    return lambda amount: written_number(amount_text(round(amount), exponent))
