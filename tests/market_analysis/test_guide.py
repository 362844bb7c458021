"""The requests and commands of docs/market-analysis.md, as pasted, against the running service.

Source: docs/market-analysis.md.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.catalog.shop import a_product
from tests.competitors.test_matching import made
from tests.fixtures.environment import service_environment
from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs/market-analysis.md"
#: What is for another machine: a cluster, and brokers.
_ELSEWHERE = "pip install"


@pytest.mark.skipif(shutil.which("jq") is None, reason="the page needs jq")
def test_the_page_can_be_pasted(service: Service, admin: httpx.Client, database_url: str, tmp_path: Path) -> None:
    """Commands work on a database of their own: the service's is full of what other tests have left."""
    blocks = re.findall(r"(?:^ {4}\S.*\n)+", PAGE.read_text("utf-8"), re.MULTILINE)
    pasted = [block for block in blocks if not block.lstrip().startswith(_ELSEWHERE)]
    assert sum(block.count("get market/") for block in pasted) >= 12, "nothing would be pasted"
    made(admin, "/api/v1/products", a_product(prices=[{"currency": "EUR", "base_price": 20}]))
    (tmp_path / ".quote-service").mkdir()
    told = {"url": service.url, "admin_token": service.admin_token}
    (tmp_path / ".quote-service/dev.json").write_text(json.dumps(told), "utf-8")
    tools = tmp_path / "bin"
    tools.mkdir()
    command = tools / "quote-service"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m quote_service "$@"\n', "utf-8")
    command.chmod(0o755)
    # What a reader sees as an answer must not be a refusal.
    script = "".join(pasted).replace("curl -sS", "curl -sS --fail-with-body")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={
            **service_environment({"DATABASE_URL": database_url}),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(PAGE.parents[1]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    for expected in ('"currencies":', '"watermark":', '"behaviour"', "0 products, 0 rows", '"message":"Volatility"'):
        assert expected in done.stdout, expected
