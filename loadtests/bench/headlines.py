"""The few figures that the README and docs/performance.md show: which they are, and the file that keeps them.

`make bench` writes what it has measured into the file and leaves the rest; `python -m tests.readme` makes the tables of it.
"""

import datetime
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from loadtests.bench.rows import Report, Row

# A shorter run, or another load, gives other figures; those are printed and not kept.
LEAST_ROUNDS, LEAST_SECONDS, RATES, MANY_RATES = 3, 4, 10_000, 1_000_000


class Kind(msgspec.Struct, frozen=True):
    """What a figure is about. `unit` follows the number."""

    what: str
    unit: str
    digits: int


KINDS: Mapping[str, Kind] = {
    "distinct_to_peer": Kind(
        "CPU of a quote of one line, every basket another, everything on",
        " times that of a Go peer that prices in memory and does nothing else",
        2,
    ),
    "long_to_peer": Kind("the same with 50 lines", " times the peer's", 2),
    "repeated_to_peer": Kind("the same basket again", " times that of the peer with a cache", 2),
    "many_rates_seconds": Kind("1 000 000 commission rates, read and compiled by a worker", " s", 1),
    "many_rates_mb": Kind("memory of a worker for them", " MB", 0),
}
_OF_MIX = {"distinct, 1 line": "distinct_to_peer", "distinct, 50 lines": "long_to_peer"}
_REPEATED = ("repeated, 1 line", "repeated_to_peer")


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
    measured = dict(headlines_of(report))
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
    for row in report.rows:
        key = dict([*_OF_MIX.items(), _REPEATED]).get(row.mix)
        if row.scenario == "quotes" and row.to_peer is not None and key is not None:
            rounds = _rounds_to_peer(row, report)
            yield key, Headline(row.to_peer, **about, least=min(rounds), most=max(rounds))
    for size in report.rulebooks:
        if size.rates == MANY_RATES:
            once = {**about, "how": f"once, quote path {report.machine['quote path']}"}
            yield "many_rates_seconds", Headline(round(size.load_seconds, 2), **once)
            yield "many_rates_mb", Headline(round(size.memory_mb, 1), **once)


def machine_of(report: Report) -> str:
    machine = report.machine
    return f"{machine['cores']} cores of {machine['processor']}, {machine['system']}, CPython {machine['python']}"


def _rounds_to_peer(row: Row, report: Report) -> list[float]:
    """The ratio of each round by itself."""
    (peer,) = [
        each for each in report.rows if (each.scenario, each.mix) == (row.scenario, row.mix) and "peer" in each.server
    ]
    pairs = zip(row.figures.cpu_us_of_rounds, peer.figures.cpu_us_of_rounds, strict=True)
    return [round(ours / theirs, 2) for ours, theirs in pairs]
