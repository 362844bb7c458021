"""What a campaign has sold so far.

Source: docs/spec/campaigns.md#sales.
"""

import msgspec

from quote_service.platform.money.amounts import round_half_away


class CampaignSales(msgspec.Struct, frozen=True):
    """Units sold by a campaign and what was paid for them."""

    units: int = 0
    """Units sold."""
    turnover_minor: int = 0
    """What was paid for them, in minor units."""

    def plus(self, units: int, price_minor: int) -> "CampaignSales":
        """The sales with so many more units at a price each."""
        return CampaignSales(self.units + units, self.turnover_minor + units * price_minor)

    @property
    def average_minor(self) -> int | None:
        """The average price of a unit in minor units, rounded half away from zero; None where nothing was sold."""
        return round_half_away(self.turnover_minor, self.units) if self.units else None
