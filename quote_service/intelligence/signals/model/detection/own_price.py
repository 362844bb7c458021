"""Whether our own price has moved by enough, up or down.

Source: docs/spec/signals.md#hysteresis.
"""

import msgspec

from quote_service.intelligence.signals.model.detection.found import Point
from quote_service.intelligence.signals.model.detection.moves import Latch, step_move
from quote_service.intelligence.signals.model.thresholds import Rule


class OwnPriceState(msgspec.Struct, frozen=True):
    """The last move that was taken in, and what was told."""

    at_us: int = -1
    fall: Latch | None = None
    rise: Latch | None = None


def look_at_own_price(
    state: OwnPriceState, before: Point, now: Point, rule: Rule
) -> tuple[OwnPriceState, Point | None]:
    """Take in a move; the price that the signal is measured from, None where there is nothing to report.

    Our own prices are never odd, so each is held against the one before it. A move that is not later than the last one that
    was looked at changes nothing.
    """
    if now.at_us <= state.at_us:
        return state, None
    fall, from_above = step_move(state.fall, before, now, rule, -1)
    rise, from_below = step_move(state.rise, before, now, rule, 1)
    return OwnPriceState(now.at_us, fall, rise), from_above or from_below
