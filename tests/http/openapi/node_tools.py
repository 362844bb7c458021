"""The programs of `node/`, where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"
_PROGRAMS = FOLDER / "node_modules" / ".bin"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not _PROGRAMS.is_dir(),
    reason="needs node and its packages: `make check-api` installs them and runs this",
)


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, for at most three minutes. It calls nobody."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    return subprocess.run(
        [str(_PROGRAMS / name), *arguments],
        cwd=FOLDER,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
