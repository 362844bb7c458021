"""How much of the simulated market is put into a database, and when its days were.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from quote_service.lab.demonstration.model.history import HISTORY_DAYS
from quote_service.platform.system.instants import SECOND_US, to_micros

AUTHOR: Final = "demonstration"
SKU_PREFIX: Final = "DEMO-"
#: A sixteenth of the shoppers that the judge has, so that a minute is enough to write what they bought.
CROWD: Final = 0.06
# Prices move in the night, rivals are looked at in the morning, then prices are decided and people answer, and shoppers come from
# seven to eight in the evening (UTC).
_REPRICED = timedelta(hours=1)
_WATCHED = timedelta(hours=5)
_LEARNT = timedelta(hours=5, minutes=30)
_DECIDED = timedelta(hours=6)
_ANSWERED = timedelta(hours=6, minutes=30)
_OPEN_US: Final = 7 * 3600 * SECOND_US
_OPEN_FOR_US: Final = 13 * 3600 * SECOND_US
_CLOSED: Final = timedelta(hours=20, minutes=15)
# What is bought in this moment is decided on within minutes.
_RIGHT_NOW_US: Final = 600 * SECOND_US


class DemonstrationPlan(msgspec.Struct, frozen=True):
    """What is asked for.

    Attributes:
        seed: Of all chance.
        now: The end of it all.
        days: Days of history that are over, the last of them yesterday; what is over of today comes on top.
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

    @property
    def part_of_today(self) -> float:
        """How much is over of the time in which shoppers come today, from 0 to 1."""
        return self._open_today_us / _OPEN_FOR_US

    def repriced(self, number: int) -> datetime:
        """When our prices of a day moved; now at the latest, as all instants of a day."""
        return min(self.day(number) + _REPRICED, self.now)

    def watched(self, number: int) -> datetime:
        """When rivals were looked at."""
        return min(self.day(number) + _WATCHED, self.now)

    def learnt(self, number: int) -> datetime:
        """When demand was learnt, on a day on which it was."""
        return min(self.day(number) + _LEARNT, self.now)

    def decided(self, number: int) -> datetime:
        """When prices were decided, and those of experiments moved."""
        return min(self.day(number) + _DECIDED, self.now)

    def is_decided(self, number: int) -> bool:
        """Whether that instant is over."""
        return self.day(number) + _DECIDED <= self.now

    def answered(self, number: int) -> datetime:
        """When people said what they think of decisions."""
        return min(self.day(number) + _ANSWERED, self.now)

    def night(self, place: int, moves: int) -> datetime:
        """The instant of one of so many moves between yesterday's close and this morning; the last is over."""
        begin, end = self.day(self.days - 1) + _CLOSED, self.repriced(self.days)
        return begin + (end - begin) * (place + 1) / (moves + 1)

    def sold_us(self, number: int, part: float) -> int:
        """An instant of the time in which shoppers come, by a part of it between 0 and 1; of today, of what is over."""
        open_for_us = self._open_today_us if number == self.days else _OPEN_FOR_US
        return to_micros(self.day(number)) + _OPEN_US + int(part * open_for_us)

    @property
    def _open_today_us(self) -> int:
        gone_us = to_micros(self.now) - to_micros(self.day(self.days)) - _OPEN_US - _RIGHT_NOW_US
        return min(max(gone_us, 0), _OPEN_FOR_US)
