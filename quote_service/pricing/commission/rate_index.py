"""All commission rates of a snapshot, found by what they name: a quote's cost does not grow with their number.

The index never changes. A changed rate gives a new index that shares everything but the shards it touches, so that one
edit among a million rates costs microseconds and a running quote keeps the index that it began with.

Source: docs/spec/commission.md#which-rates-apply; docs/spec/quotes.md#snapshot-and-clock.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.commission.compiled_rate import CompiledRate

_SHARDS = 1024
# Past this many rates with the same dimensions they are kept by region, so that a seller with a rate for every
# district costs as little as one with a single rate.
_NODE_RATES_MAX = 12

Entry = TypeVar("Entry")
Node = tuple[CompiledRate, ...] | dict[str, tuple[CompiledRate, ...]]
Table = tuple[dict[str, Node], ...]
# Every shard that nobody has written to: a change copies a shard before it writes.
_EMPTY: dict[str, Any] = {}


class RateIndex(msgspec.Struct, frozen=True):
    """Rates by the mask of the dimensions they name, then by key; and by id.

    From `settled_us` on none of them begins or ends.
    """

    tables: dict[int, Table]
    by_id: tuple[dict[str, CompiledRate], ...]
    count: int
    settled_us: int = 0

    def rates_of(self, named: int, key: str) -> Node:
        """The rates that name exactly these dimensions with these values, in no particular order."""
        table = self.tables.get(named)
        return table[hash(key) % _SHARDS].get(key, ()) if table else ()

    def rate(self, rate_id: str) -> CompiledRate | None:
        """The rate of that id."""
        return self.by_id[hash(rate_id) % _SHARDS].get(rate_id)

    def all_rates(self) -> Iterator[CompiledRate]:
        """Every rate, in no particular order."""
        for shard in self.by_id:
            yield from shard.values()


def build_rate_index(rates: Iterable[CompiledRate]) -> RateIndex:
    """Index rates from nothing."""
    empty = RateIndex(tables={}, by_id=(_EMPTY,) * _SHARDS, count=0)
    return change_rate_index(empty, rates, ())


def change_rate_index(index: RateIndex, changed: Iterable[CompiledRate], ended_ids: Iterable[str]) -> RateIndex:
    """The index with some rates added or replaced (by id) and some taken out; the given index stays as it was."""
    change = _Change(index)
    for rate_id in ended_ids:
        change.remove(rate_id)
    for rate in changed:
        change.remove(rate.id)
        change.add(rate)
    return change.result()


class _Change:
    """A copy in the making: each shard is copied when it is first written, each node rebuilt once at the end."""

    def __init__(self, index: RateIndex) -> None:
        self._tables = {named: list(table) for named, table in index.tables.items()}
        self._by_id = list(index.by_id)
        self._own: set[int] = set()
        self._count = index.count
        # Of a rate that is taken out it may stay: then it is asked in vain what changes.
        self._settled_us = index.settled_us
        self._touched: dict[tuple[int, str], list[CompiledRate]] = {}

    def add(self, rate: CompiledRate) -> None:
        self._rates_at(rate.named, rate.key).append(rate)
        self._writable(self._by_id, hash(rate.id) % _SHARDS)[rate.id] = rate
        self._count += 1
        for edge_us in (rate.effective_from_us, rate.effective_to_us):
            if self._settled_us < edge_us < FOREVER:
                self._settled_us = edge_us

    def remove(self, rate_id: str) -> None:
        number = hash(rate_id) % _SHARDS
        rate = self._by_id[number].get(rate_id)
        if rate is None:
            return
        del self._writable(self._by_id, number)[rate_id]
        self._rates_at(rate.named, rate.key).remove(rate)
        self._count -= 1

    def result(self) -> RateIndex:
        for (named, key), rates in self._touched.items():
            if named not in self._tables:
                self._tables[named] = [_EMPTY] * _SHARDS
            shard = self._writable(self._tables[named], hash(key) % _SHARDS)
            if rates:
                shard[key] = _node(rates)
            else:
                shard.pop(key, None)
        tables = {named: tuple(table) for named, table in self._tables.items() if any(table)}
        return RateIndex(tables=tables, by_id=tuple(self._by_id), count=self._count, settled_us=self._settled_us)

    def _rates_at(self, named: int, key: str) -> list[CompiledRate]:
        rates = self._touched.get((named, key))
        if rates is None:
            table = self._tables.get(named)
            node = table[hash(key) % _SHARDS].get(key, ()) if table else ()
            rates = self._touched[named, key] = list(_rates_in(node))
        return rates

    def _writable(self, shards: list[dict[str, Entry]], number: int) -> dict[str, Entry]:
        shard = shards[number]
        if id(shard) not in self._own:
            shard = shards[number] = shard.copy()
            self._own.add(id(shard))
        return shard


def _rates_in(node: Node) -> Iterator[CompiledRate]:
    if isinstance(node, dict):
        for rates in node.values():
            yield from rates
    else:
        yield from node


def _node(rates: list[CompiledRate]) -> Node:
    if len(rates) <= _NODE_RATES_MAX:
        return tuple(rates)
    by_region: dict[str, list[CompiledRate]] = {}
    for rate in rates:
        by_region.setdefault(rate.region_key, []).append(rate)
    return {region: tuple(members) for region, members in by_region.items()}
