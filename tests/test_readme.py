"""The first pages and the generated ones are true: first quote, examples, tables, links.

Source: docs/spec/operations.md#settings.
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

from loadtests.bench.headlines import KINDS, read_headlines
from quote_service.platform.settings import SETTINGS, Settings, read_settings, shown_value
from tests.fixtures.service import Service, start_development
from tests.readme import (
    ENDPOINTS,
    ENV_EXAMPLE,
    FIGURES,
    PERFORMANCE,
    PRODUCTION,
    README,
    RULES,
    SETTINGS_PAGE,
    START,
    TABLES,
    Example,
    env_example,
    examples,
    shows,
    table,
    text,
)


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    return server_folder / "readme"


@pytest.fixture(scope="module")
def seeded(data_dir: Path) -> Iterator[tuple[Service, Any]]:
    """A service with the demonstration data, and its answers to the first quotes, before any example has changed it."""
    started, service = start_development(data_dir)
    answers = [_run_shell(commands, service, data_dir) for commands in (_first_command(), _catalog_command())]
    yield service, [json.loads(answer, parse_float=str) for answer in answers]
    started.stop()


def test_the_first_quote_is_answered_as_shown(seeded: tuple[Service, Any]) -> None:
    _, (answer, _) = seeded
    assert shows(json.loads(_shown_answers()[0], parse_float=str), answer), json.dumps(answer, indent=1)


def test_a_quote_of_the_catalog_is_answered_as_shown(seeded: tuple[Service, Any]) -> None:
    _, (_, answer) = seeded
    assert shows(json.loads(_shown_answers()[1], parse_float=str), answer), json.dumps(answer, indent=1)


def test_the_first_purchase_is_made_as_pasted(seeded: tuple[Service, Any], data_dir: Path) -> None:
    service, _ = seeded
    [commands] = [found for found in re.findall(r"```sh\n(.*?)```", text(START), re.DOTALL) if "/purchases" in found]
    key = _first_command().partition("\n")[0]
    for _ in range(2):  # the second time it is the same purchase
        reported = _run_shell(f"{key}\n{commands}", service, data_dir)
        bought, end = json.JSONDecoder().raw_decode(reported)
        assert bought["data"]["status"] == "confirmed", reported
        listed = json.loads(reported[end:])["data"]
        assert [one["purchase_id"] for one in listed] == [bought["data"]["purchase_id"]]


def test_the_first_rule_is_taken_as_pasted(seeded: tuple[Service, Any], data_dir: Path) -> None:
    service, _ = seeded
    commands = [found for found in re.findall(r"```sh\n(.*?)```", text(RULES), re.DOTALL) if "$TOKEN" in found]
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
    types = "DELIVERY_FEE EXPRESS_FEE SMALL_BASKET_FEE FREE_DELIVERY TAX COMMISSION_TAX PROMOTION COUPON PERCENTAGE FLAT TIERED split"
    assert not [name for name in types.split() if f'"{name}"' not in bodies]


@pytest.mark.parametrize("document", TABLES, ids=lambda document: document.name)
def test_the_table_is_what_is_built(document: Path) -> None:
    _, make = TABLES[document]
    assert table(document) == make(), "python -m tests.readme writes it"


def test_the_figures_of_the_performance_page_are_those_of_the_file() -> None:
    # A figure that no run in full has had yet is not shown; those from before there were more peers are all there.
    shown = read_headlines(FIGURES)
    assert len(re.findall(r"^\| .* \| \d+ \|$", table(PERFORMANCE), re.MULTILINE)) == len(shown)
    assert not {key for key in KINDS if not key.endswith("_gin")} - shown.keys()


def test_the_endpoints_are_those_of_the_running_service(service: Service) -> None:
    with service.anonymous() as client:
        paths: dict[str, dict[str, Any]] = client.get("/docs/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert set(re.findall(r"^- `([A-Z]+) ([^`]+)`", table(ENDPOINTS), re.MULTILINE)) == described


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
    assert re.findall(r"^- `(\w+)", table(SETTINGS_PAGE), re.MULTILINE) == [row[0] for row in rows]


def test_the_example_of_an_environment_has_every_setting() -> None:
    assert text(ENV_EXAMPLE) == env_example(), "python -m tests.readme writes it"
    given = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", text(ENV_EXAMPLE), re.MULTILINE))
    assert given.keys() == {setting.variable for setting in SETTINGS}
    assert read_settings(given) == Settings()


def test_a_copy_of_the_example_and_made_secrets_are_an_environment(tmp_path: Path) -> None:
    environment = tmp_path / ".env"
    environment.write_text(text(ENV_EXAMPLE), "utf-8")
    commands = (
        f"{shlex.quote(sys.executable)} -m quote_service secrets >> {shlex.quote(str(environment))}",
        "echo DATABASE_URL=postgresql://quote@localhost/quote REDIS_URL=redis://localhost | tr ' ' '\\n' >> "
        f"{shlex.quote(str(environment))}",
        f"set -a; . {shlex.quote(str(environment))}; set +a",
        f"{shlex.quote(sys.executable)} -m quote_service config --check",
    )
    subprocess.run(["sh", "-euc", "\n".join(commands)], cwd=README.parent, env=_without_settings(), check=True)


@pytest.mark.parametrize("document", [README, START, PRODUCTION, RULES, *TABLES], ids=lambda document: document.name)
def test_what_is_linked_is_there(document: Path) -> None:
    for target in sorted(set(re.findall(r"\]\(([^)#]+)\)", text(document)))):
        linked = document.parent / target
        assert linked.exists(), target
        if target.startswith("tests/") and linked.is_dir():
            assert any(linked.rglob("test_*.py")), f"{target}: names tests where there are none"


@pytest.mark.parametrize(
    "command",
    sorted(
        set(re.findall(r"^(?:docker compose run --rm quote|quote-service) ([a-z-]+)", text(PRODUCTION), re.MULTILINE))
    ),
)
def test_the_commands_exist(command: str) -> None:
    subprocess.run([sys.executable, "-m", "quote_service", command, "--help"], cwd=README.parent, check=True)


def test_a_shortened_answer_must_hold() -> None:
    actual = {"a": "1.50", "b": [{"c": 1, "d": "x"}], "e": "01a1"}
    assert shows({"a": "1.50", "b": [{"c": 1}], "e": "..."}, actual)
    wrong: Any
    for wrong in ({"a": "1.5"}, {"b": []}, {"b": [{"c": 2}]}, {"f": 1}, {"b": [{"c": True}]}, {"e": "01a2"}):
        assert not shows(wrong, actual)


def _first_command() -> str:
    return next(str(found) for found in re.findall(r"```sh\n(.*?)```", text(START), re.DOTALL) if "$KEY" in found)


def _catalog_command() -> str:
    """The second one, which uses the first one's key."""
    [commands] = [found for found in re.findall(r"```sh\n(.*?)```", text(START), re.DOTALL) if "$COFFEE" in found]
    key = _first_command().partition("\n")[0]
    return f"{key}\n{commands}"


def _shown_answers() -> list[str]:
    return re.findall(r"```json\n(.*?)```", text(START), re.DOTALL)


def _run_shell(commands: str, service: Service, data_dir: Path) -> str:
    """Run what the page says to paste, with this service's address and folder in place of the usual ones."""
    there = commands.replace("http://127.0.0.1:8000", service.url).replace(".quote-service/", f"{data_dir}/")
    assert shlex.quote(str(data_dir)) == str(data_dir)
    assert httpx.URL(service.url).host == "127.0.0.1"
    return subprocess.run(["sh", "-euc", there], capture_output=True, text=True, check=True, timeout=60).stdout


def _without_settings() -> dict[str, str]:
    names = ("QUOTE_", "DATABASE_", "REDIS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}
