"""Where the ticks of an axis stand, and what they say.

Source: docs/spec/campaigns.md#plot.
"""

from itertools import count
from typing import NamedTuple

from quote_service.shop.campaigns.scenario.text_lines import clock_text

_HOUR_STEPS = (1, 2, 3, 6, 12, 24, 48, 120, 240, 480, 1200, 2400, 4800, 12_000, 24_000)


class Axis(NamedTuple):
    """An axis from `least` to `most`, which are ticks of a value axis."""

    least: int
    most: int
    step: int

    def ticks(self) -> range:
        """The values that are labelled."""
        return range(self.least, self.most + 1, self.step)

    def place(self, value: int, length: int) -> int:
        """Where a value stands along so many pixels, in tenths of one."""
        return (value - self.least) * 10 * length // (self.most - self.least)


def value_axis(least: int, most: int, ticks_max: int = 5) -> Axis:
    """An axis that has room for both, with ticks at multiples of 1, 2 or 5 times a power of ten."""
    step = next(
        factor * 10**power
        for power in count()
        for factor in (1, 2, 5)
        if -(-most // (factor * 10**power)) - least // (factor * 10**power) < ticks_max
    )
    low, high = least // step * step, -(-most // step) * step
    return Axis(low, high if high > low else low + step, step)


def time_axis(hours: int, ticks_max: int = 13) -> Axis:
    """An axis of so many hours from 0, with ticks at full days where there are many."""
    step = next((each for each in _HOUR_STEPS if hours // each < ticks_max), _HOUR_STEPS[-1])
    return Axis(0, hours, step)


def time_label(hour: int) -> str:
    """A time of day, or the day alone at midnight: `06:00`, `2d`, `2d 06:00`."""
    return f"{hour // 24}d" if hour and hour % 24 == 0 else clock_text(hour)
