"""The compose file as an operator wants it: secrets in files, doors of their own, bounds on everything."""

import re
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from quote_service.lab.embedded.binaries import valkey_program
from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess
from quote_service.platform.settings import SETTINGS
from quote_service.platform.settings.environment import read_settings
from tests.deploy.deployment_tools import ROOT
from tests.fixtures.serve import until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = ("worker", "worker-spark")
OURS = ("migrate", "quote", *WORKERS)
SPARK = ("spark-master", "spark-executor")


def make_secrets(folder: Path, keys: str) -> "subprocess.CompletedProcess[str]":
    command = ["sh", str(ROOT / "deploy/make-secrets"), str(folder)]
    return subprocess.run(command, input=keys, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def secrets(tmp_path: Path, made_keys: str) -> Path:
    folder = tmp_path / "secrets"
    done = make_secrets(folder, made_keys)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def made_keys() -> str:
    """What `quote-service secrets` prints."""
    from click.testing import CliRunner

    from quote_service.serving.cli.make_secrets import make_secrets as command

    return CliRunner().invoke(command).output


def test_no_secret_stands_in_an_environment() -> None:
    secret = {setting.variable for setting in SETTINGS if setting.is_secret}
    for name, service in SERVICES.items():
        environment = service.get("environment", {})
        assert not secret & environment.keys(), name
        assert not [each for each in environment if "PASSWORD" in each and not each.endswith("_FILE")], name
    assert "${" not in (ROOT / "docker-compose.yml").read_text()


def test_each_secret_named_is_given_and_made(secrets: Path) -> None:
    made = {each.name for each in secrets.iterdir()}
    assert {Path(each["file"]).name for each in COMPOSE["secrets"].values()} == made
    for name, service in SERVICES.items():
        named = set(re.findall(r"/run/secrets/([\w.]+)", str(service)))
        assert named == set(service.get("secrets", ())), name
    assert set().union(*(service.get("secrets", ()) for service in SERVICES.values())) == made


def test_the_service_takes_the_secrets_as_they_are_made(secrets: Path) -> None:
    for name in OURS:
        environment = {
            variable: value.replace("/run/secrets", str(secrets))
            for variable, value in SERVICES[name]["environment"].items()
        }
        settings = read_settings(environment)
        assert settings.database_url.endswith("@postgres:5432/quote")
        assert (secrets / "POSTGRES_PASSWORD").read_text().strip() in settings.database_url
        assert settings.jwt_keys
        assert settings.signing_keys
        assert settings.receipt_keys


def test_secrets_are_closed_to_others_and_never_made_twice(secrets: Path, made_keys: str) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in secrets.iterdir()} == {0o444}
    before = {each.name: each.read_text() for each in secrets.iterdir()}
    again = make_secrets(secrets, made_keys)
    assert again.returncode != 0
    assert "already" in again.stderr
    assert {each.name: each.read_text() for each in secrets.iterdir()} == before


def test_secrets_are_not_made_without_keys(tmp_path: Path) -> None:
    done = make_secrets(tmp_path / "secrets", "")
    assert done.returncode != 0
    assert "quote-service secrets" in done.stderr
    assert not list(tmp_path.iterdir())


def test_valkey_asks_for_the_password_that_the_service_knows(secrets: Path, tmp_path: Path) -> None:
    port = free_port()
    _, *arguments = (str(word).replace("/run/secrets", str(secrets)) for word in SERVICES["valkey"]["command"])
    data = tmp_path / "data"
    data.mkdir()
    command = [str(valkey_program()), *arguments, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]
    process = OwnedProcess(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, last_signal="KILL")
    url = (secrets / "REDIS_URL").read_text().strip().replace("@valkey:6379", f"@127.0.0.1:{port}")
    try:
        with redis.Redis.from_url(url) as known, redis.Redis(port=port) as stranger:
            until(lambda: answers(known), "valkey answers")
            assert known.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert known.config_get("appendonly") == {"appendonly": "yes"}
            with pytest.raises(redis.AuthenticationError):
                stranger.ping()
    finally:
        process.terminate()
        process.wait(60)


def answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_stores_and_metrics_are_on_networks_that_nothing_leads_out_of() -> None:
    networks = COMPOSE["networks"]
    assert networks["data"]["internal"] is True
    assert networks["metrics"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["data"]
    assert {name for name, service in SERVICES.items() if "metrics" in service["networks"]} == {
        *OURS,
        "prometheus",
        "collector",
    }
    assert not [name for name in ("prometheus", "collector", "grafana") if "data" in SERVICES[name]["networks"]]


def test_the_port_of_metrics_is_the_one_asked_and_published_nowhere() -> None:
    jobs = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text())["scrape_configs"]
    scraped = [target for job in jobs for static in job["static_configs"] for target in static["targets"]]
    assert set(scraped) == {
        f"quote:{SERVICES['quote']['environment']['QUOTE_METRICS_PORT']}",
        *(f"{name}:{SERVICES[name]['environment']['QUOTE_WORKER_METRICS_PORT']}" for name in WORKERS),
    }
    assert SERVICES["quote"]["ports"] == ["127.0.0.1:8000:8000"]
    assert not [name for name in (*WORKERS, *SPARK) if "ports" in SERVICES[name]]


def test_webhooks_have_a_way_out() -> None:
    assert not (COMPOSE["networks"]["webhooks"] or {}).get("internal")
    assert [name for name, service in SERVICES.items() if "webhooks" in service["networks"]] == list(WORKERS)


def test_only_the_gateway_of_the_published_network_is_believed() -> None:
    (front,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    trusted = SERVICES["quote"]["environment"]["QUOTE_TRUSTED_PROXIES"]
    assert trusted == front["gateway"]
    assert ip_address(trusted) in ip_network(front["subnet"])
    assert [name for name, service in SERVICES.items() if "front" in service["networks"]] == ["quote"]


@pytest.mark.parametrize("name", SERVICES)
def test_everything_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert re.search(r":[\w.-]*\d", service["image"]) or name in (*OURS, *SPARK), "an image without a version"


def test_valkey_has_memory_beyond_what_it_keeps() -> None:
    words = SERVICES["valkey"]["command"]
    assert words[words.index("--maxmemory") + 1] == "1gb"
    assert SERVICES["valkey"]["mem_limit"] == "2g"


def test_each_service_has_the_image_that_holds_what_it_does() -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    targets = {name: SERVICES[name]["build"] for name in (*OURS, *SPARK)}
    assert targets["quote"] == targets["migrate"] == "."
    assert stages[-1] == "serving", "what is built without a target serves"
    assert {name: each["target"] for name, each in targets.items() if isinstance(each, dict)} == {
        "worker": "intelligence",
        **dict.fromkeys(("worker-spark", *SPARK), "spark"),
    }
    assert {"intelligence", "spark"} < set(stages)
    images = {name: SERVICES[name]["image"] for name in (*OURS, *SPARK)}
    # One image of one target.
    assert len(set(images.values())) == len({str(each) for each in targets.values()}) == 3


def test_spark_is_a_profile_that_its_executors_share_a_folder_with() -> None:
    settings = SERVICES["worker-spark"]["environment"]
    assert {SERVICES[name].get("profiles", [None])[0] for name in ("worker-spark", *SPARK)} == {"spark"}
    assert settings["SPARK_MASTER"] == f"spark://spark-master:{SERVICES['spark-master']['command'][4]}"
    assert settings["SPARK_MASTER"] in SERVICES["spark-executor"]["command"]
    folder = settings["QUOTE_ANALYSIS_DIR"]
    assert SERVICES["worker-spark"]["volumes"] == SERVICES["spark-executor"]["volumes"] == [f"analysis:{folder}"]
    assert f"-o 10001 -g 10001 {folder}" in (ROOT / "Dockerfile").read_text(), "a new volume is nobody's else"
    assert COMPOSE["networks"]["spark"]["internal"] is True
    for name in SPARK:
        assert not SERVICES[name].get("secrets"), "what computes needs to know no secret"
