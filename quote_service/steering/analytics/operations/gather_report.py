"""Gather what a report tells: totals, the largest groups, and what is left, in each currency.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import add, sub
from typing import Final, NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.reports.pieces import Piece, Zones, pieces_of
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.sales.figures import SELLER_FIGURES
from quote_service.steering.analytics.model.sales.ranks import NOTHING
from quote_service.steering.analytics.tables.rank_rows import Ranked, rank_groups
from quote_service.steering.analytics.tables.report_rows import (
    FIGURES,
    Keys,
    Rollup,
    Selection,
    TimeKey,
)
from quote_service.steering.analytics.tables.report_sums import GroupKey, sum_rollups

Figures = dict[str, int]
_ROLLUPS: Final[tuple[Rollup, ...]] = ("quotes", "orders")
Times = tuple[TimeKey, ...]


class Both(NamedTuple):
    """Sums of quotes and of orders, by column."""

    quotes: Figures
    orders: Figures


class Group(NamedTuple):
    """The figures of one group."""

    times: Times
    keys: Keys
    figures: Both


class Block(NamedTuple):
    """A currency: all together, the largest groups, how many groups there are, and what is left of the total."""

    currency: str
    totals: Both
    groups: list[Group]
    found: int
    others: list[Group]


async def gather_report(
    connection: Connection,
    query: ReportQuery,
    zones: Zones,
    rollups: Sequence[Rollup],
    ranked_by: Mapping[Rollup, str],
    *,
    totals_only: bool = False,
    figures: Mapping[Rollup, Sequence[str]] = FIGURES,
    of_currencies: Collection[str] | None = None,
) -> list[Block]:
    """A block for each currency that has figures, by their codes.

    Args:
        connection: On one state of the database.
        query: What is asked for.
        zones: By which clock, and that of the rollups.
        rollups: Which are told.
        ranked_by: By what the largest groups are found, and of what; only of the other where these are too few.
        totals_only: No groups are wanted.
        figures: Which columns of each are wanted.
        of_currencies: Those that there are, where only groups are wanted: totals stay empty.
    """
    totals: dict[GroupKey, Both] = {}
    if of_currencies is None:
        totals = await _totals(connection, query, zones, rollups, figures)
    found: dict[str, int] = {}
    ranks: dict[tuple[str, Keys], int] = {}
    groups: dict[GroupKey, Both] = {}
    if query.dimensions and not totals_only:
        currencies = {currency for currency, *_ in totals} if of_currencies is None else set(of_currencies)
        ranked = await _ranked(connection, query, zones, rollups, ranked_by, currencies)
        ranks = {(each.currency, each.keys): place for place, each in enumerate(ranked)}
        found = {each.currency: each.of for each in ranked}
        only = {each.keys for each in ranked}
        if only:
            # All keys there are lie side by side; some are looked up one by one.
            is_all = all(each.of <= query.limit for each in ranked)
            groups = await _sums(connection, selection_of(query, zones), rollups, figures, None if is_all else only)
            groups = {key: both for key, both in groups.items() if (key[0], key[2]) in ranks}
    elif query.group_by and not totals_only:
        groups = {(currency, times, ()): both for (currency, times, _), both in totals.items()}
    by_time = {(currency, times): both for (currency, times, _), both in totals.items()}
    return [
        _block(query, currency, by_time, groups, ranks, found.get(currency, 1 if groups else 0))
        for currency in sorted({currency for currency, *_ in (*totals, *groups)})
    ]


def selection_of(query: ReportQuery, zones: Zones, *, by_times_only: bool = False) -> Selection:
    """The rollups that a query is of."""
    return Selection(
        dimensions=frozenset({*query.dimensions, *query.filters}),
        filters=query.filters,
        currency=query.currency,
        times=query.times,
        by=() if by_times_only else query.dimensions,
        pieces=pieces_of_query(query, zones),
        begin=query.begin,
        end=query.end,
        is_open=query.is_open,
        zones=zones,
    )


def pieces_of_query(query: ReportQuery, zones: Zones, *, only_added: bool = False) -> Sequence[Piece]:
    """The pieces of its period; where nothing may be taken off, those alone that are within it."""
    return pieces_of(query.begin, query.end, query.resolution, zones, is_open=query.is_open, only_added=only_added)


def added(parts: Iterable[Both]) -> Both:
    """Several together."""
    quotes, orders = [], []
    for both in parts:
        if both.quotes:
            quotes.append(both.quotes)
        if both.orders:
            orders.append(both.orders)
    return Both(_added(quotes), _added(orders))


def _added(rows: list[Figures]) -> Figures:
    # All of them have the same figures in the same order.
    if len(rows) < 2:
        return rows[0] if rows else {}
    if len(rows) == 2:
        one, other = rows
        return dict(zip(one, map(add, one.values(), other.values()), strict=True))
    return dict(zip(rows[0], map(sum, zip(*map(dict.values, rows), strict=True)), strict=True))


async def _totals(
    connection: Connection,
    query: ReportQuery,
    zones: Zones,
    rollups: Sequence[Rollup],
    figures: Mapping[Rollup, Sequence[str]],
) -> dict[GroupKey, Both]:
    wanted = figures.get("orders", ())
    whole = query.totals(has_payouts="payout_minor" in wanted)
    if whole.dimensions != ("seller",) or "rule" in query.filters or tuple(rollups) != ("orders",):
        return await _sums(connection, selection_of(whole, zones, by_times_only=True), rollups, figures)
    # What sellers get is the same of whole orders, of which there is one row where sellers have hundreds. Of a rule it is not.
    parts: list[dict[GroupKey, Both]] = []
    for asked, names in (
        (query.totals(has_payouts=False), [name for name in wanted if name not in SELLER_FIGURES]),
        (query._replace(group_by=query.times), [name for name in wanted if name in SELLER_FIGURES]),
    ):
        selection = selection_of(asked, zones, by_times_only=True)
        parts.append(await _sums(connection, selection, ("orders",), {"orders": names}))
    lines, orders = parts
    nothing = Both({}, dict.fromkeys(SELLER_FIGURES, 0))
    return {
        key: Both({}, {name: (both.orders | orders.get(key, nothing).orders)[name] for name in wanted})
        for key, both in lines.items()
    }


async def _ranked(
    connection: Connection,
    query: ReportQuery,
    zones: Zones,
    rollups: Sequence[Rollup],
    ranked_by: Mapping[Rollup, str],
    currencies: set[str],
) -> list[Ranked]:
    selection = selection_of(query.whole(), zones)
    ranked = await rank_groups(connection, selection, ranked_by, query.limit, currencies)
    others = [rollup for rollup in rollups if rollup not in ranked_by]
    enough = {each.currency for each in ranked if each.of >= query.limit}
    if others and currencies - enough:
        # Groups with nothing of what is sorted by come last.
        by_all = {**ranked_by, **dict.fromkeys(others, NOTHING)}
        ranked = await rank_groups(connection, selection, by_all, query.limit, currencies)
    return ranked


async def _sums(
    connection: Connection,
    selection: Selection,
    rollups: Sequence[Rollup],
    figures: Mapping[Rollup, Sequence[str]],
    only: set[Keys] | None = None,
) -> dict[GroupKey, Both]:
    quotes, orders = [
        await sum_rollups(connection, rollup, selection, figures[rollup], only) if rollup in rollups else {}
        for rollup in _ROLLUPS
    ]
    return {key: Both(quotes.get(key, {}), orders.get(key, {})) for key in {**quotes, **orders}}


def _block(
    query: ReportQuery,
    currency: str,
    totals: Mapping[tuple[str, Times], Both],
    groups: Mapping[GroupKey, Both],
    ranks: Mapping[tuple[str, Keys], int],
    found: int,
) -> Block:
    own = [Group(times, keys, both) for (code, times, keys), both in groups.items() if code == currency]
    own.sort(key=lambda group: (ranks.get((currency, group.keys), 0), group.times))
    by_time = {times: both for (code, times), both in totals.items() if code == currency}
    others = []
    if query.dimensions and query.adds_up:
        reported: dict[Times, list[Both]] = {}
        for group in own:
            reported.setdefault(group.times, []).append(group.figures)
        left = {times: _less(both, added(reported.get(times, ()))) for times, both in sorted(by_time.items())}
        others = [Group(times, (), both) for times, both in left.items() if any(map(any, map(dict.values, both)))]
    return Block(currency, added(by_time.values()), own, found, others)


def _less(both: Both, other: Both) -> Both:
    quotes, orders = (
        dict(zip(of, map(sub, of.values(), less.values()), strict=True)) if less else of
        for of, less in zip(both, other, strict=True)
    )
    return Both(quotes, orders)
