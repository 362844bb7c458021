"""What a campaign was agreed to be, and the prices that it starts from and stays between.

Source: docs/spec/campaigns.md#terms.
"""

from typing import Literal

import msgspec

from quote_service.platform.money.amounts import PERCENT_MICRO

CampaignStatus = Literal["scheduled", "active", "ended", "cancelled"]

DURATION_HOURS_MAX = 87_600  # ten years of 365 days
TARGET_SALES_MAX = 1_000_000_000
LIMIT_PERCENT_MICRO_MAX = PERCENT_MICRO  # 100 %: the price may go down to nothing, and double


class CampaignTerms(msgspec.Struct, frozen=True):
    """How long a campaign runs, how far it may move the price, and how much it is to sell.

    Raises:
        ValueError: A figure is outside its bounds; the message is fit for a client.
    """

    duration_hours: int
    """Hours from start to end: 1 to 87 600."""
    limit_percent_micro: int
    """How far the price may go up or down, in millionths of a percent of the starting price: 0 to 100 %."""
    target_sales_count: int
    """Units that the campaign is to sell in all: 1 to 1 000 000 000."""

    def __post_init__(self) -> None:
        if not 1 <= self.duration_hours <= DURATION_HOURS_MAX:
            raise ValueError(f"a campaign lasts 1 to {DURATION_HOURS_MAX} hours")
        if not 0 <= self.limit_percent_micro <= LIMIT_PERCENT_MICRO_MAX:
            raise ValueError("a campaign moves the price by 0 to 100 percent")
        if not 1 <= self.target_sales_count <= TARGET_SALES_MAX:
            raise ValueError(f"the target of a campaign is 1 to {TARGET_SALES_MAX} units")


class PriceBounds(msgspec.Struct, frozen=True):
    """The price of a product when its campaign began, and the bounds of the product as they are now.

    All three are in minor units of the product's currency, so that whatever its exponent is, a whole number is a price.
    Where one of them is finer than that they are in a finer unit, and `step` says how many of it a price goes by.

    Raises:
        ValueError: A price is negative, the highest is below the lowest, or the starting price is between two steps.
    """

    starting_minor: int
    """The price that every move is a percentage of, and that comes back at the end."""
    min_minor: int = 0
    """The lowest price that the product may have."""
    max_minor: int | None = None
    """The highest, if there is one."""
    step: int = 1
    """Prices that are worked out are multiples of this; bounds need not be."""

    def __post_init__(self) -> None:
        if self.starting_minor < 0 or self.min_minor < 0:
            raise ValueError("a price is not negative")
        if self.max_minor is not None and self.max_minor < self.min_minor:
            raise ValueError("the highest price is below the lowest")
        if self.step < 1 or self.starting_minor % self.step:
            raise ValueError("the starting price is between two steps")
