"""The figures that the documents show: kept from a run in full, and from no other."""

from pathlib import Path

import msgspec
import pytest

from loadtests.bench.headlines import KINDS, keep_headlines, read_headlines, why_not_kept
from loadtests.bench.measure import Figures, median
from loadtests.bench.rows import Report, Row, RulebookSize, with_ratios

MACHINE = {
    "cores": "2",
    "processor": "x",
    "system": "Linux",
    "python": "3.11.7",
    "load": "wrk",
    "quote path": "compiled",
}
ARGUMENTS = {"rounds": "3", "seconds": "5", "rates": "10000", "telemetry": "on"}


def figures(*cpu_us: float) -> Figures:
    rounds = [
        Figures(
            cpu_us=one,
            stores_cpu_us=0,
            generator_cpu_us=0,
            per_second=1,
            p50_us=1,
            p99_us=1,
            max_us=1,
            requests=1,
            errors=0,
        )
        for one in cpu_us
    ]
    return median(rounds)


def rows(mix: str, service: Figures, peer: Figures, peer_name: str = "peer") -> list[Row]:
    both = [("service", service), (peer_name, peer)]
    made = [Row(scenario="quotes", mix=mix, server=name, figures=found) for name, found in both]
    return with_ratios(made, peer=peer_name, nothing="nothing", service="service")


def full_run() -> Report:
    ours, theirs = figures(50.0, 60.0, 45.0), figures(40.0, 40.0, 50.0)
    report = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS))
    report.rows += rows("distinct, 1 line", ours, theirs)
    report.rows += rows("distinct, 50 lines", theirs, ours)
    report.rows += rows("repeated, 1 line", ours, ours, "peer -cache")
    report.rulebooks.append(
        RulebookSize(rates=1_000_000, load_seconds=7.0, memory_mb=600.0, start_seconds=9.0, service_memory_mb=700.0)
    )
    return report


def test_a_run_in_full_is_kept_with_the_spread_of_its_rounds(tmp_path: Path) -> None:
    path, report = tmp_path / "figures.json", full_run()
    assert why_not_kept(report) == ""
    assert keep_headlines(path, report) == ["distinct_to_peer", "long_to_peer", "repeated_to_peer", *list(KINDS)[3:]]
    kept = read_headlines(path)
    assert (kept["distinct_to_peer"].least, kept["distinct_to_peer"].median, kept["distinct_to_peer"].most) == (
        0.9,
        1.25,
        1.5,
    )
    assert kept["repeated_to_peer"].median == 1.0
    assert kept["many_rates_mb"].median == 600.0
    assert "2 cores" in kept["long_to_peer"].machine


def test_what_was_not_measured_stays(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    keep_headlines(path, full_run())
    before = read_headlines(path)
    later = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS))
    later.rows += rows("distinct, 1 line", figures(80.0), figures(40.0))
    assert keep_headlines(path, later) == ["distinct_to_peer"]
    after = read_headlines(path)
    assert after["distinct_to_peer"].median == 2.0
    assert {key: after[key] for key in list(KINDS)[1:]} == {key: before[key] for key in list(KINDS)[1:]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rounds": "2"}, "fewer than 3 rounds"),
        ({"seconds": "3"}, "rounds shorter than 4 s"),
        ({"rates": "100"}, "a rulebook of other than 10000 rates"),
        ({"telemetry": "off"}, "telemetry was off"),
    ],
)
def test_a_run_that_is_none_to_be_shown_says_why(change: dict[str, str], reason: str) -> None:
    report = full_run()
    report.arguments.update(change)
    assert why_not_kept(report) == reason


def test_plain_python_and_errors_are_not_shown() -> None:
    report = full_run()
    report.machine["quote path"] = "plain Python"
    first = report.rows[0]
    report.rows[0] = msgspec.structs.replace(first, figures=msgspec.structs.replace(first.figures, errors=1))
    assert why_not_kept(report) == "the quote path was not compiled, there were errors"


def test_a_figure_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    keep_headlines(path, full_run())
    path.write_bytes(path.read_bytes().replace(b"distinct_to_peer", b"distinct_to_pear"))
    with pytest.raises(msgspec.ValidationError, match="distinct_to_pear"):
        read_headlines(path)
