"""The parts that a process has opened, each found by its class: whoever needs one asks for it and knows no other.

`lifespan` puts them in, so that it alone knows every subject; routes and loops take out what is theirs.
"""

from typing import Any, TypeVar

Part = TypeVar("Part")


class PartMissing(LookupError):
    """This process did not open such a part: a mistake of whoever put the process together."""


class Parts:
    """One part of each class, for the life of the process."""

    __slots__ = ("_by_class",)

    def __init__(self, *parts: object) -> None:
        self._by_class: dict[type[Any], Any] = {}
        for part in parts:
            self.add(part)

    def add(self, part: Part) -> Part:
        """Put a part in under its own class, and answer it.

        Raises:
            ValueError: There is one of this class already.
        """
        if type(part) in self._by_class:
            raise ValueError(f"there is a {type(part).__name__} already")
        self._by_class[type(part)] = part
        return part

    def __getitem__(self, kind: type[Part]) -> Part:
        """The part of this class.

        Raises:
            PartMissing: There is none.
        """
        part: Part | None = self._by_class.get(kind)
        if part is None:
            raise PartMissing(f"this process has no {kind.__name__}")
        return part

    def find(self, kind: type[Part]) -> Part | None:
        """The part of this class, or None in a process that goes without it."""
        part: Part | None = self._by_class.get(kind)
        return part
