"""The dashboard and the page on operations name figures that exist.

Source: docs/spec/operations.md#telemetry.
"""

import re
from pathlib import Path

import httpx
import msgspec
import pytest
import yaml

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "quote-service.json"
ALERTS = ROOT / "deploy" / "alerts.yml"
_NAME = re.compile(r"\b(?:quote|process)_[a-z_]+[a-z]\b")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def shown(http: httpx.Client) -> set[str]:
    return {line.split()[2] for line in http.get("/metrics").text.splitlines() if line.startswith("# TYPE")}


def expressions_of(file: Path) -> list[str]:
    if file == DASHBOARD:
        panels = msgspec.json.decode(file.read_bytes())["panels"]
        return [target["expr"] for panel in panels for target in panel["targets"]]
    return [rule["expr"] for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("file", [DASHBOARD, ALERTS])
def test_every_figure_of_the_dashboard_and_the_alerts_is_reported(admin: httpx.Client, file: Path) -> None:
    recorded = re.compile(r"route:\w+:\w+")  # by a rule that is among the expressions of the alerts
    found = [recorded.sub("", expression) for expression in expressions_of(file)]
    wanted = {_SUFFIX.sub("", name) for expression in found for name in _NAME.findall(expression)}
    assert len(wanted) > 5
    assert wanted <= shown(admin)


def test_the_dashboard_reads_from_the_source_that_is_chosen() -> None:
    board = msgspec.json.decode(DASHBOARD.read_bytes())
    assert [each["name"] for each in board["templating"]["list"] if each["type"] == "datasource"] == ["datasource"]
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"${datasource}"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@pytest.mark.parametrize("name", ["quote_flash_sale_rejected_total", "quote_commission_mismatches_total"])
def test_what_must_never_be_wakes_somebody(name: str) -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert any(name in rule["expr"] for rule in rules if "alert" in rule and rule["labels"]["severity"] == "page")


@pytest.mark.parametrize("prefix", ["quote_", "process_"])
def test_every_figure_that_is_reported_is_described(admin: httpx.Client, prefix: str) -> None:
    page = (ROOT / "docs" / "spec" / "operations.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    described = {name for row in rows for name in re.findall(r"`([a-z_]+)", row)}
    figures = {name for name in shown(admin) if name.startswith(prefix)}
    assert figures
    assert figures <= described
