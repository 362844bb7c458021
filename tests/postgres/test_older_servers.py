"""What the service does on PostgreSQL 15 and 16, where their servers are installed as Debian installs them.

Source: docs/production.md#postgresql.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from quote_service.lab.embedded.accounts import account_for
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.postgres.migrate import migrate
from tests.catalog.shop import a_product
from tests.fixtures.serve import Served, a_basket, secret_settings, served, until
from tests.fixtures.service import Started
from tests.replay.replays import REPLAYS

VERSIONS = [version for version in (15, 16) if Path(f"/usr/lib/postgresql/{version}/bin/postgres").exists()]

pytestmark = pytest.mark.skipif(not VERSIONS, reason="neither PostgreSQL 15 nor 16 is installed")


@pytest.fixture(scope="module", params=VERSIONS or [15])
def older_url(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[str]:
    """A migrated database of an older server."""
    programs = Path(f"/usr/lib/postgresql/{request.param}/bin")
    folder = server_folder / f"postgres-{request.param}"
    folder.mkdir()
    account = account_for(folder)
    owner: dict[str, Any] = {}
    if account is not None:
        os.chown(folder, account.uid, account.gid)
        owner = {"user": account.uid, "group": account.gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **owner)

    data, port = folder / "data", free_port()
    run(str(programs / "initdb"), f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8")
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    control = [str(programs / "pg_ctl"), f"--pgdata={data}"]
    run(*control, "--wait", f"--log={folder / 'log'}", f"--options={settings}", "start")
    try:
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        asyncio.run(migrate(url))
        yield url
    finally:
        with suppress(subprocess.CalledProcessError):
            run(*control, "--wait", "--mode=immediate", "stop")


@pytest.fixture(scope="module")
def service(older_url: str, redis_url: str, server_folder: Path) -> Iterator[Served]:
    """A service and a worker on it."""
    environment = {"DATABASE_URL": older_url, "REDIS_URL": redis_url, **secret_settings()}
    with served(server_folder, older_url, redis_url) as running:
        worker = Started(["worker"], server_folder / f"worker-{free_port()}.log", environment, forked=True)
        try:
            yield running
        finally:
            worker.stop()
        assert "Traceback" not in worker.output(), worker.output()


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_a_quote_is_ordered_and_replayed(service: Served) -> None:
    with service.checkout() as checkout, service.admin() as admin:
        quote = done(checkout.post("/api/v1/quote", json=a_basket()))
        key = {"Idempotency-Key": uuid4().hex}
        order = done(admin.post("/api/v1/orders", json={"quote_id": quote["quote_id"]}, headers=key), 201)
        assert order["total_amount"] == quote["total_amount"]
        since = datetime.now(UTC) - timedelta(hours=1)
        replay = done(admin.post(REPLAYS, json={"from": since.isoformat()}), 202)
        place = f"{REPLAYS}/{replay['id']}"
        until(lambda: done(admin.get(place))["status"] not in ("queued", "running"), "it has ended", service.started)
        assert done(admin.get(place))["status"] == "done"


def test_names_are_found_and_sorted_by_the_letters_of_unicode(service: Served) -> None:
    with service.admin() as admin:
        word = f"Ümlaut{uuid4().hex[:8]}"
        made = done(admin.post("/api/v1/products", json=a_product(name=f"{word} Çay")), 201)
        found = admin.get("/api/v1/products", params={"q": f"{word.lower()} cay"})
        assert found.status_code == 200, found.text
        assert [each["id"] for each in found.json()["data"]] == [made["id"]]
