"""Every example of docs/change-sets.md does what the block after it shows.

Source: docs/change-sets.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs" / "change-sets.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert {language for language, _ in blocks} == {"bash", "output"}
    (tmp_path / ".quote-service").symlink_to(server_folder / "service")
    script = "".join(source for language, source in blocks if language == "bash")
    done = subprocess.run(
        [
            shutil.which("bash") or "bash",
            "-euo",
            "pipefail",
            "-c",
            script.replace("http://127.0.0.1:8000", service.url),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    # One request is refused, as the page says.
    assert (done.returncode, done.stderr) == (0, "curl: (22) The requested URL returned error: 409\n")
    assert done.stdout == "".join(shown for language, shown in blocks if language == "output")
