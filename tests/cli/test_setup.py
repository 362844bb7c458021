"""What `make run` says while it sets up: how much there is, how far it is, and why it fails where it does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def install(lock: Path) -> subprocess.CompletedProcess[str]:
    # Without an index, as pip would be told so: what is asked for is there already, or cannot be had.
    command = [sys.executable, str(PROJECT / "deploy" / "install_packages.py"), str(lock)]
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_it_says_how_much_there_is_and_how_far_it_is(tmp_path: Path) -> None:
    found = re.search(r"^idna==.*?(?=^\S)", (PROJECT / "requirements.lock").read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    lock = tmp_path / "some.lock"
    lock.write_text(found[0])
    ended = install(lock)
    assert ended.returncode == 0, ended.stderr
    assert "Installing the 1 packages of some.lock" in ended.stdout
    assert "Checked 1 package" in ended.stdout
    assert "done after" in ended.stdout


def test_it_says_why_it_fails(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(f"quote-service-that-is-nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    ended = install(lock)
    assert ended.returncode != 0
    assert "quote-service-that-is-nowhere==1.0" in ended.stderr
