"""The report as text."""

from collections.abc import Sequence
from itertools import groupby

from loadtests.bench.flash_sales import FlashFigures
from loadtests.bench.rows import EngineTime, MemoryRun, Report, Row, RulebookSize
from loadtests.flag_cost import write_costs

_ROW_HEADS = (
    "mix",
    "server",
    "CPU us",
    "service to it",
    "rounds",
    "per s",
    "p50 ms",
    "p99 ms",
    "service to it",
    "stores us",
    "load us",
    "errors",
    "unshared",
    "",
)


def write_report(report: Report) -> str:
    """Everything, in tables."""
    parts = ["  ".join(f"{name}: {value}" for name, value in report.machine.items())]
    for scenario, rows in groupby(report.rows, key=lambda row: row.scenario):
        parts.append(f"{scenario}\n" + align([_ROW_HEADS, *map(_row, rows)]))
    if report.memory:
        parts.append("\n".join(["memory", *map(_memory, report.memory)]))
    if report.rulebooks:
        parts.append(_rulebooks(report.rulebooks))
    if report.engine:
        parts.append(_engine(report.engine))
    if report.flags:
        parts.append(f"flags in process\n{write_costs(report.flags)}")
    if report.flash_sales is not None:
        parts.append(_flash_sales(report.flash_sales))
    return "\n\n".join(parts)


def align(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns: the first two to the left, figures to the right, the last as it is."""
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    texts = []
    for line in lines:
        cells = [
            cell.ljust(width) if index < 2 or index == len(line) - 1 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        texts.append("  " + "  ".join(cells).rstrip())
    return "\n".join(texts)


def _row(row: Row) -> tuple[str, ...]:
    figures, ratio = row.figures, row.service_to_it
    return (
        row.mix,
        row.server,
        f"{figures.cpu_us:.1f}",
        "" if ratio is None else f"{ratio.median:.2f}",
        "" if ratio is None else f"{ratio.least:.2f}-{ratio.most:.2f}",
        f"{figures.per_second:.0f}",
        f"{figures.p50_us / 1000:.2f}",
        f"{figures.p99_us / 1000:.2f}",
        "" if ratio is None else f"{ratio.p99:.2f}",
        f"{figures.stores_cpu_us:.1f}",
        f"{figures.generator_cpu_us:.1f}",
        str(figures.errors),
        str(figures.unshared),
        row.note,
    )


def _memory(run: MemoryRun) -> str:
    samples = run.samples_mb
    quarters = [samples[(len(samples) - 1) * part // 4] for part in range(5)]
    return (
        f"  {run.requests} distinct baskets in {run.seconds} s, {run.errors} errors; MB at each quarter: "
        f"{', '.join(f'{each:.1f}' for each in quarters)}; in the second half {run.second_half_growth_mb:+.1f} MB "
        f"({run.second_half_mb_per_minute:+.2f} MB a minute)"
    )


def _rulebooks(sizes: Sequence[RulebookSize]) -> str:
    heads = ("rates", "", "load s", "memory MB", "start to first quote s", "service MB")
    lines = [
        (
            str(size.rates),
            "",
            f"{size.load_seconds:.2f}",
            f"{size.memory_mb:.1f}",
            f"{size.start_seconds:.2f}",
            f"{size.service_memory_mb:.1f}",
        )
        for size in sizes
    ]
    return "rulebooks\n" + align([heads, *lines])


def _engine(times: Sequence[EngineTime]) -> str:
    steps = list(dict.fromkeys(each.step for each in times))
    lines = []
    for lines_count, group in groupby(times, key=lambda each: each.lines):
        by_step = {each.step: each.cpu_us for each in group}
        cells = [f"{by_step[step]:.1f}" for step in steps]
        lines.append((f"{lines_count} lines", "", *cells, f"{sum(by_step.values()):.1f}"))
    return "in process, CPU us a basket\n" + align([("basket", "", *steps, "sum"), *lines])


def _flash_sales(figures: FlashFigures) -> str:
    heads = ("sale", "answers", "per s", "p50 ms", "p99 ms", "max ms", "confirmed", "per s", "last after s")
    uses = ("service us", "recorder us", "PostgreSQL us", "Valkey us", "load us", "audit")
    lines = [
        (
            run.name,
            " ".join(f"{status}: {count}" for status, count in sorted(run.load.statuses.items())),
            f"{run.answers_per_second:.0f}",
            f"{run.load.p50_us / 1000:.2f}",
            f"{run.load.p99_us / 1000:.2f}",
            f"{run.load.max_us / 1000:.2f}",
            str(run.confirmed),
            f"{run.confirmed_per_second:.0f}",
            f"{run.last_seconds:.3f}",
            f"{run.service_cpu_us:.0f}",
            f"{run.recorder_cpu_us:.0f}",
            f"{run.postgres_cpu_us:.0f}",
            f"{run.redis_cpu_us:.0f}",
            f"{run.generator_cpu_us:.0f}",
            run.audit,
        )
        for run in figures.runs
    ]
    limits = [
        f"  the function in Redis, {limit.depth} in a pipeline: {limit.per_second:.0f} per s, "
        f"{limit.redis_cpu_us:.1f} us of Valkey each"
        for limit in figures.limits
    ]
    fastest = max(limit.per_second for limit in figures.limits)
    shares = [
        f"  {run.name}: {run.answers_per_second / fastest:.3f} of the function by itself"
        for run in figures.runs
        if not run.is_crowd
    ]
    return "\n".join(["flash sales; CPU of an answer", align([(*heads, *uses), *lines]), *limits, *shares])
