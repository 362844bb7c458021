"""The page of the event bus, as pasted: its commands against the service, its settings as a process reads them.

Source: docs/spec/event-bus.md.
"""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from quote_service.platform.settings import read_settings
from quote_service.serving.cli.make_secrets import make_secrets
from tests.catalog.shop import a_product
from tests.fixtures.programs import write_programs
from tests.fixtures.service import PATIENCE_SECONDS, Service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/spec/event-bus.md").read_text("utf-8")


def blocks_of(heading: str) -> list[str]:
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture
def paste(service: Service, tmp_path: Path) -> object:
    """Runs what somebody has pasted, with the programs that the page names; answers what it printed."""
    write_programs(tmp_path, service)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QUOTE_")},
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": service.database_url,
        "REDIS_URL": service.redis_url,
    }

    def run(block: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", block]
        pasted = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert pasted.returncode == 0, pasted.stderr
        return pasted.stdout

    return run


def test_another_program_listens_as_the_page_says(admin: httpx.Client, service: Service, paste: object) -> None:
    assert callable(paste)
    (block,) = blocks_of("Listen")
    create, read = block.splitlines()
    paste(create)
    # One of a handful of products has its prices in the stream that the page reads.
    deadline, reported = time.monotonic() + PATIENCE_SECONDS, ""
    while "price.changed" not in reported:
        assert time.monotonic() < deadline, "no event came"
        made = admin.post("/api/v1/products", json=a_product())
        assert made.status_code == 201, made.text
        reported = paste(read)
    assert '"topic":"price-updates"' in reported.replace('\\"', '"')


def test_an_operator_looks_after_it_as_the_page_says(paste: object) -> None:
    assert callable(paste)
    (block,) = blocks_of("Look after it")
    lag, letters, retry, replay = block.splitlines()[2:]  # after the addresses of its servers, which are given here
    assert {each["consumer_group"] for each in json.loads(paste(lag))["groups"]} >= {"behaviour"}
    assert all(json.loads(line)["consumer_group"] for line in paste(letters).splitlines())
    assert re.search(r"\d", paste(retry))
    assert "behaviour" in paste(replay)


def test_the_settings_of_kafka_are_read_as_the_page_gives_them(tmp_path: Path) -> None:
    from click.testing import CliRunner

    (block,) = blocks_of("Kafka")
    password = tmp_path / "kafka"
    password.write_text("of the broker\n", "utf-8")
    given = dict(line.split("=", 1) for line in block.replace("/run/secrets/kafka", str(password)).splitlines())
    keys = dict(re.findall(r"^(QUOTE_\w+)=(\S+)$", CliRunner().invoke(make_secrets).output, re.MULTILINE))
    settings = read_settings(
        {**given, **keys, "DATABASE_URL": "postgresql://db/quote", "REDIS_URL": "redis://redis:6379/0"}
    )
    assert settings.event_bus == "kafka"
    assert len(settings.kafka_servers) == settings.kafka_replication == 3
    assert (settings.kafka_security, settings.kafka_password) == ("sasl_ssl", "of the broker")


def test_every_setting_and_figure_that_the_page_names_exists() -> None:
    from quote_service.platform.settings import SETTINGS

    known = {each.variable for each in SETTINGS} | {f"{each.variable}_FILE" for each in SETTINGS if each.is_secret}
    assert set(re.findall(r"QUOTE_[A-Z_]+", PAGE)) <= known
    alerts = (ROOT / "deploy/alerts.yml").read_text("utf-8")
    named = set(re.findall(r"`(Event\w+)`", PAGE))
    assert len(named) == 4
    assert all(f"alert: {each}" in alerts for each in named)
