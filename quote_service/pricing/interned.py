"""Values that many rows name, each held once and named by a number."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Hashable)


class Interned(Generic[Value]):
    """Only ever added to, so that rows of every age may share it; number 0 is None."""

    __slots__ = ("_numbers", "values")

    def __init__(self) -> None:
        self.values: list[Value | None] = [None]
        self._numbers: dict[Value | None, int] = {None: 0}

    def number(self, value: Value | None) -> int:
        """The number of a value, which is held from now on."""
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number
