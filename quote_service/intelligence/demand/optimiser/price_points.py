"""Prices as a shop writes them: whole minor units that end as its prices end.

Integers alone. A price that comes out of statistics is never rounded into one: statistics choose among these.

Source: docs/spec/demand.md#price-points.
"""

from collections.abc import Iterator

import msgspec

# How many prices a choice looks at, at most.
MOST_CANDIDATES = 400


class PricePoints(msgspec.Struct, frozen=True):
    """Prices that end with one of `endings_minor` within every `every_minor`: 100 and (95, 99) for 1.95, 1.99, 2.95 ...

    `every_minor=5, endings_minor=(0,)` is a tick of five minor units. The default takes every positive price.

    Attributes:
        every_minor: At least 1.
        endings_minor: From 0 to `every_minor - 1`, at least one.
    """

    every_minor: int = 1
    endings_minor: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        if self.every_minor < 1 or not self.endings_minor:
            raise ValueError("prices repeat every 1 minor unit or more, with one ending or more")
        if min(self.endings_minor) < 0 or max(self.endings_minor) >= self.every_minor:
            raise ValueError("an ending lies between 0 and every_minor - 1")

    def allows(self, price_minor: int) -> bool:
        return price_minor > 0 and price_minor % self.every_minor in self.endings_minor

    def at_or_below(self, price_minor: int) -> int | None:
        """The highest price of these that is no higher; None when no positive one is."""
        base, rest = divmod(price_minor, self.every_minor)
        ending = max((e for e in self.endings_minor if e <= rest), default=None)
        found = (
            (base - 1) * self.every_minor + max(self.endings_minor) if ending is None else price_minor - rest + ending
        )
        return found if found > 0 else None

    def at_or_above(self, price_minor: int) -> int:
        """The lowest positive price of these that is no lower."""
        price_minor = max(price_minor, 1)
        base, rest = divmod(price_minor, self.every_minor)
        ending = min((e for e in self.endings_minor if e >= rest), default=None)
        if ending is None:
            return (base + 1) * self.every_minor + min(self.endings_minor)
        return price_minor - rest + ending

    def nearest_within(self, price_minor: int, low_minor: int, high_minor: int) -> int | None:
        """The one nearest to a price, the lower of two equally near, inside bounds that are both allowed; None: none there."""
        wanted = min(max(price_minor, low_minor), high_minor)
        below, above = self.at_or_below(wanted), self.at_or_above(wanted)
        inside = [price for price in (below, above) if price is not None and low_minor <= price <= high_minor]
        return min(inside, key=lambda price: (abs(price - price_minor), price), default=None)

    def between(self, low_minor: int, high_minor: int) -> Iterator[int]:
        """All of them inside the bounds, ascending."""
        price = self.at_or_above(low_minor)
        while price <= high_minor:
            yield price
            price = self.at_or_above(price + 1)


def candidate_prices(points: PricePoints, low_minor: int, high_minor: int, current_minor: int) -> list[int]:
    """Legal prices inside the bounds, ascending: all of them, or evenly thinned to `MOST_CANDIDATES` with both ends.

    The current price is among them when it is legal and inside.
    """
    if low_minor > high_minor:
        return []
    found: set[int] = set()
    if (high_minor - low_minor) // points.every_minor * len(points.endings_minor) < MOST_CANDIDATES - 1:
        found.update(points.between(low_minor, high_minor))
    else:
        steps = MOST_CANDIDATES - 1
        for step in range(MOST_CANDIDATES):
            wanted = low_minor + (high_minor - low_minor) * step // steps
            nearest = points.nearest_within(wanted, low_minor, high_minor)
            found.update(() if nearest is None else (nearest,))
    if low_minor <= current_minor <= high_minor and points.allows(current_minor):
        found.add(current_minor)
    return sorted(found)
