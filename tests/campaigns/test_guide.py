"""Every example of docs/campaigns.md does what the block after it shows.

Source: docs/campaigns.md.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "campaigns.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_print_what_is_shown(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
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
