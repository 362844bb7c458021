"""Every example of docs/replay.md does what the block after it shows.

Source: docs/replay.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    page = paste("replay.md", service, server_folder, tmp_path)
    assert (page.done.returncode, page.done.stderr) == (0, "")
    assert page.done.stdout == page.shown
    assert page.kinds == ["bash", "bash", "bash", "bash", "output", "bash", "output"]
