"""How much of the simulated market is put into a database, and when its days were.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from quote_service.demonstration.words.history import HISTORY_DAYS
from quote_service.system.instants import SECOND_US, to_micros

AUTHOR: Final = "demonstration"
SKU_PREFIX: Final = "DEMO-"
#: A sixteenth of the shoppers that the judge has, so that a minute is enough to write what they bought.
CROWD: Final = 0.06
# Prices move in the night, rivals are looked at in the morning, shoppers come from seven to eight in the evening (UTC).
_REPRICED = timedelta(hours=1)
_WATCHED = timedelta(hours=5)
_OPEN_US: Final = 7 * 3600 * SECOND_US
_OPEN_FOR_US: Final = 13 * 3600 * SECOND_US


class DemonstrationPlan(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        seed: Of all chance.
        now: The end of it all.
        days: Days of history, the last of them yesterday.
        crowd: Shoppers, beside those of the judge.
    """

    seed: int
    now: datetime
    days: int = HISTORY_DAYS
    crowd: float = CROWD

    @property
    def opened(self) -> datetime:
        """When the shop was opened: a day before its history begins."""
        return self.day(-1)

    def day(self, number: int) -> datetime:
        """The midnight (UTC) on which a day began."""
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=self.days - number)

    def repriced(self, number: int) -> datetime:
        """When our prices of a day moved."""
        return self.day(number) + _REPRICED

    def watched(self, number: int) -> datetime:
        """When rivals were looked at; now at the latest."""
        return min(self.day(number) + _WATCHED, self.now)

    def sold_us(self, number: int, part: float) -> int:
        """An instant of a day's opening hours, by a part of them between 0 and 1."""
        return to_micros(self.day(number)) + _OPEN_US + int(part * _OPEN_FOR_US)
