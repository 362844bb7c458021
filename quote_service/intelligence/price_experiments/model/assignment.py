"""Who is treated, and when: thrown once from a seed that is kept, so that it can be worked out again by anybody.

Source: docs/spec/price-experiments.md#designs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of time of a switchback.

    Attributes:
        block: Two stretches that follow each other are a block: one of them is treated.
        is_second: Of its block.
        begins_at: From here on it is in force.
        counts_from: What is sold before that is left out, since shoppers still have the price before in mind.
        ends_at: To before this.
    """

    block: int
    is_second: bool
    begins_at: datetime
    counts_from: datetime
    ends_at: datetime


def coin(seed: str, *names: object) -> bool:
    """A coin of its own for each thing it is thrown for."""
    text = "/".join((seed, *map(str, names)))
    return bool(sha256(text.encode()).digest()[0] & 1)


def pair_clusters(bases: Sequence[float], seed: str) -> list[tuple[int, int]]:
    """Pairs of clusters that are most alike in what they brought before, the treated one of each first.

    Args:
        bases: What each cluster brought before the experiment.
        seed: Of the experiment.

    Returns:
        Numbers of clusters; where their number is odd, the one that brought least has no partner and is in none.
    """
    order = sorted(range(len(bases)), key=lambda number: (-bases[number], number))
    pairs = list(zip(order[::2], order[1::2], strict=False))
    return [(one, other) if coin(seed, "pair", place) else (other, one) for place, (one, other) in enumerate(pairs)]


def stretches(begins_at: datetime, blocks: int, period_hours: int, washout_hours: int) -> list[Stretch]:
    """The stretches of a switchback, two of each block."""
    period, washout = timedelta(hours=period_hours), timedelta(hours=washout_hours)
    starts = [begins_at + number * period for number in range(2 * blocks)]
    return [
        Stretch(number // 2, bool(number % 2), start, start + washout, start + period)
        for number, start in enumerate(starts)
    ]


def is_treated(seed: str, cluster: int, stretch: Stretch) -> bool:
    """Whether a cluster is treated in a stretch: each cluster throws a coin for each block."""
    return coin(seed, "block", cluster, stretch.block) != stretch.is_second
