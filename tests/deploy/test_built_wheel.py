"""The wheel that `make` has built, installed by itself as the image does it: its quote path is machine code, and it serves.

`make test` names it in BUILT_WHEEL; where there is no C compiler there is none.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess
from tests.deploy.deployment_tools import ROOT, script
from tests.fixtures.serve import QUOTE, Served, a_basket, served, until

WHEEL = os.environ.get("BUILT_WHEEL", "")
pytestmark = pytest.mark.skipif(
    not WHEEL, reason="BUILT_WHEEL names no wheel; make test does where there is a C compiler"
)
_FILES = "import importlib, sys; print(*(importlib.import_module(name).__file__ for name in sys.argv[1:]), sep='\\n')"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment: the wheel, and the packages of the environment that tests, without the project itself."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    uv = str(Path(sys.executable).with_name("uv"))
    run(uv, "pip", "install", "--python", str(folder / "bin/python"), "--offline", "--no-deps", "--no-cache", WHEEL)
    # A path within a .pth file is not searched for further .pth files, so that the editable project stays outside.
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(*command: str, **more: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    done = subprocess.run(
        command, env=environment | more, cwd="/", capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_of_the_list_is_machine_code(installed: Path) -> None:
    names = [f"quote_service.{name.replace('/', '.')}" for name in script("compile_package").COMPILED]
    files = run(str(installed / "bin/python"), "-c", _FILES, *names).split()
    assert len(files) == len(names)
    assert [file for file in files if not file.endswith(".so") or not Path(file).is_relative_to(installed)] == []


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, database_url: str, redis_url: str) -> Iterator[Served]:
    """A service of the sources on the same servers, whose callers are known and whose settings are good."""
    with served(tmp_path_factory.mktemp("plain"), database_url, redis_url) as service:
        yield service


def test_what_is_installed_serves(installed: Path, prepared: Served, database_url: str, redis_url: str) -> None:
    port = free_port()
    secrets = dict(
        line.split("=", 1) for line in run(str(installed / "bin/quote-service"), "secrets").splitlines() if line
    )
    environment = {
        **secrets,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "QUOTE_PORT": str(port),
        "QUOTE_METRICS_PORT": "0",
        "QUOTE_DRAIN_SECONDS": "0",
        "PATH": os.environ["PATH"],
    }
    process = OwnedProcess(
        [str(installed / "bin/quote-service"), "serve"], cwd="/", env=environment, last_signal="KILL"
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:

            def answers() -> bool:
                try:
                    return http.get("/health/ready").status_code == 200
                except httpx.TransportError:
                    return process.poll() is not None

            until(answers, "ready")
            quoted = http.post(QUOTE, json=a_basket(), headers={"X-API-Key": prepared.api_key})
            assert quoted.status_code == 200, quoted.text
            assert msgspec.json.decode(quoted.content)["data"]["subtotal"] == 51
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_the_wheel_is_of_this_release() -> None:
    version = msgspec.toml.decode((ROOT / "pyproject.toml").read_bytes())["project"]["version"]
    assert Path(WHEEL).name.startswith(f"quote_service-{version}-")
