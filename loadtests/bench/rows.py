"""What the benchmark reports: rows of figures with their ratios, and the few figures that are no load."""

import statistics

import msgspec

from loadtests.bench.flash_sales import FlashFigures
from loadtests.bench.measure import Figures
from loadtests.flag_cost import FlagCost


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """The service's CPU a request over another server's: the median of the rounds, the least and the most; `p99` of latency."""

    median: float
    least: float
    most: float
    p99: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One server under one mix; `service_to_it` stands with those that the service is compared with."""

    scenario: str
    mix: str
    server: str
    figures: Figures
    service_to_it: Ratio | None = None
    note: str = ""


class MemoryRun(msgspec.Struct, frozen=True, kw_only=True):
    """Resident memory of the service's process tree while ever other baskets were asked for, a sample a second."""

    seconds: int
    requests: int
    errors: int
    samples_mb: list[float]
    second_half_growth_mb: float
    second_half_mb_per_minute: float


class RulebookSize(msgspec.Struct, frozen=True, kw_only=True):
    """A rulebook of so many rates: reading and compiling it, what it takes in memory, and starting a service with it."""

    rates: int
    load_seconds: float
    memory_mb: float
    start_seconds: float
    service_memory_mb: float


class EngineTime(msgspec.Struct, frozen=True, kw_only=True):
    """CPU microseconds of one basket in process, without a server around it."""

    lines: int
    step: str
    cpu_us: float


class Report(msgspec.Struct, kw_only=True):
    """Everything that was measured, on which machine, how."""

    machine: dict[str, str]
    arguments: dict[str, str]
    rows: list[Row] = msgspec.field(default_factory=list)
    memory: list[MemoryRun] = msgspec.field(default_factory=list)
    rulebooks: list[RulebookSize] = msgspec.field(default_factory=list)
    engine: list[EngineTime] = msgspec.field(default_factory=list)
    flash_sales: FlashFigures | None = None
    flags: list[FlagCost] = msgspec.field(default_factory=list)


def with_ratios(rows: list[Row], *, service: str) -> list[Row]:
    """The rows of one mix, with the service's ratio to each other server: within a round, and so of one minute."""
    (ours,) = [row.figures for row in rows if row.server == service]
    return [
        row if row.server == service else msgspec.structs.replace(row, service_to_it=_ratio(ours, row.figures))
        for row in rows
    ]


def _ratio(ours: Figures, theirs: Figures) -> Ratio | None:
    pairs = zip(ours.cpu_us_of_rounds, theirs.cpu_us_of_rounds, strict=True)
    rounds = [round(our_us / their_us, 2) for our_us, their_us in pairs if their_us]
    if not rounds or not theirs.p99_us:
        return None
    return Ratio(
        median=round(statistics.median(rounds), 2),
        least=min(rounds),
        most=max(rounds),
        p99=round(ours.p99_us / theirs.p99_us, 2),
    )
