"""How much more is sold for how much less: arc elasticity of units per hour, of one product or of several.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from quote_service.selling.flash_sales.analytics.exact_figures import HOUR_US
from quote_service.selling.flash_sales.model.analytics import NotEnoughData

# So many units on each side: with fewer, chance alone moves the figure by a third and more.
UNITS_WANTED = 10


class Sold(NamedTuple):
    """Units sold in a time longer than 0, and what was paid for them in minor units."""

    units: int
    amount_minor: int
    period_us: int

    @property
    def units_per_hour(self) -> Fraction:
        """How fast."""
        return Fraction(self.units * HOUR_US, self.period_us)

    @property
    def average_price(self) -> Fraction:
        """In minor units; of at least one unit."""
        return Fraction(self.amount_minor, self.units)


class Point(NamedTuple):
    """A point of a demand curve: units, units per hour, and the price in minor units."""

    units: int
    units_per_hour: Fraction
    price_minor: Fraction


class Arc(NamedTuple):
    """What two points say: the elasticity, or why there is none; a side without any unit is None."""

    value: Fraction | None
    not_enough_data: NotEnoughData | None
    sale: Point | None
    before: Point | None
    compared: int


def arc_elasticity(one: Point, other: Point) -> Fraction:
    """Change of units per hour over change of price, each in parts of its middle; the order does not matter.

    Both prices, >= 0, differ, and something was sold on one side at least.
    """
    units = (one.units_per_hour - other.units_per_hour) / (one.units_per_hour + other.units_per_hour)
    price = (one.price_minor - other.price_minor) / (one.price_minor + other.price_minor)
    return units / price


def compare(sides: Sequence[tuple[Sold | None, Sold]]) -> Arc:
    """The elasticity of products that are taken together.

    Those that were sold on both sides are compared. Both prices are averages weighted with the units sold in the sale,
    so that a change of the mix is not taken for one of price; of one product it is that product's own elasticity.

    Args:
        sides: Of each product, what was sold in the sale (None: it has not been on sale) and before, in one currency.
    """
    sold = [(sale, before) for sale, before in sides if sale is not None]
    both = [(sale, before) for sale, before in sold if sale.units and before.units]
    if not both:
        return Arc(None, _why_none(sold), None, None, 0)
    units = sum(sale.units for sale, _ in both)
    sale_point = Point(
        units,
        sum((sale.units_per_hour for sale, _ in both), Fraction()),
        Fraction(sum(sale.amount_minor for sale, _ in both), units),
    )
    before_point = Point(
        sum(before.units for _, before in both),
        sum((before.units_per_hour for _, before in both), Fraction()),
        sum((sale.units * before.average_price for sale, before in both), Fraction()) / units,
    )
    reason: NotEnoughData | None = None
    if sale_point.units < UNITS_WANTED:
        reason = "too_few_units_in_sale"
    elif before_point.units < UNITS_WANTED:
        reason = "too_few_units_before"
    elif sale_point.price_minor == before_point.price_minor:
        reason = "same_price"
    value = None if reason else arc_elasticity(sale_point, before_point)
    return Arc(value, reason, sale_point, before_point, len(both))


def _why_none(sold: Sequence[tuple[Sold, Sold]]) -> NotEnoughData:
    if not sold:
        return "not_on_sale"
    if not any(before.units for _, before in sold):
        return "no_units_before"
    return "too_few_units_in_sale"
