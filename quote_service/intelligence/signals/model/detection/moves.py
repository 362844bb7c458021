"""Whether a price has moved by enough since its last one, and not only wobbles about what was told.

Source: docs/spec/signals.md#hysteresis.
"""

from typing import Literal

import msgspec

from quote_service.intelligence.signals.model.detection.found import Point, micro_of
from quote_service.intelligence.signals.model.thresholds import Rule
from quote_service.platform.money.amounts import PERCENT_MICRO
from quote_service.platform.system.instants import SECOND_US

Direction = Literal[-1, 1]


class Latch(msgspec.Struct, frozen=True, array_like=True):
    """A move that was told: from where to where, and until when it counts."""

    before_micro: int
    now: Point
    until_us: int


def step_move(
    latch: Latch | None, last: Point | None, now: Point, rule: Rule, direction: Direction
) -> tuple[Latch | None, Point | None]:
    """Hold a price against the last one, in one direction.

    While a move is latched the price is held against where that move ended; it is held against the last price again when
    `rearm_percent` of the move is undone, or when it has expired.

    Args:
        latch: The move that was told last; None when armed.
        last: The price before; None for the first.
        now: The price, later than the last one.
        rule: Whose threshold is in percent.
        direction: -1 for falls, 1 for rises.

    Returns:
        The latch that follows, and the price that the move is measured from, None where there is nothing to report.
    """
    if not rule.is_enabled:
        return None, None
    if latch is not None and (now.at_us >= latch.until_us or _is_undone(latch, now, rule, direction)):
        latch = None
    base = last if latch is None else latch.now
    # Nothing is a percentage of zero.
    if base is None or base.micro <= 0:
        return latch, None
    moved = direction * (now.micro - base.micro)
    if moved * PERCENT_MICRO < base.micro * micro_of(rule.threshold):
        return latch, None
    return Latch(base.micro, now, now.at_us + rule.expires_seconds * SECOND_US), base


def _is_undone(latch: Latch, now: Point, rule: Rule, direction: Direction) -> bool:
    back = direction * (latch.now.micro - now.micro)
    whole = direction * (latch.now.micro - latch.before_micro)
    return back >= 0 and back * PERCENT_MICRO >= whole * micro_of(rule.rearm_percent)
