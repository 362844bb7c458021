"""Every request of docs/signals.md works as it is pasted."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.catalog.shop import a_product
from tests.competitors.test_matching import made
from tests.fixtures.service import Service
from tests.signals.stored import Stored

PAGE = Path(__file__).parents[2] / "docs" / "signals.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_requests_work_as_they_are_pasted(service: Service, admin: httpx.Client, key_with: Any) -> None:
    category = made(admin, "/api/v1/categories", {"name": f"shoes {uuid4().hex}"})["id"]
    product = made(admin, "/api/v1/products", a_product(category_id=category))["id"]
    stored = Stored(service.database_url)
    known = {
        "URL": service.url,
        "KEY": key_with("competitors:write")["X-API-Key"],
        "PRODUCT": product,
        "CATEGORY": category,
    }
    drop = str(stored.signal("competitor_price_drop", uuid4()))
    odd = str(stored.signal("price_anomaly", uuid4(), listing_id=uuid4()))
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == 4
    for block in blocks:
        done = subprocess.run(
            [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", block],
            env={**known, "PATH": "/usr/bin:/bin", "SIGNAL": odd if "verdict" in block else drop},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count('"success":true') == block.count("curl -s"), done.stdout
    seen = {each: admin.get(f"/api/v1/signals/{each}").json()["data"] for each in (drop, odd)}
    assert [each["status"] for each in seen.values()] == ["acknowledged", "acknowledged"]
    assert (seen[drop]["note"], seen[odd]["verdict"]) == ("Their spring sale; we hold our price.", "genuine")
    kept = admin.get("/api/v1/signal-thresholds", params={"product_id": product}).json()["data"]
    assert [(each["kind"], each["threshold"]) for each in kept] == [("competitor_price_drop", 8)]
    kept = admin.get("/api/v1/signal-thresholds", params={"category_id": category}).json()["data"]
    assert [(each["kind"], each["is_enabled"]) for each in kept] == [("low_inventory", False)]
