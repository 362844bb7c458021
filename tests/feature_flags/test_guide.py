"""Every request of docs/flags.md does what the block after it shows.

Source: docs/flags.md.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.service import Service

PAGE = Path(__file__).parents[2] / "docs" / "flags.md"
DEMONSTRATION = Path(__file__).parents[2] / "quote_service" / "dev" / "demonstration.json"
_BLOCK = re.compile(r"^```(bash|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def demonstrated_fee(admin: httpx.Client) -> Iterator[None]:
    """What `make run` has and the session's service has not: the fee that the page begins with."""
    demonstration = json.loads(DEMONSTRATION.read_text("utf-8"))
    [rule] = [rule for rule in demonstration["pricing_rules"] if rule["type"] == "SMALL_BASKET_FEE"]
    made = admin.post("/api/v1/pricing-rules", json={**rule, "name": f"guide {secrets.token_hex(6)}"})
    assert made.status_code == 201, made.text
    yield
    admin.delete(f"/api/v1/pricing-rules/{made.json()['data']['id']}")


@pytest.mark.usefixtures("demonstrated_fee")
def test_the_requests_work_as_they_are_pasted(service: Service, server_folder: Path, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert [language for language, _ in blocks].count("output") == 6
    (tmp_path / ".quote-service").symlink_to(server_folder / "service")
    # Names of their own: the session's service is shared. The salt stays, and with it who is inside.
    script = "".join(source for language, source in blocks if language == "bash")
    script = script.replace("http://127.0.0.1:8000", service.url)
    script = script.replace("small-basket-12", f"guide-{tmp_path.name.replace('_', '-')}"[:50])
    script = script.replace("new-checkout", f"checkout-{secrets.token_hex(6)}")
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "".join(shown for language, shown in blocks if language == "output")
    history, audit = (json.loads((tmp_path / f"{name}.json").read_text())["data"] for name in ("history", "audit"))
    assert [version["version"] for version in history] == [1]
    assert [row["action"] for row in audit] == ["flag.create"]
