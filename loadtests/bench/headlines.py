"""The few figures that docs/performance.md shows: which they are, and the file that keeps them.

`make bench` writes what it has measured into the file and leaves the rest, and `python -m loadtests.analytics --figures` likewise;
`python -m tests.readme` makes the tables of it.
"""

import datetime
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from loadtests.bench.rows import Report
from loadtests.flag_cost import SERVICE as FLAG_SERVICE
from loadtests.flag_cost import WORDS as FLAG_WORDS
from loadtests.flag_peers import PACKAGES as FLAG_LIBRARIES

# A shorter run, or another load, gives other figures; those are printed and not kept.
LEAST_ROUNDS, LEAST_SECONDS, RATES, MANY_RATES = 5, 4, 10_000, 1_000_000


class Kind(msgspec.Struct, frozen=True):
    """What a figure is about. `unit` follows the number. One of a load has its `mix` and the `server` compared with."""

    what: str
    unit: str
    digits: int
    mix: str = ""
    server: str = ""


_MIXES = {
    "distinct": ("distinct, 1 line", "CPU of a quote of one line, every basket another"),
    "repeated": ("repeated, 1 line", "CPU of a quote of one line, the same basket again"),
    "long": ("distinct, 50 lines", "CPU of a quote of 50 lines, every basket another"),
}
_SERVERS = {
    "gin": ("peer-gin", "that of the same work in Go, on Gin"),
    "strongest_gin": ("peer-gin, strongest", "that of its strongest build"),
    "peer": ("peer", "that of a Go server that prices in memory and does nothing else"),
}


def _kinds() -> Iterator[tuple[str, Kind]]:
    for mix_key, (mix, what) in _MIXES.items():
        for server_key, (server, whose) in _SERVERS.items():
            if mix_key == "repeated":
                if server_key == "strongest_gin":  # what makes it stronger is not passed
                    continue
                server, whose = ("peer -cache", f"{whose}, with a cache") if server_key == "peer" else (server, whose)
            yield f"{mix_key}_to_{server_key}", Kind(what, f" times {whose}", 2, mix, server)
    yield "reports_slowest", Kind("the slowest of the reports over 10 000 000 quotes, at p95", " ms", 0)
    yield "reports_quick", Kind("of these reports, those under 100 ms at p95", " %", 0)
    yield "many_rates_seconds", Kind("1 000 000 commission rates, read and compiled by a worker", " s", 1)
    yield "many_rates_mb", Kind("memory of a worker for them", " MB", 0)
    for key, what in FLAG_WORDS.items():
        yield f"flag_{key}", Kind(f"feature flags in process: {what}", " ms" if key == "load" else " us", 2)
    for library in FLAG_LIBRARIES:
        yield f"flag_full_{library}", Kind(f"the same by {library}: {FLAG_WORDS['full']}", " us", 2)


KINDS: Mapping[str, Kind] = dict(_kinds())


class Headline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One figure: the median of its rounds, the least and the most of them where they were kept, and where it is from."""

    median: float
    measured_on: str
    version: str
    machine: str
    how: str
    least: float | None = None
    most: float | None = None


def read_headlines(path: Path) -> dict[str, Headline]:
    """Every figure of the file, in the order in which they are shown.

    Raises:
        msgspec.ValidationError: The file holds something else, or a figure that nobody knows.
    """
    found = msgspec.json.decode(path.read_bytes(), type=dict[str, Headline])
    if unknown := found.keys() - KINDS.keys():
        raise msgspec.ValidationError(f"{path} holds figures that nobody knows: {', '.join(sorted(unknown))}")
    return {key: found[key] for key in KINDS if key in found}


def keep_headlines(path: Path, report: Report) -> list[str]:
    """Write the figures of a run in place of older ones; the keys of those that it has."""
    return keep_figures(path, dict(headlines_of(report)))


def keep_figures(path: Path, measured: Mapping[str, Headline]) -> list[str]:
    """Write figures in place of older ones; answers their keys."""
    kept = {**(read_headlines(path) if path.exists() else {}), **measured}
    ordered = {key: kept[key] for key in KINDS if key in kept}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=2) + b"\n")
    return list(measured)


def why_not_kept(report: Report) -> str:
    """What keeps a run's figures from being shown; empty where nothing does."""
    given, machine = report.arguments, report.machine
    reasons = (
        (int(given["rounds"]) < LEAST_ROUNDS, f"fewer than {LEAST_ROUNDS} rounds"),
        (int(given["seconds"]) < LEAST_SECONDS, f"rounds shorter than {LEAST_SECONDS} s"),
        (int(given["rates"]) != RATES, f"a rulebook of other than {RATES} rates"),
        (given["telemetry"] != "on", "telemetry was off"),
        (machine["quote path"] != "compiled", "the quote path was not compiled"),
        (any(row.figures.errors for row in report.rows), "there were errors"),
        (any(row.figures.unshared for row in report.rows), "Redis did not get every quote"),
    )
    return ", ".join(reason for holds, reason in reasons if holds)


def headlines_of(report: Report) -> Iterator[tuple[str, Headline]]:
    """The figures that a run has."""
    about: dict[str, Any] = {
        "measured_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "version": version("quote-service"),
        "machine": machine_of(report),
        "how": f"{report.arguments['rounds']} rounds of {report.arguments['seconds']} s, {report.machine['load']}, "
        f"quote path {report.machine['quote path']}",
    }
    keys = {(kind.mix, kind.server): key for key, kind in KINDS.items() if kind.mix}
    for row in report.rows:
        key, ratio = keys.get((row.mix, row.server)), row.service_to_it
        if row.scenario == "quotes" and ratio is not None and key is not None:
            yield key, Headline(ratio.median, **about, least=ratio.least, most=ratio.most)
    for size in report.rulebooks:
        if size.rates == MANY_RATES:
            once = {**about, "how": f"once, quote path {report.machine['quote path']}"}
            yield "many_rates_seconds", Headline(round(size.load_seconds, 2), **once)
            yield "many_rates_mb", Headline(round(size.memory_mb, 1), **once)
    about["how"] = f"best of the rounds, quote path {report.machine['quote path']}"
    for cost in report.flags:
        package = cost.library.split(" ")[0]
        key = f"flag_{cost.what}" if package == FLAG_SERVICE else f"flag_{cost.what}_{package}"
        if key in KINDS:
            # Whatever else the machine does only adds: the least is the figure.
            yield (
                key,
                Headline(round(cost.best, 3), **about, least=round(cost.best, 3), most=round(max(cost.rounds), 3)),
            )


def machine_of(report: Report) -> str:
    machine = report.machine
    return f"{machine['cores']} cores of {machine['processor']}, {machine['system']}, CPython {machine['python']}"
