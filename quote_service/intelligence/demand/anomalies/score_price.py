"""How odd a seen price is: beside what others ask for the same product now, and beside what this seller asked before.

Others come first: a shop's own prices jump with every promotion, and an error of a whole feed is in its history too. Whole
minor units in; the score is a logarithm, so that half and double are equally odd.

Source: docs/spec/demand.md#odd-prices.
"""

from collections.abc import Sequence
from math import log
from statistics import median
from typing import Literal

import msgspec

Oddity = Literal["far_from_sellers", "far_from_history", "decimal_shift", "pack_size", "nothing_to_compare"]

# With fewer other sellers than this their median says little, and the history is all there is.
ENOUGH_SELLERS = 3
# Of the seller's own prices, this many as near make a price usual.
_USUAL_TIMES = 3
MOST_HISTORY = 52
# Prices this near are the same price, and this share of sellers with the same price takes all oddity from it.
_SAME = 0.02
_AGREEING_SHARE = 0.05
# A third off, against both sellers and history, is a promotion; more is more likely an error.
ODD_SCORE = 0.8
_SHIFTS = (10, 100, 1_000)
_PACKS = (2, 3, 4, 6, 8, 12, 24)
_NEAR_RATIO = 0.03


class OddPrice(msgspec.Struct, frozen=True):
    """What is odd about a price.

    Attributes:
        score: From 0, not odd, upwards; about twice the logarithm of the factor by which it is off.
        is_odd: Whether to keep it out of decisions until it is confirmed.
        oddities: Why, the plainest first.
        expected_minor: What it was compared with; None without anything to compare.
    """

    score: float
    is_odd: bool
    oddities: tuple[Oddity, ...]
    expected_minor: int | None


def score_price(price_minor: int, others_minor: Sequence[int], history_minor: Sequence[int]) -> OddPrice:
    """Score one price.

    Args:
        price_minor: The price seen, above 0.
        others_minor: What other sellers ask for the same product at about the same time, in the same currency and pack size.
        history_minor: What this seller asked before, the latest last; only confirmed prices, or errors become usual.
    """
    history = history_minor[-MOST_HISTORY:]
    if not others_minor and not history:
        return OddPrice(0.0, False, ("nothing_to_compare",), None)
    from_history = _distance_to_history(price_minor, history)
    if len(others_minor) >= ENOUGH_SELLERS:
        expected = median(others_minor)
        from_sellers = abs(log(price_minor / expected))
        score = (from_sellers + min(from_history or 0.0, from_sellers)) * _disagreement(price_minor, others_minor)
    else:
        expected = median(history or others_minor)
        from_sellers = 0.0 if history else abs(log(price_minor / expected))
        score = 2 * (from_history if from_history is not None else from_sellers)
    ratio = price_minor / expected
    shifted = score > 0 and _is_near(ratio, _SHIFTS)
    is_odd = score >= ODD_SCORE or shifted
    oddities: list[Oddity] = []
    if is_odd:
        if shifted:
            oddities.append("decimal_shift")
        elif _is_near(ratio, _PACKS):
            oddities.append("pack_size")
        if from_sellers >= ODD_SCORE / 2:
            oddities.append("far_from_sellers")
        if (from_history or 0.0) >= ODD_SCORE / 2:
            oddities.append("far_from_history")
    return OddPrice(score, is_odd, tuple(oddities), round(expected))


def _distance_to_history(price_minor: int, history: Sequence[int]) -> float | None:
    if not history:
        return None
    nearest = sorted(abs(log(price_minor / before)) for before in history)
    return nearest[min(_USUAL_TIMES, len(nearest)) - 1]


def _disagreement(price_minor: int, others: Sequence[int]) -> float:
    """1 when nobody else asks this price, 0 when a share of sellers does."""
    same = sum(abs(price_minor - other) <= _SAME * other for other in others)
    return max(0.0, 1 - same / len(others) / _AGREEING_SHARE)


def _is_near(ratio: float, factors: Sequence[int]) -> bool:
    either = max(ratio, 1 / ratio)
    return any(abs(either / factor - 1) <= _NEAR_RATIO for factor in factors)
