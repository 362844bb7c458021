"""The dashboard and the page on telemetry name figures that there are.

Source: spec 9, Telemetry.
"""

import re
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "quote-service.json"
# Told by the part that sells in flash sales, where it runs.
OF_FLASH_SALES = {"quote_flash_sale_stock", "quote_stream_lag"}
_NAME = re.compile(r"\b(?:quote|process)_[a-z_]+[a-z]\b")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def told(http: httpx.Client) -> set[str]:
    return {line.split()[2] for line in http.get("/metrics").text.splitlines() if line.startswith("# TYPE")}


def test_every_figure_of_the_dashboard_is_told(anonymous: httpx.Client) -> None:
    expressions = re.findall(r'"expr": "(.*)"', DASHBOARD.read_text())
    wanted = {_SUFFIX.sub("", name) for expression in expressions for name in _NAME.findall(expression)}
    assert len(wanted) > 8
    assert wanted - OF_FLASH_SALES <= told(anonymous)


@pytest.mark.parametrize("prefix", ["quote_", "process_"])
def test_every_figure_that_is_told_is_described(anonymous: httpx.Client, prefix: str) -> None:
    page = (ROOT / "docs" / "telemetry.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([a-z_]+)", row)}
    figures = {name for name in told(anonymous) if name.startswith(prefix)} - OF_FLASH_SALES
    assert figures
    assert figures <= described
