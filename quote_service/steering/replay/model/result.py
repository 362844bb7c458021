"""What came of a replay, as it is shown.

Source: docs/spec/replay.md#result.
"""

from collections.abc import Iterator, Mapping

import msgspec

from quote_service.steering.replay.model.largest_changes import Amount, ChangedQuote, amount
from quote_service.steering.replay.model.not_replayed import NotReplayed
from quote_service.steering.replay.model.tally import EDGES, FIGURES, THE_REST, CurrencyTally, Tally

# Groups shown of one dimension: those that change most.
GROUPS_SHOWN = 100


class BeforeAndAfter(msgspec.Struct, frozen=True):
    """An amount of all quotes together, as it was and as it would have been."""

    before: Amount
    """As the quotes were issued."""
    after: Amount
    """With the change."""
    difference: Amount
    """`after` less `before`."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A seller, a category or a region."""

    key: str | None
    """Id of the seller or the category, or the region as `TR/Istanbul`; null for lines without a category, and for the rest."""
    is_rest: bool = False
    """Whether these are all groups that are not shown by themselves."""
    count: int
    """How many lines; of a region how many quotes."""
    revenue: BeforeAndAfter
    """Lines less discounts."""
    discount: BeforeAndAfter
    """Discounts on lines."""
    commission: BeforeAndAfter
    """Commission."""


class Bar(msgspec.Struct, frozen=True):
    """Quotes whose total changes by so much, in percent of what it was; a bound belongs to the bar that is nearer to 0."""

    from_percent: int | None
    """Lower bound; null for none."""
    to_percent: int | None
    """Upper bound; null for none. Both are 0 for quotes whose total stays."""
    quotes: int
    """How many quotes."""


class CurrencyResult(msgspec.Struct, frozen=True, kw_only=True):
    """The quotes in one currency; amounts are in it. Currencies are never added."""

    currency: str
    """ISO 4217 code."""
    quotes: int
    """How many quotes were replayed."""
    changed: int
    """How many of them change in any amount."""
    up: int
    """How many of them cost the customer more."""
    down: int
    """How many of them cost the customer less."""
    figures: dict[str, BeforeAndAfter]
    """Sums of the amounts of all quotes, by name: `item_total`, `discount_amount`, `total_amount`, `total_commission` ..."""
    sellers: list[Group]
    """By seller; those that change most first, at most 100 and the rest."""
    categories: list[Group]
    """By category, likewise."""
    regions: list[Group]
    """By delivery address, likewise."""
    histogram: list[Bar]
    """Quotes by how much their total changes."""
    largest: list[ChangedQuote]
    """The 20 quotes that change most, each with what it changes by."""


class Proof(msgspec.Struct, frozen=True):
    """Quotes priced again as they were, which must give the quotes that were issued, byte for byte."""

    reproduced: int
    """How many were."""
    not_reproduced: dict[str, int]
    """How many were not and are left out of all figures, by reason."""
    examples: list[NotReplayed]
    """The first of them, at most 100."""


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay."""

    quotes: int
    """How many quotes were looked at."""
    changed: int
    """How many change in any amount."""
    up: int
    """How many cost the customer more."""
    down: int
    """How many cost the customer less."""
    share_changed: float
    """`changed` as a share of the quotes replayed, from 0 to 1."""
    share_up: float
    """`up` likewise."""
    share_down: float
    """`down` likewise."""
    lines_not_repriced: int
    """Lines of the catalog that kept their price, because what moved it then is not kept."""
    currencies: list[CurrencyResult]
    """By currency."""
    proof: Proof
    """Whether the quotes of then were met."""


def result_of(tally: Tally) -> ReplayResult:
    """The result of a replay that has counted everything."""
    blocks = tally.currencies
    changed = sum(block.changed for block in blocks.values())
    up, down = sum(block.up for block in blocks.values()), sum(block.down for block in blocks.values())
    return ReplayResult(
        quotes=tally.seen,
        changed=changed,
        up=up,
        down=down,
        share_changed=_share(changed, tally.replayed),
        share_up=_share(up, tally.replayed),
        share_down=_share(down, tally.replayed),
        lines_not_repriced=tally.lines_not_moved,
        currencies=[_currency(currency, blocks[currency]) for currency in sorted(blocks)],
        proof=Proof(tally.replayed, dict(sorted(tally.not_replayed.items())), tally.examples),
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


def _currency(currency: str, block: CurrencyTally) -> CurrencyResult:
    exponent = block.exponent
    return CurrencyResult(
        currency=currency,
        quotes=block.quotes,
        changed=block.changed,
        up=block.up,
        down=block.down,
        figures={
            name: _both(before, after, exponent)
            for name, before, after in zip(FIGURES, block.before, block.after, strict=True)
        },
        sellers=_groups(block.sellers, exponent),
        categories=_groups(block.categories, exponent),
        regions=_groups(block.regions, exponent),
        histogram=list(_bars(block.histogram)),
        largest=block.largest,
    )


def _both(before_minor: int, after_minor: int, exponent: int) -> BeforeAndAfter:
    return BeforeAndAfter(
        amount(before_minor, exponent), amount(after_minor, exponent), amount(after_minor - before_minor, exponent)
    )


def _groups(groups: Mapping[str, list[int]], exponent: int) -> list[Group]:
    named = sorted((key for key in groups if key != THE_REST), key=lambda key: (_order(groups[key]), key))
    shown = [_group(key or None, groups[key], exponent) for key in named[:GROUPS_SHOWN]]
    rest = [groups[key] for key in (*named[GROUPS_SHOWN:], THE_REST) if key in groups]
    if rest:
        shown.append(_group(None, [sum(each) for each in zip(*rest, strict=True)], exponent, is_rest=True))
    return shown


def _order(sums: list[int]) -> tuple[int, int]:
    """What changes most first, then what is largest."""
    _, revenue, _, commission, revenue_after, _, commission_after = sums
    return -max(abs(revenue_after - revenue), abs(commission_after - commission)), -revenue


def _group(key: str | None, sums: list[int], exponent: int, *, is_rest: bool = False) -> Group:
    count, revenue, discount, commission, revenue_after, discount_after, commission_after = sums
    return Group(
        key=key,
        is_rest=is_rest,
        count=count,
        revenue=_both(revenue, revenue_after, exponent),
        discount=_both(discount, discount_after, exponent),
        commission=_both(commission, commission_after, exponent),
    )


def _bars(histogram: list[int]) -> Iterator[Bar]:
    middle = EDGES.index(0)
    lower = [None, *EDGES[: middle + 1], *EDGES[middle:]]
    upper = [*EDGES[: middle + 1], *EDGES[middle:], None]
    for from_percent, to_percent, quotes in zip(lower, upper, histogram, strict=True):
        yield Bar(from_percent, to_percent, quotes)
