"""Every request of docs/flags.md does what the block after it shows.

Source: docs/flags.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.pasted import paste
from tests.fixtures.service import Service

DEMONSTRATION = Path(__file__).parents[2] / "quote_service" / "dev" / "demonstration.json"


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
    def own(script: str) -> str:
        # The salt stays, and with it who is inside.
        script = script.replace("small-basket-12", f"guide-{tmp_path.name.replace('_', '-')}"[:50])
        return script.replace("new-checkout", f"checkout-{secrets.token_hex(6)}")

    page = paste("flags.md", service, server_folder, tmp_path, own=own)
    assert (page.done.returncode, page.done.stderr) == (0, "")
    assert page.done.stdout == page.shown
    assert page.kinds.count("output") == 6
    history, audit = (json.loads((tmp_path / f"{name}.json").read_text())["data"] for name in ("history", "audit"))
    assert [version["version"] for version in history] == [1]
    assert [row["action"] for row in audit] == ["flag.create"]
