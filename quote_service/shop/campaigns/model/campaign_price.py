"""The price that a campaign makes at an hour, and the figures that it comes from.

Everything that moves, shows or simulates a campaign's price calls `campaign_price`; there is no second way.

Source: docs/spec/campaigns.md#the-price-at-an-hour.
"""

from fractions import Fraction
from typing import Literal

import msgspec

from quote_service.platform.money.amounts import MICRO, PERCENT_MICRO, round_half_away
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds

HeldBy = Literal["limit", "min_price", "max_price"]


class CampaignPrice(msgspec.Struct, frozen=True):
    """A price with its explanation. The figures are exact, and worked out when they are asked for."""

    terms: CampaignTerms
    """The campaign's terms."""
    elapsed_hours: int
    """Full hours since the campaign began, `duration_hours` at most: nothing counts after the end."""
    sold: int
    """Units sold until then."""
    price_minor: int
    """The price from this hour on, in minor units."""
    held_by: HeldBy | None
    """What kept the price from being the one worked out, if anything did."""

    @property
    def is_ended(self) -> bool:
        """Whether the campaign is over at this hour."""
        return self.elapsed_hours == self.terms.duration_hours

    @property
    def expected_rate(self) -> Fraction:
        """Units an hour that would reach the target."""
        return Fraction(self.terms.target_sales_count, self.terms.duration_hours)

    @property
    def current_rate(self) -> Fraction | None:
        """Units an hour that were sold until now; None before the first full hour."""
        return Fraction(self.sold, self.elapsed_hours) if self.elapsed_hours else None

    @property
    def remaining_time(self) -> Fraction | None:
        """The duration over the hours elapsed, from the duration down to 1; None before the first full hour."""
        return Fraction(self.terms.duration_hours, self.elapsed_hours) if self.elapsed_hours else None

    @property
    def demand_coefficient(self) -> Fraction | None:
        """The current rate over the expected one: above 1 it sells too well. None before the first full hour."""
        return None if self.current_rate is None else self.current_rate / self.expected_rate

    @property
    def move_percent(self) -> Fraction:
        """What the price is moved by, in percent of the starting price, before it is rounded and held to bounds."""
        return Fraction(_move(self.terms, self.elapsed_hours, self.sold), MICRO * self.terms.duration_hours)


def campaign_price(terms: CampaignTerms, bounds: PriceBounds, elapsed_hours: int, sold: int) -> CampaignPrice:
    """The price from a full hour of a campaign on.

    It depends on the arguments alone, and on no price before: it does not compound, and hours that nobody worked out
    are made up by the next one that somebody does. Before the first full hour (0), and from the end on (the duration
    or more), it is the starting price.

    Args:
        terms: The campaign's terms.
        bounds: The starting price, and the bounds of the product: these hold whatever the campaign says.
        elapsed_hours: Full hours since the campaign began, >= 0.
        sold: Units that the campaign has sold until this hour, >= 0.

    Returns:
        The price in minor units, worked out exactly and rounded once, half away from zero, to a step; then held within
        the limit (rounding never passes it), `min_minor` and `max_minor`. With it, what explains it.

    Raises:
        ValueError: The campaign has not begun, or less than nothing was sold.
    """
    if elapsed_hours < 0:
        raise ValueError("the campaign has not begun")
    if sold < 0:
        raise ValueError("less than nothing was sold")
    elapsed_hours = min(elapsed_hours, terms.duration_hours)
    starting = bounds.starting_minor
    price = starting
    held_by: HeldBy | None = None
    move = _move(terms, elapsed_hours, sold)
    if move:
        whole = PERCENT_MICRO * terms.duration_hours
        step = bounds.step
        price, held_by = _within_limit(round_half_away(starting * (whole + move), whole * step) * step, terms, bounds)
    if price < bounds.min_minor:
        price, held_by = bounds.min_minor, "min_price"
    elif bounds.max_minor is not None and price > bounds.max_minor:
        price, held_by = bounds.max_minor, "max_price"
    return CampaignPrice(terms, elapsed_hours, sold, price, held_by)


def _move(terms: CampaignTerms, elapsed_hours: int, sold: int) -> int:
    """What the price is moved by, in millionths of a percent times the duration: whole, where a percentage is not."""
    if elapsed_hours == terms.duration_hours:
        return 0
    # The demand coefficient against 1, both multiplied by what they are divided by. At hour 0, where there is no rate
    # yet, the move is none whichever is more.
    demand, expected = sold * terms.duration_hours, terms.target_sales_count * elapsed_hours
    if demand == expected:
        return 0
    move = terms.limit_percent_micro * elapsed_hours
    return move if demand > expected else -move


def _within_limit(price: int, terms: CampaignTerms, bounds: PriceBounds) -> tuple[int, HeldBy | None]:
    """The price, or the last step within the limit where rounding went past it."""
    starting, limit, step = bounds.starting_minor, terms.limit_percent_micro, bounds.step
    if price > (highest := starting * (PERCENT_MICRO + limit) // (PERCENT_MICRO * step) * step):
        return highest, "limit"
    if price < (lowest := -(starting * (limit - PERCENT_MICRO) // (PERCENT_MICRO * step)) * step):
        return lowest, "limit"
    return price, None
