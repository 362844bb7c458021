"""The server that is tested: the one that `OFREP_URL` names, or this service with the flags that the suite wants."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import execute
from tests.feature_flags.conftest import FLAGS, draft_of
from tests.fixtures.serve import Served, served
from tests.ofrep.flag_set import WANTED, flags_of_this_service
from tests.ofrep.server import OfrepServer, eventually

MakeCaller = Callable[..., dict[str, str]]


@pytest.fixture(scope="package")
def running(
    server_folder: Path, postgres_server: PostgresServer, migrated_template: str, valkey_server: ValkeyServer
) -> Iterator[Served]:
    """This service, for itself: flags of other tests would come and go in what is answered."""
    database = f"test_{secrets.token_hex(6)}"
    execute(postgres_server, f"CREATE DATABASE {database} TEMPLATE {migrated_template}")
    with served(server_folder, postgres_server.url_of(database), valkey_server.url) as started:
        yield started


@pytest.fixture(scope="package")
def flag_admin(running: Served) -> Iterator[httpx.Client]:
    with running.admin() as client:
        yield client


@pytest.fixture(scope="package")
def new_key(running: Served, flag_admin: httpx.Client) -> MakeCaller:
    """Makes API keys with these scopes, known to the service; answers their headers."""

    def make(*scopes: str, **members: Any) -> dict[str, str]:
        draft = {"name": "of a test", "scopes": list(scopes), "rate_limit": None, **members}
        made = flag_admin.post("/api/v1/api-keys", json=draft)
        assert made.status_code == 201, made.text
        headers = {"X-API-Key": made.json()["data"]["key"]}
        users = f"{running.url}/api/v1/users"
        eventually(lambda: httpx.get(users, headers=headers).status_code != 401, "the key is known")
        return headers

    return make


@pytest.fixture(scope="package")
def here(running: Served, flag_admin: httpx.Client, new_key: MakeCaller) -> OfrepServer:
    """This service, with the flags of the suite."""
    for draft in flags_of_this_service():
        created(flag_admin, **draft)

    def change(key: str, value: Any) -> None:
        held = flag_admin.get(f"{FLAGS}/key/{key}").json()["data"]
        answer = flag_admin.put(f"{FLAGS}/{held['id']}", json=draft_of(held, value=value))
        assert answer.status_code == 200, answer.text

    server = OfrepServer(running.url, new_key("flags:evaluate"), change)
    eventually(lambda: set(WANTED) <= keys_of(server.all({"targetingKey": "u"})), "the flags are known")
    return server


@pytest.fixture(scope="package")
def ofrep(request: pytest.FixtureRequest) -> OfrepServer:
    """The server that the black-box suite is pointed at."""
    url = os.environ.get("OFREP_URL")
    if not url:
        made: OfrepServer = request.getfixturevalue("here")
        return made
    command = os.environ.get("OFREP_CHANGE")

    def change(key: str, value: Any) -> None:
        subprocess.run([*shlex.split(command or ""), key, json.dumps(value)], check=True, timeout=60)

    return OfrepServer(url, json.loads(os.environ.get("OFREP_HEADERS", "{}")), change if command else None)


def created(admin: httpx.Client, **draft: Any) -> dict[str, Any]:
    """A flag that was made."""
    answer = admin.post(FLAGS, json=draft)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


def keys_of(answer: httpx.Response) -> set[str]:
    """The keys in an answer with all flags."""
    assert answer.status_code == 200, answer.text
    return {item["key"] for item in answer.json()["flags"]}
