"""What the service counts and measures, by name. Any part adds its own figures here, once, when it is opened.

    registry.counter(...)                 counted at once, in memory that outlives the worker; `.add()` costs some 60 ns
    registry.register_counter(...)        a number that only grows, kept elsewhere and read when it is wanted
    registry.register_gauge(...)          a state of this worker, read when it is wanted
    registry.register_shared_gauge(...)   a figure that is the same whoever asks (stock in Redis, the lag of a stream)

    parts[Registry].register_gauge("quote_capacity_in_use", "Quotes computing now", lambda: limiter.in_use)

Names are those of Prometheus: `quote_` first, units last, `_total` on counters. Labels take few values: a product's or a
customer's id is none. Counters are added up over workers, dead ones too; a gauge is told for each with the label `worker`.

What is read when it is wanted is written to the worker's slot four times a second, for the others to see.

Source: docs/spec/operations.md#metrics.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.telemetry.slots import Slots

Labels = Mapping[str, str]
Kind = Literal["counter", "gauge", "histogram"]
Read = Callable[[], float]
SharedRead = Callable[[], Awaitable[Iterable[tuple[Labels, float]]]]

PUBLISH_SECONDS = 0.25
SHARED_SECONDS = 0.5
MICRO = 1_000_000
_NO_LABELS: Labels = {}


class Family(NamedTuple):
    """One name: its meaning in a sentence, and by what its stored integers are divided to be shown."""

    name: str
    meaning: str
    kind: Kind
    divisor: int


class Series(NamedTuple):
    """One line of a family in this worker's slot. `base` is what predecessors in the slot had counted."""

    family: Family
    labels: Labels
    cell: int
    base: int


class SharedFigures(NamedTuple):
    """A family that is the same whoever asks, as it is now."""

    family: Family
    figures: list[tuple[Labels, float]]


class Derived(NamedTuple):
    """A series of the histogram of requests that others count: the quotes, which are not to be counted twice.

    `counted` are label sets of the histogram `name`, which has these bounds.
    """

    labels: Labels
    name: str
    bounds: tuple[float, ...]
    counted: tuple[Labels, ...]


class Counter:
    """A count in shared memory."""

    __slots__ = ("_cell", "_cells")

    def __init__(self, cells: memoryview, cell: int) -> None:
        self._cells = cells
        self._cell = cell

    def add(self, count: int = 1) -> None:
        """Count so many more."""
        self._cells[self._cell] += count


class Registry:
    """The figures of one worker, beside those of the others."""

    def __init__(self, slots: Slots | None = None, worker_index: int = 0) -> None:
        self.slots = slots if slots is not None else Slots(1)
        self.slot = self.slots.slot(worker_index)
        self.families: dict[str, Family] = {}
        self.series: dict[str, Series] = {}
        self.histograms: dict[str, list[tuple[Labels, tuple[float, ...]]]] = {}
        self.records: dict[str, tuple[memoryview, list[int]]] = {}
        self.derived: list[Derived] = []
        self._predecessors = self.slot.records()
        self._cells_by_name = {name: entry for entry, name in enumerate(self.slot.names())}
        self._read: list[tuple[Series, Read]] = []
        self._shared: list[tuple[Family, SharedRead]] = []

    def counter(self, name: str, meaning: str, labels: Labels = _NO_LABELS) -> Counter:
        """A counter that is written at once: not one event is lost when the worker is killed."""
        series = self._series(self._family(name, meaning, "counter", 1), labels)
        return Counter(self.slot.cells, series.cell)

    def register_counter(
        self, name: str, meaning: str, read: Read, labels: Labels = _NO_LABELS, *, divisor: int = 1
    ) -> None:
        """A number that somebody counts from 0 since the start of this worker."""
        self._read.append((self._series(self._family(name, meaning, "counter", divisor), labels), read))

    def register_gauge(
        self, name: str, meaning: str, read: Read, labels: Labels = _NO_LABELS, *, divisor: int = 1
    ) -> None:
        """A state of this worker; `divisor` 1 000 000 keeps six decimals."""
        series = self._series(self._family(name, meaning, "gauge", divisor), labels)
        self.slot.cells[series.cell] = 0  # what the predecessor's state was, is over
        self._read.append((series, read))

    def register_shared_gauge(self, name: str, meaning: str, read: SharedRead) -> None:
        """A figure that is the same whoever asks, by labels; asked for at each scrape, at most SHARED_SECONDS long.

        What cannot be read (QuoteServiceError, or too late) is left out of that scrape.
        """
        self._shared.append((self._family(name, meaning, "gauge", 1), read))

    def histogram(self, name: str, meaning: str, bounds: tuple[float, ...], labels: Labels) -> tuple[list[int], int]:
        """A histogram of seconds.

        Returns:
            The places in `slot.cells` of each bucket, the last for what is above all bounds, and that of the sum, which
            is kept in nanoseconds. Buckets count what is theirs alone; they are summed up when they are shown.
        """
        family = self._family(name, meaning, "histogram", 1_000_000_000)
        self.histograms.setdefault(name, []).append((labels, bounds))
        shown = [*map(repr, bounds), "+Inf"]
        buckets = [self._series(family, {**labels, "le": bound}, "_bucket").cell for bound in shown]
        return buckets, self._series(family, labels, "_sum").cell

    def record(self, key: str) -> memoryview:
        """The cells that count together under a name; see `request_figures.py`.

        Raises:
            NoRoomInSlot: There is no room for another.
        """
        known = self.records.get(key)
        if known is None:
            cells = self._predecessors.get(key) or self.slot.append_record(key)
            known = self.records[key] = (cells, list(cells))
        return known[0]

    def publish(self) -> None:
        """Write what is read when it is wanted to the slot."""
        cells = self.slot.cells
        for series, read in self._read:
            cells[series.cell] = series.base + round(read() * series.family.divisor)

    async def keep_publishing(self) -> None:
        """Publish again and again, until cancelled."""
        while True:
            end_if_cancelled()
            self.publish()
            await asyncio.sleep(PUBLISH_SECONDS)

    def is_shared(self, family: Family) -> bool:
        """Whether somebody tells figures of this family that are the same whoever asks."""
        return any(shared is family for shared, _ in self._shared)

    async def read_shared(self, only: Family | None = None) -> list[SharedFigures]:
        """The figures that are the same whoever asks: of one family or, by default, of all."""
        asked = [(family, read) for family, read in self._shared if only is None or family is only]
        answers = await asyncio.gather(*(_in_time(read) for _, read in asked))
        return [
            SharedFigures(family, answer)
            for (family, _), answer in zip(asked, answers, strict=True)
            if answer is not None
        ]

    def _family(self, name: str, meaning: str, kind: Kind, divisor: int) -> Family:
        family = Family(name, meaning, kind, divisor)
        known = self.families.setdefault(name, family)
        if known != family:
            raise ValueError(f"{name} is registered with another meaning")
        return known

    def _series(self, family: Family, labels: Labels, suffix: str = "") -> Series:
        key = series_key(family.name + suffix, labels)
        known = self.series.get(key)
        if known is not None:
            return known
        cell = self._cells_by_name.get(key)
        if cell is None:
            cell = self._cells_by_name[key] = self.slot.append(key)
        base = 0 if family.kind == "gauge" else self.slot.cells[cell]
        series = self.series[key] = Series(family, labels, cell, base)
        return series


def series_key(name: str, labels: Labels) -> str:
    """A series as Prometheus writes it."""
    if not labels:
        return name
    return name + "{" + ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


async def _in_time(read: SharedRead) -> list[tuple[Labels, float]] | None:
    try:
        async with asyncio.timeout(SHARED_SECONDS):
            return list(await read())
    except (QuoteServiceError, TimeoutError):
        return None
