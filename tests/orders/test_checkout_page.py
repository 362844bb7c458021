"""The programs of `docs/checkout.md`, as they stand there, against the service: each language whose tools are here.

Source: docs/spec/quotes.md#accept-a-quote; docs/spec/orders.md.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.settings import Key, Settings
from tests.access.running import UNLIMITED, RunningService, running, until

PAGE = (Path(__file__).parents[2] / "docs" / "checkout.md").read_text("utf-8")
SECRET = b"a secret of thirty-two characters"
PATIENCE_SECONDS = 300


class Program(NamedTuple):
    """How a language is made ready and run; `tools` are what that needs."""

    fence: str
    file: str
    run: tuple[str, ...]
    tools: tuple[str, ...]
    build: tuple[str, ...] = ()


PROGRAMS = {
    "curl": Program("bash", "checkout.sh", ("bash", "checkout.sh"), ("bash", "curl", "openssl", "sed", "od", "base64")),
    "Python": Program("python", "checkout.py", ("python3", "checkout.py"), ("python3",)),
    "TypeScript": Program("ts", "checkout.mjs", ("node", "checkout.mjs"), ("node",)),
    "Go": Program("go", "checkout.go", ("./checkout",), ("go",), ("go", "build", "-o", "checkout", "checkout.go")),
    "Java": Program(
        "java", "Checkout.java", ("java", "-cp", ".", "Checkout"), ("java", "javac"), ("javac", "Checkout.java")
    ),
    "PHP": Program("php", "checkout.php", ("php", "checkout.php"), ("php",)),
}


@pytest.fixture(scope="module")
def service(database_url: str, valkey_server: ValkeyServer) -> Iterator[RunningService]:
    settings = Settings(
        database_url=database_url,
        redis_url=valkey_server.url,
        jwt_keys=(Key("dev", b"j" * 32),),
        signing_keys=(Key("dev", SECRET),),
        receipt_keys=(Key("dev", b"r" * 32),),
        development=True,
        **UNLIMITED,
    )
    with running(settings) as started:
        for key, kind, value in (
            ("express_delivery_multiplier", "NUMBER", "2.50"),
            ("whole", "NUMBER", "3.00"),
            ("told", "STRING", '"1.50"'),
        ):
            # With the digits that an admin wrote, which the answer repeats and the signature does not.
            flag = f'{{"key": "{key}", "type": "{kind}", "value": {value}, "is_enabled": true}}'
            made = started.http.post(
                "/api/v1/feature-flags",
                content=flag,
                headers={**started.as_role("admin"), "Content-Type": "application/json"},
            )
            assert made.status_code == 201, made.text
        yield started


@pytest.fixture(scope="module")
def api_key(service: RunningService) -> str:
    key = service.new_key("quote:write", "order:write")

    def quote_has_flags() -> bool:
        basket = {**json.loads(block("json")), "customer_id": str(uuid4())}
        quoted = service.http.post("/api/v1/quote", json=basket, headers={"X-API-Key": key})
        return len(quoted.json()["data"]["feature_flags"]) == 3

    until(quote_has_flags, "quotes have the flags")
    return key


def block(fence: str) -> str:
    """The only block of this kind on the page."""
    [found] = re.findall(rf"^```{fence}\n(.*?)^```$", PAGE, re.M | re.S)
    return str(found)


def ran(
    program: Program, folder: Path, service: RunningService, key: str, secret: bytes
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "QUOTE_URL": service.url,
        "QUOTE_API_KEY": key,
        "QUOTE_SIGNING_SECRET": base64.b64encode(secret).decode(),
    }
    return subprocess.run(
        program.run, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


def orders_of(service: RunningService, customer: str) -> int:
    found = service.http.get("/api/v1/orders", params={"customer_id": customer}, headers=service.as_role("admin"))
    assert found.status_code == 200, found.text
    return len(found.json()["data"])


@pytest.mark.long("compiles and runs a program in each language")
@pytest.mark.parametrize("language", PROGRAMS)
def test_a_program_of_the_page_checks_accepts_and_orders(
    language: str, service: RunningService, api_key: str, tmp_path: Path
) -> None:
    program, source = PROGRAMS[language], block(PROGRAMS[language].fence)
    missing = [tool for tool in program.tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    customer = str(uuid4())
    (tmp_path / program.file).write_text(source, "utf-8")
    basket = json.dumps({**json.loads(block("json")), "customer_id": customer})
    (tmp_path / "basket.json").write_text(basket.replace("25.5,", "25.50,"), "utf-8")
    if program.build:
        offline = {**os.environ, "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
        built = subprocess.run(
            program.build,
            cwd=tmp_path,
            env=offline,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert built.returncode == 0, built.stderr

    refused = ran(program, tmp_path, service, api_key, b"another secret of the same length")
    assert refused.returncode != 0
    assert "The signature does not hold" in refused.stderr + refused.stdout
    assert "accepted" not in refused.stdout
    assert orders_of(service, customer) == 0

    for _ in range(2):  # whoever sends it again finds the same order
        done = ran(program, tmp_path, service, api_key, SECRET)
        assert (done.returncode, done.stdout) == (0, block("output")), done.stderr
    assert orders_of(service, customer) == 1


def test_every_language_of_the_page_is_run() -> None:
    reported = re.findall(r"^## (\S+)$", PAGE, re.M)
    assert reported == list(PROGRAMS)
