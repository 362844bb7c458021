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
    blocks = [block for block in _BLOCK.findall(PAGE.read_text("utf-8")) if block[0] in ("bash", "output")]
    assert [language for language, _ in blocks].count("bash") == 5
    (tmp_path / ".quote-service").symlink_to(server_folder / "service")
    script = "".join(source for language, source in blocks if language == "bash")
    # Names and codes of their own: the session's service is shared.
    script = script.replace("http://127.0.0.1:8000", service.url)
    script = re.sub("JACKET-1|Winter jackets", f"guide-{tmp_path.name}", script)
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "".join(shown for language, shown in blocks if language == "output")
    path, history, running = (
        json.loads((tmp_path / f"{name}.json").read_text())["data"] for name in ("path", "history", "running")
    )
    assert [hour["hour"] for hour in path] == [0]
    assert history == []
    assert [campaign["status"] for campaign in running] == ["active"]
