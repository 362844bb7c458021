"""Every example of docs/change-sets.md does what the block after it shows.

Source: docs/change-sets.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    page = paste("change-sets.md", service, server_folder, tmp_path)
    # One request is refused, as the page says.
    assert (page.done.returncode, page.done.stderr) == (0, "curl: (22) The requested URL returned error: 409\n")
    assert page.done.stdout == page.shown
    assert set(page.kinds) == {"bash", "output"}
