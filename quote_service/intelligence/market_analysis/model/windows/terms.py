"""How wide windows are, and when one is closed.

Source: docs/spec/market-analysis.md#windows.
"""

from typing import Final, NamedTuple

from quote_service.platform.system.instants import SECOND_US

#: How far ahead of the clock an event may be; what shoppers do is taken as far ahead too.
AHEAD_US: Final = 300 * SECOND_US


class WindowTerms(NamedTuple):
    """Width and lateness, in seconds; lateness is a whole number of windows."""

    width_seconds: int
    lateness_seconds: int

    @property
    def width_us(self) -> int:
        """The width."""
        return self.width_seconds * SECOND_US

    def watermark_us(self, newest_us: int) -> int:
        """The watermark where the newest event is of this instant: windows that end at it, or before, are closed."""
        return newest_us - self.lateness_seconds * SECOND_US

    def is_closed(self, starts_us: int, newest_us: int | None) -> bool:
        """Whether a window takes nothing more; `newest_us` is None while nothing has been seen."""
        return newest_us is not None and starts_us + self.width_us <= self.watermark_us(newest_us)


def window_terms(width_seconds: int, lateness_seconds: int) -> WindowTerms:
    """The terms that settings give; lateness is raised to whole windows, so that every engine closes the same ones."""
    return WindowTerms(width_seconds, -(-lateness_seconds // width_seconds) * width_seconds)
