"""Each alert fires at what it is for, rests while all is well, and says what to do next.

Source: docs/production.md#what-to-be-woken-by; Prometheus, "Unit testing for rules".
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.alert_cases import CASES, Case, Series
from tests.test_citations import missing

ROOT = Path(__file__).parents[2]
GROUPS = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}


def test_every_alert_has_a_case() -> None:
    assert set(CASES) == set(RULES)
    for name, case in CASES.items():
        assert case.fires, name
        assert case.rests, name
        assert case.labels, name


@pytest.mark.parametrize("name", RULES)
def test_every_alert_says_what_to_do_next(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in ("page", "warn")
    assert {"summary", "description", "runbook"} == set(rule["annotations"])
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert not missing(ROOT / page, anchor)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: package prometheus)")
@pytest.mark.parametrize("name", CASES)
def test_it_fires_and_rests(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    fired = [_expected(name, labels) for labels in case.labels]
    tests = [_test(name, case, case.fires, fired), _test(name, case, case.rests, [])]
    # Its own rule, and what is measured for it: to work all rules out for each case would take a minute.
    measured = [group for group in GROUPS if "record" in group["rules"][0] and "route:" in RULES[name]["expr"]]
    asked = {"groups": [*measured, {"name": "asked", "rules": [RULES[name]]}]}
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump(asked))
    written = tmp_path / "case.yml"
    document = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": f"{case.step_minutes}m",
        "group_eval_order": [group["name"] for group in asked["groups"]],
        "tests": tests,
    }
    written.write_text(yaml.safe_dump(document))
    output = subprocess.run(["promtool", "test", "rules", str(written)], capture_output=True, text=True, check=False)
    assert output.returncode == 0, output.stdout + output.stderr


def _test(name: str, case: Case, series: Series, expected: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "interval": f"{case.step_minutes}m",
        "input_series": [{"series": key, "values": values} for key, values in series.items()],
        "alert_rule_test": [
            {"eval_time": f"{case.steps * case.step_minutes}m", "alertname": name, "exp_alerts": expected}
        ],
    }


def _expected(name: str, labels: dict[str, str]) -> dict[str, Any]:
    rule = RULES[name]
    filled = {
        what: re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], text)
        for what, text in rule["annotations"].items()
    }
    return {"exp_labels": {**rule["labels"], **labels}, "exp_annotations": filled}
