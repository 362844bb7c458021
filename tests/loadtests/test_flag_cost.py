"""The libraries of flags that are measured say the same, and what is measured is told and kept."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from loadtests.bench.headlines import keep_headlines, read_headlines
from loadtests.bench.rows import Report
from loadtests.bench.table import write_report
from loadtests.flag_cost import AT_US, CUSTOMER, SERVICE, WORDS, FlagCost, ours, write_costs
from loadtests.flag_peers import KINDS, PACKAGES, Library, Missing, peers
from tests.loadtests.test_headlines import ARGUMENTS, MACHINE

MODULES = {
    "growthbook": "growthbook",
    "openfeature-flagd-core": "openfeature",
    "yggdrasil-engine": "yggdrasil_engine",
}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_library_lets_the_customer_in_and_another_out(package: str) -> None:
    if find_spec(MODULES[package]) is None:
        pytest.skip(f"{package} is not installed (the extra `load`)")
    # The share of 99 % leaves few out: of these customers each library lets in some, and not all.
    said = set()
    for number in range(600):
        library = PACKAGES[package](f"customer {number}", AT_US)
        said.add(library.ask["percentage"]())
        if said == {True, False}:
            break
    assert said == {True, False}
    library = PACKAGES[package](CUSTOMER, AT_US)
    assert {kind: library.ask[kind]() for kind in KINDS} == dict.fromkeys(KINDS, True)
    library.load()


def test_the_services_own_say_the_same() -> None:
    library = ours()
    assert {kind: library.ask[kind]().value for kind in KINDS} == dict.fromkeys(KINDS, "true")  # type: ignore[attr-defined]
    assert len(library.ask["ten"]()) == 10  # type: ignore[arg-type]
    period = library.load()
    assert len(period.flags) == 1000  # type: ignore[attr-defined]


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "growthbook", None)
    found = {peer.name.split(" ")[0]: peer for peer in peers(CUSTOMER, AT_US)}
    assert list(found) == list(PACKAGES)
    assert isinstance(found["growthbook"], Missing)
    assert all(isinstance(peer, (Library, Missing)) for peer in found.values())


def costs() -> list[FlagCost]:
    mine = [FlagCost(what, SERVICE, [2.0, 1.0]) for what in WORDS]
    return mine + [FlagCost(what, "growthbook 4.0.0", [30.0, 40.0]) for what in WORDS]


def test_what_is_measured_stands_beside_each_other() -> None:
    reported = write_costs(costs()).splitlines()
    assert len(reported) == 1 + len(WORDS)
    assert all("1.000" in line and "30.00 ( 30.0 x)" in line for line in reported[1:])
    report = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS), flags=costs())
    assert write_costs(costs()) in write_report(report)


def test_the_best_of_the_rounds_is_kept(tmp_path: Path) -> None:
    report = Report(machine=dict(MACHINE), arguments=dict(ARGUMENTS), flags=costs())
    kept = keep_headlines(tmp_path / "figures.json", report)
    assert kept == [*(f"flag_{what}" for what in WORDS), "flag_full_growthbook"]
    figures = read_headlines(tmp_path / "figures.json")
    assert (figures["flag_static"].median, figures["flag_full_growthbook"].median) == (1.0, 30.0)
    assert (figures["flag_static"].least, figures["flag_static"].most) == (1.0, 2.0)
