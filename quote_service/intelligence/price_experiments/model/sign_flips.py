"""How much more the treated half of each pair brought, with an interval that chance alone explains: no model of sales is needed.

In each pair a coin has decided who is treated. Were the treatment to multiply what is brought by `1 + effect`, then with the treated
halves divided by that the coins could as well have fallen otherwise: the sum of differences is one of those that the other throws of
the coins would give. Effects for which it is too far out are outside the interval. Exact for any number of pairs; what few pairs
cannot say, it does not say.

Source: docs/spec/price-experiments.md#estimates.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import product
from typing import Final

import msgspec

LEVEL: Final = 0.95
#: All throws of so many coins are looked at; of more, this many throws, always the same ones.
_ALL_OF: Final = 12
_THROWS: Final = 4095
#: Effects are looked for between everything lost and this many times as much more.
_MOST: Final = 20.0
_STEPS: Final = 60


class Pair(msgspec.Struct, frozen=True):
    """What the two halves of a pair brought, in any unit that is the same for both; a coin decided which was treated."""

    treated: float
    control: float


class Estimate(msgspec.Struct, frozen=True):
    """By how much more the treatment brings, as a share: 0.05 is 5 % more.

    Attributes:
        effect: Over all pairs; None where the controls brought nothing.
        low: The lower end of the interval; None: no end, for too few pairs or too little sold.
        high: The upper end.
        chance: How likely a difference as large is without any effect, from 0 to 1.
    """

    effect: float | None
    low: float | None
    high: float | None
    chance: float


def estimate_effect(pairs: Sequence[Pair]) -> Estimate:
    """The estimate from pairs whose coins were thrown independently."""
    throws = _thrown(pairs)
    treated, control = sum(pair.treated for pair in pairs), sum(pair.control for pair in pairs)

    def chance_of(effect: float) -> float:
        share = 1.0 / (1.0 + effect)
        seen = abs(share * treated - control) * (1.0 - 1e-12)
        return sum(abs(share * one - other) >= seen for one, other in throws) / len(throws)

    if control <= 0 or treated <= 0:
        return Estimate(None, None, None, chance_of(0.0))
    effect = treated / control - 1.0
    return Estimate(
        effect,
        _end(chance_of, effect, -1.0 + 1e-9),
        _end(chance_of, effect, effect + _MOST),
        chance_of(0.0),
    )


def _end(chance_of: Callable[[float], float], inside: float, far: float) -> float | None:
    """Where the chance falls below what the level allows, between the estimate and something far off."""
    if chance_of(far) > 1.0 - LEVEL:
        return None
    for _ in range(_STEPS):
        middle = (inside + far) / 2
        if chance_of(middle) > 1.0 - LEVEL:
            inside = middle
        else:
            far = middle
    return far


def _thrown(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """The sums of treated and control of each throw, the one that was thrown among them."""
    if len(pairs) <= _ALL_OF:
        signs = product((1.0, -1.0), repeat=len(pairs))
        return [_sums(pairs, throw) for throw in signs]
    drawn = (_coins(number, len(pairs)) for number in range(_THROWS))
    return [_sums(pairs, [1.0] * len(pairs)), *(_sums(pairs, throw) for throw in drawn)]


def _sums(pairs: Sequence[Pair], throw: Sequence[float]) -> tuple[float, float]:
    both = list(zip(throw, pairs, strict=True))
    return sum(sign * pair.treated for sign, pair in both), sum(sign * pair.control for sign, pair in both)


def _coins(number: int, count: int) -> list[float]:
    bits = b"".join(sha256(f"{number}/{part}".encode()).digest() for part in range(count // 256 + 1))
    return [1.0 if bits[place >> 3] >> (place & 7) & 1 else -1.0 for place in range(count)]
