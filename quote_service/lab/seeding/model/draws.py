"""Chance that can be repeated: what is drawn for a thing is told by the seed, the kind of thing and its number.

No draw depends on another thing's, so that rows can be made in any order, in several processes, and are the same. Whole
numbers throughout: no library's generator and no machine's rounding is part of what a seed means.

Source: docs/spec/seeding.md#what-the-seed-decides.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Final, TypeVar

from quote_service.platform.system.identifiers import uuid7

_EACH_BITS: Final = 32
_EACH: Final = (1 << _EACH_BITS) - 1
_BLOCK_BITS: Final = 512
_ID_BITS: Final = 74

Choice = TypeVar("Choice")


class Draws:
    """The draws of one thing, one after the other."""

    __slots__ = ("_bits", "_block", "_key", "_left", "_name")

    def __init__(self, seed: int, kind: str, number: int) -> None:
        self._key = seed.to_bytes(8)
        self._name = f"{kind}/{number}/"
        self._block = 0
        self._bits = self._left = 0

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, and without, a bound of at most 2**32."""
        if not self._left:
            digest = blake2b(f"{self._name}{self._block}".encode(), key=self._key).digest()
            self._bits, self._left = int.from_bytes(digest), _BLOCK_BITS
            self._block += 1
        drawn = (self._bits & _EACH) * bound >> _EACH_BITS
        self._bits >>= _EACH_BITS
        self._left -= _EACH_BITS
        return drawn

    def between(self, lowest: int, highest: int) -> int:
        """A whole number of a range, both ends included."""
        return lowest + self.below(highest - lowest + 1)

    def one_of(self, choices: Sequence[Choice]) -> Choice:
        """One of several, each as likely."""
        return choices[self.below(len(choices))]

    def percent(self, chance: int) -> bool:
        """True so many times in a hundred."""
        return self.below(100) < chance

    def identifier(self, instant_us: int) -> str:
        """A version-7 UUID of an instant; of two things with the same number and kind only the first."""
        bits = int.from_bytes(blake2b(f"{self._name}id".encode(), key=self._key, digest_size=16).digest())
        return uuid7(instant_us // 1000, bits >> 128 - _ID_BITS)


class Weighted:
    """Places to be drawn by their weights, which are whole numbers."""

    __slots__ = ("_reached", "total")

    def __init__(self, weights: Sequence[int]) -> None:
        self._reached = list(accumulate(weights))
        self.total = self._reached[-1]

    def draw(self, draws: Draws) -> int:
        """The place of one of the weights."""
        return self.place_of(draws.below(self.total))

    def place_of(self, point: int) -> int:
        """Whose stretch a point lies in, with all weights laid end to end."""
        return bisect_right(self._reached, point)

    def start_of(self, place: int) -> int:
        """Where a weight's stretch begins."""
        return self._reached[place - 1] if place else 0
