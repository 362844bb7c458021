"""Every request of docs/orders.md does what is shown after it.

Source: docs/orders.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    page = paste("orders.md", service, server_folder, tmp_path)
    assert page.done.stdout == page.shown, page.done.stderr
    assert page.done.returncode == 0
    assert page.kinds == ["bash", "output"] * 4
