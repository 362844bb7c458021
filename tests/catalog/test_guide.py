"""Every request of docs/catalog.md does what is shown after it.

Source: docs/catalog.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service


def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    page = paste(
        "catalog.md", service, server_folder, tmp_path, own=lambda script: script.replace("BOOT-", f"{tmp_path.name}-")
    )
    assert (page.done.returncode, page.done.stderr) == (0, "")
    assert page.done.stdout == page.shown
    assert page.kinds == ["bash", "output"] * 2
    assert f'"{tmp_path.name}-200"' in (tmp_path / "products.ndjson").read_text("utf-8")
