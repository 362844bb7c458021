"""The figures that the documents show: kept from a run in full, and from no other."""

from pathlib import Path

import msgspec
import pytest

from loadtests.bench.headlines import KINDS, keep_headlines, read_headlines, why_not_kept
from loadtests.bench.measure import Figures, median
from loadtests.bench.peers import PEERS, BuiltPeer
from loadtests.bench.rows import Report, Row, RulebookSize, with_ratios

MACHINE = {
    "cores": "2",
    "processor": "x",
    "system": "Linux",
    "python": "3.11.7",
    "load": "wrk",
    "quote path": "compiled",
}
ARGUMENTS = {"rounds": "5", "seconds": "5", "rates": "10000", "telemetry": "on"}


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


def rows(mix: str, service: Figures, **peers: Figures) -> list[Row]:
    each = {"service": service, **{name.replace("_", " -"): found for name, found in peers.items()}}
    return with_ratios(
        [Row(scenario="quotes", mix=mix, server=name, figures=found) for name, found in each.items()], service="service"
    )


def full_run() -> Report:
    ours, theirs = figures(50.0, 60.0, 45.0), figures(40.0, 40.0, 50.0)
    report = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS))
    report.rows += rows("distinct, 1 line", ours, peer=theirs)
    report.rows += rows("distinct, 50 lines", theirs, peer=ours)
    report.rows += rows("repeated, 1 line", ours, peer_cache=ours)
    report.rulebooks.append(
        RulebookSize(rates=1_000_000, load_seconds=7.0, memory_mb=600.0, start_seconds=9.0, service_memory_mb=700.0)
    )
    return report


MEASURED = ["distinct_to_peer", "repeated_to_peer", "long_to_peer", "many_rates_seconds", "many_rates_mb"]


def test_a_run_in_full_is_kept_with_the_spread_of_its_rounds(tmp_path: Path) -> None:
    path, report = tmp_path / "figures.json", full_run()
    assert why_not_kept(report) == ""
    assert sorted(keep_headlines(path, report)) == sorted(MEASURED)
    kept = read_headlines(path)
    assert list(kept) == [key for key in KINDS if key in MEASURED], "in the order in which they are shown"
    assert (kept["distinct_to_peer"].least, kept["distinct_to_peer"].median, kept["distinct_to_peer"].most) == (
        0.9,
        1.25,
        1.5,
    )
    assert kept["repeated_to_peer"].median == 1.0
    assert kept["many_rates_mb"].median == 600.0
    assert "2 cores" in kept["long_to_peer"].machine


def test_every_peer_that_is_built_has_its_figures() -> None:
    beside = {
        (mix, peer.name)
        for peer in PEERS
        for mix in ("distinct, 1 line", "repeated, 1 line", "distinct, 50 lines")
        if BuiltPeer(peer, Path()).stands_beside(repeated=mix.startswith("repeated"))
    }
    assert {(kind.mix, kind.server) for kind in KINDS.values() if kind.mix} == beside


def test_what_was_not_measured_stays(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    keep_headlines(path, full_run())
    before = read_headlines(path)
    later = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS))
    later.rows += rows("distinct, 1 line", figures(80.0), peer=figures(40.0))
    assert keep_headlines(path, later) == ["distinct_to_peer"]
    after = read_headlines(path)
    assert after["distinct_to_peer"].median == 2.0
    assert {key: after[key] for key in MEASURED[1:]} == {key: before[key] for key in MEASURED[1:]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rounds": "4"}, "fewer than 5 rounds"),
        ({"seconds": "3"}, "rounds shorter than 4 s"),
        ({"rates": "100"}, "a rulebook of other than 10000 rates"),
        ({"telemetry": "off"}, "telemetry was off"),
    ],
)
def test_a_run_that_is_none_to_be_shown_says_why(change: dict[str, str], reason: str) -> None:
    report = full_run()
    report.arguments.update(change)
    assert why_not_kept(report) == reason


def test_what_is_not_shown_at_any_price() -> None:
    report = full_run()
    report.machine["quote path"] = "plain Python"
    for index, change in enumerate(({"errors": 1}, {"unshared": 1})):
        broken = msgspec.structs.replace(report.rows[index].figures, **change)
        report.rows[index] = msgspec.structs.replace(report.rows[index], figures=broken)
    reasons = ("the quote path was not compiled", "there were errors", "Redis did not get every quote")
    assert why_not_kept(report) == ", ".join(reasons)


def test_a_figure_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    keep_headlines(path, full_run())
    path.write_bytes(path.read_bytes().replace(b"distinct_to_peer", b"distinct_to_pear"))
    with pytest.raises(msgspec.ValidationError, match="distinct_to_pear"):
        read_headlines(path)
