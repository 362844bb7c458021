"""The README says nothing that does not hold: its first quote, its examples, its tables and its links.

Source: issue "a quote, end to end", README; spec 9, Settings.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quote_service.settings import SETTINGS, Settings, shown_value
from tests.fixtures.service import Service, start_development
from tests.readme import README, TABLES, Example, block, examples, shows, table, text


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    return server_folder / "readme"


@pytest.fixture(scope="module")
def seeded(data_dir: Path) -> Iterator[tuple[Service, Any]]:
    """A service with the demonstration data, and its answer to the first quote, before any example has changed it."""
    started, service = start_development(data_dir)
    answer = _run_shell(_first_command(), service, data_dir)
    yield service, json.loads(answer, parse_float=str)
    started.stop()


def test_the_first_quote_is_answered_as_shown(seeded: tuple[Service, Any]) -> None:
    _, answer = seeded
    assert shows(json.loads(block("json"), parse_float=str), answer), json.dumps(answer, indent=1)


def test_the_first_rule_is_taken_as_pasted(seeded: tuple[Service, Any], data_dir: Path) -> None:
    service, _ = seeded
    commands = [found for found in re.findall(r"```sh\n(.*?)```", text(), re.DOTALL) if "$TOKEN" in found]
    assert json.loads(_run_shell(commands[0], service, data_dir))["success"] is True


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.body[:40])
def test_every_example_is_accepted(seeded: tuple[Service, Any], example: Example) -> None:
    service, _ = seeded
    with service.admin() as admin:
        answer = admin.post(example.path, content=example.body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    odd = [finding for finding in answer.json().get("warnings", []) if finding["severity"] == "error"]
    assert not odd, odd


def test_there_are_examples_of_every_type() -> None:
    bodies = "".join(example.body for example in examples())
    types = "DELIVERY_FEE EXPRESS_FEE SMALL_BASKET_FEE FREE_DELIVERY TAX PROMOTION COUPON PERCENTAGE FLAT TIERED split"
    assert not [name for name in types.split() if f'"{name}"' not in bodies]


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_what_is_built(name: str) -> None:
    assert table(name) == TABLES[name](), "python -m tests.readme writes it anew"


def test_the_endpoints_are_those_of_the_running_service(service: Service) -> None:
    with service.anonymous() as client:
        paths: dict[str, dict[str, Any]] = client.get("/docs/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert set(re.findall(r"^\| ([A-Z]+) \| `([^`]+)`", table("endpoints"), re.MULTILINE)) == described


def test_the_command_lists_the_settings_of_the_table() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "quote_service", "config"],
        cwd=README.parent,
        env=_without_settings(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [re.split(r" {2,}", line) for line in listed.splitlines()]
    assert rows == [
        [setting.variable, shown_value(setting, getattr(Settings(), setting.field)) or "-", setting.meaning]
        for setting in SETTINGS
    ]
    assert re.findall(r"^\| `(\w+)` \|", table("settings"), re.MULTILINE) == [row[0] for row in rows]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", text()))))
def test_what_is_linked_is_there(target: str) -> None:
    linked = README.parent / target
    assert linked.exists()
    if target.startswith("tests/") and linked.is_dir():
        assert any(linked.rglob("test_*.py")), "names tests where there are none"


@pytest.mark.parametrize(
    "command",
    sorted(set(re.findall(r"^(?:docker compose run --rm quote|quote-service) ([a-z-]+)", text(), re.MULTILINE))),
)
def test_the_commands_exist(command: str) -> None:
    subprocess.run([sys.executable, "-m", "quote_service", command, "--help"], cwd=README.parent, check=True)


def test_a_shortened_answer_must_hold() -> None:
    actual = {"a": "1.50", "b": [{"c": 1, "d": "x"}], "e": "01a1"}
    assert shows({"a": "1.50", "b": [{"c": 1}], "e": "..."}, actual)
    for wrong in ({"a": "1.5"}, {"b": []}, {"b": [{"c": 2}]}, {"f": 1}, {"b": [{"c": True}]}, {"e": "01a2"}):
        assert not shows(wrong, actual)


def _first_command() -> str:
    return next(found for found in re.findall(r"```sh\n(.*?)```", text(), re.DOTALL) if "$KEY" in found)


def _run_shell(commands: str, service: Service, data_dir: Path) -> str:
    """Run what the README says to paste, with this service's address and folder in place of the usual ones."""
    there = commands.replace("http://127.0.0.1:8000", service.url).replace(".quote-service/", f"{data_dir}/")
    assert shlex.quote(str(data_dir)) == str(data_dir)
    assert httpx.URL(service.url).host == "127.0.0.1"
    return subprocess.run(["sh", "-euc", there], capture_output=True, text=True, check=True, timeout=60).stdout


def _without_settings() -> dict[str, str]:
    names = ("QUOTE_", "DATABASE_", "REDIS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}
