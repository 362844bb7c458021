"""Which units of a basket make up the sets of a bundle.

There are as many sets as the basket holds. They are made one after the other, each of the most expensive units that still leave
enough for the sets to come; where two units cost the same, of the earlier line. A unit stands in one set only.

Lines are runs of equal units, so a set that can be made a million times over is made once. What may be taken is bounded
by Hall's theorem over the places of a set: of the units that fit only some places there can be no more than those places
take, and of the units that fit any of some places enough must be left for those. That is 3^places bounds, and a bundle
has at most five.

Source: docs/spec/pricing-rules.md#bundles.
"""

from fractions import Fraction

from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import BundleSlot

# A bound: units whose places lie within `inside`, or touch `touching` and not `beside`; each a mask of places.
_Within = int
_Touching = tuple[int, int]


class _Basket:
    """The lines as runs of units: which places each fits (a mask), and what has not been put into a set yet.

    `needed` and `spare` are by mask of places: the units that one set takes there, and those that fit any of these places
    and are not needed for the sets that are still to be made.
    """

    def __init__(self, slots: tuple[BundleSlot, ...], lines: list[QuoteLine], left: list[int]) -> None:
        places = 1 << len(slots)
        self.masks = [sum([1 << index for index, slot in enumerate(slots) if slot.fits(line.item)]) for line in lines]
        self.units = [line.item.quantity for line in lines]
        self.needed = [
            sum([slot.quantity for index, slot in enumerate(slots) if mask >> index & 1]) for mask in range(places)
        ]
        self.spare = [0] * places
        for mask, units in zip(self.masks, self.units, strict=True):
            for touching in range(1, places):
                if mask & touching:
                    self.spare[touching] += units
        prices = [Fraction(rest, units) for rest, units in zip(left, self.units, strict=True)]
        self.prices = prices
        # Stable, so that the earlier of two equal lines comes first.
        self.dearest_first = sorted(
            [line for line, mask in enumerate(self.masks) if mask], key=lambda line: prices[line], reverse=True
        )
        self.within: dict[int, list[_Within]] = {}
        self.touching: dict[int, list[_Touching]] = {}
        # Where no line fits two places, what one place takes is of no concern to another.
        overlaps = any(mask & (mask - 1) for mask in self.masks)
        for mask in set(self.masks):
            supersets = [each for each in range(1, places) if each & mask == mask]
            self.within[mask] = supersets if overlaps else [mask]
            self.touching[mask] = (
                [
                    (touching, beside)
                    for touching in range(1, places)
                    if touching & mask
                    for beside in range(places)
                    if beside & touching == beside and not beside & mask
                ]
                if overlaps
                else []
            )

    def reserve(self, sets_max: int | None) -> int:
        """How many sets the basket holds; what they need is no longer spare."""
        places = range(1, len(self.needed))
        sets = min([self.spare[each] // self.needed[each] for each in places])
        if sets_max is not None:
            sets = min(sets, sets_max)
        for each in places:
            self.spare[each] -= sets * self.needed[each]
        return sets

    def dearest_set(self) -> dict[int, int]:
        """The units, by line, of the next set."""
        within: dict[_Within, int] = {}
        touched: dict[_Touching, int] = {}
        full: set[int] = set()
        chosen: dict[int, int] = {}
        missing = self.needed[-1]
        # Where a whole set more could be spared, nothing that one set takes is too much.
        tight = {
            mask: [pair for pair in pairs if self.spare[pair[0]] < missing] for mask, pairs in self.touching.items()
        }
        for line in self.dearest_first:
            mask = self.masks[line]
            if mask in full:
                continue
            room = min([self.needed[each] - within.get(each, 0) for each in self.within[mask]])
            for pair in tight[mask]:
                bound = self.spare[pair[0]] + self.needed[pair[0] & ~pair[1]]
                room = min(room, bound - touched.get(pair, 0))
            taken = min(room, self.units[line])
            if taken == room:
                full.add(mask)
            if not taken:
                continue
            for each in self.within[mask]:
                within[each] = within.get(each, 0) + taken
            for pair in tight[mask]:
                touched[pair] = touched.get(pair, 0) + taken
            chosen[line] = taken
            missing -= taken
            if not missing:
                break
        return chosen

    def take(self, chosen: dict[int, int], sets: int) -> int:
        """Make a set as often as it can be made, at most so often; how often that was."""
        excess = [
            sum([units for line, units in chosen.items() if self.masks[line] & each]) - self.needed[each]
            for each in range(len(self.needed))
        ]
        times = min([sets, *(self.units[line] // units for line, units in chosen.items())])
        for each, more in enumerate(excess):
            if more > 0:
                times = min(times, self.spare[each] // more)
        for line, units in chosen.items():
            self.units[line] -= units * times
        self.dearest_first = [line for line in self.dearest_first if self.units[line]]
        for each, more in enumerate(excess):
            self.spare[each] -= more * times
        return times


def expensive_sets(
    slots: tuple[BundleSlot, ...], sets_max: int | None, value_minor: int, lines: list[QuoteLine], left: list[int]
) -> tuple[int, list[int]]:
    """How many sets cost more than a bundle's value by themselves, and how many units of each line stand in those.

    Args:
        slots: The places of a set.
        sets_max: At most so many sets; None is no limit.
        value_minor: What a set is to cost.
        lines: The covered lines.
        left: What each line has left of its total, minor units.
    """
    basket = _Basket(slots, lines, left)
    sets, count, units = basket.reserve(sets_max), 0, [0] * len(lines)
    while sets:
        chosen = basket.dearest_set()
        times = basket.take(chosen, sets)
        sets -= times
        if sum([basket.prices[line] * taken for line, taken in chosen.items()], Fraction(0)) > value_minor:
            count += times
            for line, taken in chosen.items():
                units[line] += taken * times
    return count, units
