"""Counts while claims are decided one by one: what was counted before them, and what they add.

Source: docs/decisions/reservations.md.
"""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")


class Tally(Generic[Key]):
    """Counts by key; `before` is what others have counted, `now` what there is with the claims that were met."""

    __slots__ = ("before", "now", "refused")

    def __init__(self, before: Mapping[Key, int]) -> None:
        self.before = before
        self.now = dict(before)
        self.refused: set[Key] = set()

    def fits(self, key: Key, amount: int, limit: int | None) -> bool:
        """Whether so much more stays within a limit; it is remembered where it does not."""
        if limit is None or self.now[key] + amount <= limit:
            return True
        self.refused.add(key)
        return False

    def add(self, key: Key, amount: int) -> None:
        """Count so much more."""
        self.now[key] += amount

    def is_to_record(self, key: Key, limits: Iterable[int | None]) -> bool:
        """Whether something did not fit, or what was met has taken the count to one of these limits or past it."""
        before, now = self.before[key], self.now[key]
        return key in self.refused or any(limit is not None and before < limit <= now for limit in limits)
