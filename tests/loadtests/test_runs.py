"""Both commands, for a few seconds, as users call them."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from loadtests.bench.rows import Report

pytestmark = pytest.mark.long("whole runs of the load generator against services of their own")

PROJECT = Path(__file__).parents[2]
RUN_SECONDS = 220
PERSONAS = ("checkout", "bulk_partner", "price_admin", "visibility", "sameness")
BUYERS = ("flash_sale_crowd", "flash_sale_admin", "flash_sale_audit")
# Every answer must be right, however busy the machine that runs the tests is.
PATIENT = "".join(
    f"[{persona}]\np99_ms = 60000\nerror_rate = 0\nmin_per_second = 0.01\n" for persona in PERSONAS + BUYERS
)
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


def bench(tmp_path: Path, *arguments: str) -> tuple[Report, str]:
    file = tmp_path / "figures.json"
    # One connection, since how much of the machine it takes reveals nothing here.
    options = (
        *("--seconds", "1", "--rounds", "1", "--connections", "1"),
        *("--no-peers", "--rates", "100", "--json", str(file)),
    )
    ended = run("loadtests.bench", *options, *arguments)
    assert ended.returncode == 0, ended.stderr
    return msgspec.json.decode(file.read_bytes(), type=Report), ended.stdout


def test_the_benchmark_prints_its_table_and_writes_its_figures(tmp_path: Path) -> None:
    report, printed = bench(tmp_path, "--scenarios", "quotes,engine")
    assert [(row.mix, row.server) for row in report.rows] == [
        (mix, server)
        for mix in ("distinct, 1 line", "repeated, 1 line", "distinct, 50 lines")
        for server in ("service", "nothing")
    ]
    for row in report.rows:
        assert row.figures.requests > 0
        assert row.figures.cpu_us > 0
        assert row.mix in printed
    assert {each.step for each in report.engine} == {"decode", "fingerprint", "price", "encode", "sign"}


def test_the_benchmark_needs_no_other_generator_than_its_own(tmp_path: Path) -> None:
    report, _ = bench(tmp_path, "--scenarios", "memory", "--soak", "1", "--python-generator")
    assert report.machine["load"] == "python"
    assert report.memory[0].requests > 0
    assert min(report.memory[0].samples_mb) > 20


def test_an_unknown_scenario_is_refused_before_anything_is_started() -> None:
    ended = run("loadtests.bench", "--scenarios", "quotes,nonsense")
    assert ended.returncode == 2
    assert "no scenario: nonsense" in ended.stderr


def load_test(tmp_path: Path, budgets: str, *times: str) -> "subprocess.CompletedProcess[str]":
    file = tmp_path / "budgets.toml"
    file.write_text(budgets)
    report = str(tmp_path / "report.html")
    return run("loadtests", *times, "--users", "6", "--budgets", str(file), "--report", report)


def test_a_load_test_checks_every_answer_and_writes_its_report(tmp_path: Path) -> None:
    ended = load_test(tmp_path, PATIENT, "--seconds", "5", "--crowd-seconds", "4")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    kept = {line.split()[0] for line in ended.stdout.splitlines() if line.endswith("within its budget")}
    assert kept == {*PERSONAS, *BUYERS}, ended.stdout
    assert "requests/s" in ended.stderr  # its progress
    assert "visibility: edited r" in (tmp_path / "report.html").read_text()
    assert "flash_sale_crowd: repeat" in (tmp_path / "report-crowd.html").read_text()


def test_a_load_test_that_exceeds_a_budget_fails(tmp_path: Path) -> None:
    ended = load_test(tmp_path, IMPOSSIBLE, "--seconds", "3", "--crowd-seconds", "0")
    assert ended.returncode == 1
    assert "at least 1e+06 are wanted" in ended.stdout
