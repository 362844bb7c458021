"""Every example of docs/campaigns.md does what the block after it shows.

Source: docs/campaigns.md.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs" / "campaigns.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_print_what_is_shown(tmp_path: Path) -> None:
    # The others are played against the service.
    blocks = [block for block in _BLOCK.findall(PAGE.read_text("utf-8")) if block[0] not in ("bash", "output")]
    assert [language for language, _ in blocks] == ["sh", "text"] * 4 + ["python", "text"]
    # The command as it is pasted, run by this Python.
    command = tmp_path / "bin" / "quote-service"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m quote_service "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    package = os.pathsep.join(filter(None, [str(PAGE.parents[1]), os.environ.get("PYTHONPATH")]))
    for (language, source), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True):
        program = [shutil.which("sh") or "sh", "-euc"] if language == "sh" else [sys.executable, "-c"]
        done = subprocess.run(
            [*program, source],
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "PYTHONPATH": package},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.rstrip("\n") == shown.rstrip("\n"), source
        assert not done.stderr


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    page = paste(
        "campaigns.md",
        service,
        server_folder,
        tmp_path,
        own=lambda script: re.sub("JACKET-1|Winter jackets", f"guide-{tmp_path.name}", script),
    )
    assert (page.done.returncode, page.done.stderr) == (0, "")
    assert page.done.stdout == page.shown
    assert page.kinds.count("bash") == 5
    path, history, running = (
        json.loads((tmp_path / f"{name}.json").read_text())["data"] for name in ("path", "history", "running")
    )
    assert [hour["hour"] for hour in path] == [0]
    assert history == []
    assert [campaign["status"] for campaign in running] == ["active"]
