"""The tour of price intelligence, as pasted: every command of docs/intelligence.md against a service of its own.

Source: docs/intelligence.md.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.postgres_clusters import put_cluster_into
from tests.fixtures.service import start_development

PAGE = Path(__file__).parents[2] / "docs/intelligence.md"
SMALL = ("--days", "60", "--crowd", "5")


@pytest.mark.skipif(shutil.which("jq") is None, reason="the tour needs jq")
def test_the_tour_can_be_pasted(server_folder: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6, "nothing would be pasted"
    folder = server_folder / "tour"
    data_dir = folder / ".quote-service"
    put_cluster_into(data_dir / "postgres")
    started, _ = start_development(data_dir, "--no-seed", forked=True)
    try:
        tools = folder / "bin"
        tools.mkdir()
        command = tools / "quote-service"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m quote_service "$@" {" ".join(SMALL)}\n', "utf-8")
        command.chmod(0o755)
        pasted = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            cwd=folder,
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(PAGE.parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        started.stop()
    assert pasted.returncode == 0, pasted.stderr
    told = pasted.stdout
    # What the service itself may be at just then, signals and decisions, is looked at in the other test.
    for expected in ('"Harbour Roasters"', '"not_comparable":["stale"]', '"reason":"schedule"', '"verdict":'):
        assert expected in told, told
