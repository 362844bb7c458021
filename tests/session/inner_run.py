"""A run of pytest within a test: files of tests that are written for it, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

PROJECT = Path(__file__).parents[2]
END_SECONDS = 180.0
# Named one by one: others that are installed take longer to import than all of a run within a test.
PLUGINS = ("tests.session.time_limit", "xdist.plugin", "xdist.looponfail", "pytest_asyncio.plugin", "no:cacheprovider")


class InnerRun:
    """A folder of test files, and their run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        (folder / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        )

    def write(self, **files: str) -> None:
        """Write files, the name of each without its `.py`."""
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(dedent(text))

    def run(self, *options: str) -> int:
        """Run all of it with the project's own plugins; its exit status. It must end."""
        process = self.start(*options)
        try:
            self.output, _ = process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            self.output, _ = process.communicate()
            pytest.fail(f"the run within this test does not end:\n{self.output}")
        return process.returncode

    def start(self, *options: str) -> subprocess.Popen[str]:
        plugins = [word for plugin in PLUGINS for word in ("-p", plugin)]
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", "--rootdir", str(self.folder), *plugins, *options, str(self.folder)],
            cwd=PROJECT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def counts(self) -> dict[str, int]:
        """The words of pytest's summary with their numbers."""
        return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?)", self.summary())}

    def summary(self) -> str:
        """The line of pytest that counts; a thread that is still interrupted may write below it."""
        counting = re.compile(r"\d+ (?:passed|failed|errors?)\b.* in \d")
        return next((line for line in reversed(self.output.splitlines()) if counting.search(line)), "")


def _environment() -> dict[str, str]:
    # Of the run that this one is within, nothing: neither its worker's name nor its options.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**inherited, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def distribution() -> list[str]:
    """How `make test` shares its tests out."""
    found = re.search(r"^DISTRIBUTION := (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    return found[1].split()
