"""The requests of docs/analytics.md, as pasted, against the running service.

Source: docs/analytics.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.catalog.shop import a_product
from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs/analytics.md"


@pytest.mark.skipif(shutil.which("jq") is None, reason="the page needs jq")
def test_the_requests_can_be_pasted(service: Service, admin: httpx.Client, server_folder: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"(?:^ {4}\S.*\n)+", PAGE.read_text("utf-8"), re.MULTILINE)
    pasted = [block for block in blocks if "python -m loadtests" not in block]
    requests = sum(len(re.findall(r"^ {4}get ", block, re.MULTILINE)) for block in pasted)
    assert requests >= 12, "nothing would be pasted"
    made = admin.post("/api/v1/products", json=a_product())
    assert made.status_code == 201, made.text
    (tmp_path / ".quote-service").symlink_to(server_folder / "service")
    # What a reader sees as an answer must not be a refusal.
    script = "".join(pasted).replace("curl -sS", "curl -sS --fail-with-body")
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
    assert done.stdout.count('"freshness"') == requests - 1  # one is a table, kept in a file
    assert (tmp_path / "pricing.csv").read_text("utf-8").startswith("currency,")
