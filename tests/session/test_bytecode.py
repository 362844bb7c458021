"""Where the environment keeps compiled Python out of the checkout, the processes of the tests keep it in one folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.session.bytecode import FOLDER

REPORT = "import json, sys; print(json.dumps([sys.dont_write_bytecode, sys.pycache_prefix]))"
STARTED_BY_TESTS = (
    f"import tests, subprocess, sys; subprocess.run([sys.executable, '-c', {REPORT!r}], check=True); {REPORT}"
)


def shown(**environment: str) -> list[list[object]]:
    """Of a process that tests start, and of the tests' own: whether bytecode is not written, and where it is."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        [sys.executable, "-c", STARTED_BY_TESTS],
        cwd=FOLDER.parents[1],
        env={**inherited, **environment},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.parametrize("value", ["1", "yes"])
def test_what_is_not_to_be_written_beside_the_sources_is_kept_apart(value: str) -> None:
    assert shown(PYTHONDONTWRITEBYTECODE=value) == [[False, str(FOLDER)]] * 2


def test_an_environment_that_keeps_bytecode_is_left_as_it_is() -> None:
    assert shown() == [[False, None]] * 2
    assert shown(PYTHONPYCACHEPREFIX=str(FOLDER.with_name("other"))) == [[False, str(FOLDER.with_name("other"))]] * 2
