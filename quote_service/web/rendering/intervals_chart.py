"""Differences from the control as intervals around zero, on one scale for all arms of a metric.

Source: docs/spec/web.md#flags.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_SCALE = 1000
_MARGIN = 40
_THINNEST = 4


class Interval(NamedTuple):
    """Where an interval lies on a scale of 1 000, its middle, and that of zero."""

    x: int
    width: int
    middle: int
    zero: int
    #: Whether all of it lies on one side of zero: `above`, `below`, or neither.
    side: str


def intervals(differences: Sequence[Mapping[str, Any] | None]) -> list[Interval | None]:
    """An interval for each difference, None for each that is not known."""
    known = [each for each in differences if each is not None]
    low = min((float(each["low"]) for each in known), default=0.0)
    high = max((float(each["high"]) for each in known), default=0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (_SCALE - 2 * _MARGIN) / ((high - low) or 1.0)

    def at(value: float) -> int:
        return _MARGIN + round((value - low) * scale)

    return [
        None
        if each is None
        else Interval(
            at(float(each["low"])),
            max(_THINNEST, at(float(each["high"])) - at(float(each["low"]))),
            at(float(each["estimate"])),
            at(0.0),
            "above" if each["low"] > 0 else "below" if each["high"] < 0 else "",
        )
        for each in differences
    ]
