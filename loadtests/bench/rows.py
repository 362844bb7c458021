"""What the benchmark reports: rows of figures with their ratios, and the few figures that are no load."""

import msgspec

from loadtests.bench.flash_sales import FlashFigures
from loadtests.bench.measure import Figures


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One server under one mix. Ratios are of CPU per request; `p99_to_peer` is of latency."""

    scenario: str
    mix: str
    server: str
    figures: Figures
    to_peer: float | None = None
    p99_to_peer: float | None = None
    to_nothing: float | None = None
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


def with_ratios(rows: list[Row], *, peer: str, nothing: str, service: str) -> list[Row]:
    """The rows of one mix, with the service's ratios to the peer and to the server that does nothing."""
    by_server = {row.server: row.figures for row in rows}
    beside, least = by_server.get(peer), by_server.get(nothing)

    def ratio(value: float, base: float | None) -> float | None:
        return round(value / base, 2) if base else None

    return [
        row
        if row.server != service
        else msgspec.structs.replace(
            row,
            to_peer=ratio(row.figures.cpu_us, None if beside is None else beside.cpu_us),
            p99_to_peer=ratio(row.figures.p99_us, None if beside is None else beside.p99_us),
            to_nothing=ratio(row.figures.cpu_us, None if least is None else least.cpu_us),
        )
        for row in rows
    ]
