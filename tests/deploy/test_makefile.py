"""The Makefile works wherever the checkout stands, and says what it can do."""

import subprocess
from pathlib import Path

import pytest

from tests.fixtures.environment import service_environment

PROJECT = Path(__file__).parents[2]
PARTS = ("Makefile", "deploy", "quote_service", "migrations", "pyproject.toml", "uv.lock", ".venv")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project under a name that a shell would split and unquote."""
    folder = tmp_path / "Anna's work" / "quote $HOME service"
    folder.mkdir(parents=True)
    for part in PARTS:
        (folder / part).symlink_to(PROJECT / part)
    return folder


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # What make hands down to the tests it runs is not for this one.
    environment = {
        name: value for name, value in service_environment().items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={**environment, "PWD": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_lists_every_target_for_people(checkout: Path) -> None:
    done = make(checkout, "help")
    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"run", "test", "check", "bench", "setup"} <= listed


@pytest.mark.long("make installs and imports all from another path")
@pytest.mark.skipif(not (PROJECT / ".venv" / ".stamps" / "run-packages").exists(), reason="not set up by make")
def test_run_starts_in_a_path_with_spaces_and_quotes(checkout: Path) -> None:
    done = make(checkout, "run", "COMPILE=0", "ARGS=--help")
    assert done.returncode == 0, done.stderr
    assert "Run everything on this machine" in done.stdout


def test_every_target_for_people_is_listed(checkout: Path) -> None:
    [line] = [line for line in (PROJECT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")]
    targets = set(line.removeprefix(".PHONY:").split()) - {"help", "clean", "test-compiled"}
    listed = {each.split()[1] for each in make(checkout, "help").stdout.splitlines()}
    assert targets == listed, targets ^ listed
