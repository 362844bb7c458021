"""Every request of docs/orders.md does what is shown after it.

Source: docs/orders.md.
"""

import re
import shutil
import subprocess
from pathlib import Path

from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs" / "orders.md"
_BLOCK = re.compile(r"^```(bash|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert [language for language, _ in blocks] == ["bash", "output"] * 4
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
        timeout=60,
    )
    assert done.stdout == "".join(shown for language, shown in blocks if language == "output"), done.stderr
    assert done.returncode == 0
