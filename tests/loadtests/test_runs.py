"""Both commands, for a few seconds, as users call them."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from loadtests.bench.rows import Report

PROJECT = Path(__file__).parents[2]
RUN_SECONDS = 120
IMPOSSIBLE = """
[checkout]
p99_ms = 250
error_rate = 0
min_per_second = 1000000
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("generator", [(), ("--python-generator",)], ids=["usual", "in Python"])
def test_the_benchmark_prints_its_table_and_writes_its_figures(tmp_path: Path, generator: tuple[str, ...]) -> None:
    file = tmp_path / "figures.json"
    options = ("--seconds", "1", "--rounds", "1", "--no-peer", "--rates", "100", "--scenarios", "quotes,engine")
    ended = run("loadtests.bench", *options, *generator, "--json", str(file))
    assert ended.returncode == 0, ended.stderr
    report = msgspec.json.decode(file.read_bytes(), type=Report)
    assert [(row.mix, row.server) for row in report.rows] == [
        (mix, server)
        for mix in ("distinct, 1 line", "repeated, 1 line", "distinct, 50 lines")
        for server in ("service", "nothing")
    ]
    for row in report.rows:
        assert row.figures.requests > 0
        assert row.figures.cpu_us > 0
        assert row.mix in ended.stdout
    assert {each.step for each in report.engine} == {"decode", "fingerprint", "price", "encode", "sign"}


def test_an_unknown_scenario_is_refused_before_anything_is_started() -> None:
    ended = run("loadtests.bench", "--scenarios", "quotes,nonsense")
    assert ended.returncode == 2
    assert "no scenario: nonsense" in ended.stderr


def test_a_load_test_checks_every_answer_and_writes_its_report(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    ended = run("loadtests", "--seconds", "5", "--users", "6", "--report", str(report))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for persona in ("checkout", "bulk_partner", "price_admin", "visibility", "sameness"):
        assert any(
            line.startswith(persona) and line.endswith("within its budget") for line in ended.stdout.splitlines()
        ), ended.stdout
    assert "5/5 s" in ended.stderr
    assert "visibility: edited rate" in report.read_text()


def test_a_load_test_that_exceeds_a_budget_fails(tmp_path: Path) -> None:
    budgets = tmp_path / "budgets.toml"
    budgets.write_text(IMPOSSIBLE)
    ended = run(
        "loadtests", "--seconds", "3", "--users", "4", "--budgets", str(budgets), "--report", str(tmp_path / "r.html")
    )
    assert ended.returncode == 1
    assert "at least 1e+06 are wanted" in ended.stdout
