"""The dashboard and the page on telemetry name figures that there are.

Source: docs/spec/operations.md#telemetry.
"""

import re
from pathlib import Path

import httpx
import pytest
import yaml

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "quote-service.json"
ALERTS = ROOT / "deploy" / "alerts.yml"
_NAME = re.compile(r"\b(?:quote|process)_[a-z_]+[a-z]\b")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def told(http: httpx.Client) -> set[str]:
    return {line.split()[2] for line in http.get("/metrics").text.splitlines() if line.startswith("# TYPE")}


@pytest.mark.parametrize(("file", "form"), [(DASHBOARD, r'"expr": "(.*)"'), (ALERTS, r"expr: (.*)")])
def test_every_figure_of_the_dashboard_and_the_alerts_is_told(admin: httpx.Client, file: Path, form: str) -> None:
    expressions = re.findall(form, file.read_text())
    wanted = {_SUFFIX.sub("", name) for expression in expressions for name in _NAME.findall(expression)}
    assert len(wanted) > 5
    assert wanted <= told(admin)


@pytest.mark.parametrize("name", ["quote_flash_sale_rejected_total", "quote_commission_mismatches_total"])
def test_what_must_never_be_wakes_somebody(name: str) -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert any(name in rule["expr"] for rule in rules if rule["labels"]["severity"] == "page")
    assert all(rule["annotations"]["summary"] for rule in rules)


@pytest.mark.parametrize("prefix", ["quote_", "process_"])
def test_every_figure_that_is_told_is_described(admin: httpx.Client, prefix: str) -> None:
    page = (ROOT / "docs" / "telemetry.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([a-z_]+)", row)}
    figures = {name for name in told(admin) if name.startswith(prefix)}
    assert figures
    assert figures <= described
