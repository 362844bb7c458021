"""Stretches of time as half-open pairs of microseconds, and when each version of a rule counts.

Source: docs/spec/pricing-rules.md#versions.
"""

from collections.abc import Iterable

Period = tuple[int, int]
Periods = tuple[Period, ...]


def clipped(from_us: int, to_us: int, now_us: int) -> Periods:
    """What is left of a period from an instant on."""
    start_us = max(from_us, now_us)
    return ((start_us, to_us),) if start_us < to_us else ()


def less(periods: Iterable[Period], taken: Iterable[Period]) -> Periods:
    """The parts of some periods that lie in none of the others."""
    left = list(periods)
    for hole_from, hole_to in taken:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, hole_from)), (max(start, hole_to), end))
            if part[0] < part[1]
        ]
    return tuple(left)


def common(periods: Iterable[Period], others: Iterable[Period]) -> Periods:
    """The parts of some periods that lie in one of the others as well, in order of time."""
    others = tuple(others)
    shared = ((max(one[0], two[0]), min(one[1], two[1])) for one in periods for two in others)
    return tuple(sorted(part for part in shared if part[0] < part[1]))


def counting_periods(versions: Iterable[tuple[int, Periods]]) -> dict[int, Periods]:
    """When each version of one name counts: its own periods less those of every higher version."""
    counting: dict[int, Periods] = {}
    higher: list[Period] = []
    for version, periods in sorted(versions, reverse=True):
        counting[version] = less(periods, higher)
        higher += periods
    return counting
