"""What `make run` says while it sets up: how much there is, how far it is, and why it fails where it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.deployment_tools import script

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def without_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip would be told so: what is asked for is there already, or cannot be had."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def test_it_says_how_much_there_is_and_how_far_it_is() -> None:
    command = [sys.executable, str(PROJECT / "deploy" / "install_packages.py"), "--only-group", "build"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "Installing the 1" in ended.stdout
    assert "packages of uv.lock for --only-group build" in ended.stdout
    assert "Checked 1" in ended.stdout
    assert "done after" in ended.stdout


def test_it_says_why_it_fails(capfd: pytest.CaptureFixture[str]) -> None:
    pins = f"quote-service-that-is-nowhere==1.0 --hash=sha256:{'0' * 64}\n"
    assert script("install_packages").install(pins, "--python", sys.executable) != 0
    assert "quote-service-that-is-nowhere==1.0" in capfd.readouterr().err


def test_it_says_which_extra_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        script("install_packages").pinned(["--extra", "blockchain"])
    assert "blockchain" in capfd.readouterr().err
