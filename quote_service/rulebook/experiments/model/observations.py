"""What a process notes of experiments while it answers quotes.

Source: docs/spec/experiments.md#exposures.
"""

from collections.abc import Iterator
from typing import Final

from quote_service.pricing.flags.watched_flag import WatchedFlag

#: Values are whole millionths of the metric's unit; of an event that has no value they are 1.
ONE: Final = 1_000_000


class Exposures:
    """Customers who were shown arms of the same flags, in the order in which this process saw them first, and when.

    Each has a code of its arms: for each of `flags` the place of the arm among the flag's `arms`, or nothing where the hash did not
    decide, divided by dots. `size` is how many exposures these are.
    """

    __slots__ = ("codes", "customer_ids", "flags", "instants_us", "size")

    def __init__(self, flags: tuple[WatchedFlag, ...]) -> None:
        self.flags = flags
        self.customer_ids: list[str] = []
        self.instants_us: list[int] = []
        self.codes: list[str] = []
        self.size = 0

    def add(self, customer_id: str, code: str, size: int, at_us: int) -> None:
        """Note a customer, and how many arms that is."""
        self.customer_ids.append(customer_id)
        self.instants_us.append(at_us)
        self.codes.append(code)
        self.size += size

    def follow(self, later: "Exposures", size_max: int) -> int:
        """Take on those who were seen later, of the same flags, as far as there is room; how many exposures found none."""
        fitting = len(later.codes)
        left_out = 0
        while self.size + later.size - left_out > size_max:
            fitting -= 1
            left_out += arms_in(later.codes[fitting])
        self.customer_ids += later.customer_ids[:fitting]
        self.instants_us += later.instants_us[:fitting]
        self.codes += later.codes[:fitting]
        self.size += later.size - left_out
        return left_out


def arms_in(code: str) -> int:
    """How many arms a code names."""
    return len([place for place in code.split(".") if place])


def code_of(flags: tuple[WatchedFlag, ...], arms: tuple[str | None, ...]) -> str:
    """The code of arms; empty, if there are none."""
    places = [
        "" if arm is None else str([name for name, _ in flag.arms].index(arm))
        for flag, arm in zip(flags, arms, strict=True)
    ]
    return ".".join(places) if any(places) else ""


def first_exposures(exposures: Exposures) -> Iterator[tuple[WatchedFlag, int]]:
    """Each flag that somebody was shown an arm of, and when first."""
    coded = [code.split(".") for code in exposures.codes]
    for place, flag in enumerate(exposures.flags):
        instants_us = [at_us for at_us, code in zip(exposures.instants_us, coded, strict=True) if code[place]]
        if instants_us:
            yield flag, min(instants_us)


class Outcome:
    """What came of one customer in one metric: how often something was recorded, its sum, and when it began."""

    __slots__ = ("at_us", "observations", "total")

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us
        self.observations = 0
        self.total = 0


#: By metric and customer.
Outcomes = dict[str, dict[str, Outcome]]
