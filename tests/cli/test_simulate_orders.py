"""`quote-service simulate-orders` against a running service.

Source: docs/spec/seeding.md#shoppers.
"""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from quote_service.cli import main
from tests.fixtures.environment import service_environment
from tests.fixtures.postgres_clusters import put_cluster_into
from tests.fixtures.service import PATIENCE_SECONDS, Service, start_development

PRICES = [{"currency": "TRY", "base_price": 100, "current_price": 80, "min_price": 50, "max_price": 200}]


@pytest.fixture(scope="module")
def data_dir(server_folder: Path) -> Path:
    return server_folder / "shoppers"


@pytest.fixture(scope="module")
def shop(data_dir: Path) -> Iterator[Service]:
    """A service of this module's own: nobody else accepts quotes of it."""
    put_cluster_into(data_dir / "postgres")
    started, service = start_development(data_dir, "--no-seed", forked=True)
    yield service
    started.stop()


def accepted(service: Service) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(service.database_url)
        try:
            counted: int = await connection.fetchval("SELECT count(*) FROM accepted_quotes")
            return counted
        finally:
            await connection.close()

    return asyncio.run(ask())


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate-orders", *arguments])


def figure(summary: str, name: str) -> int:
    found = re.search(rf"^ *{name} +(\d+)", summary, re.MULTILINE)
    assert found, summary
    return int(found[1])


def test_a_shop_without_products_is_told(shop: Service, data_dir: Path) -> None:
    refused = simulate("--data-dir", str(data_dir))
    assert refused.exit_code == 1
    assert "sells no product" in refused.stderr


def test_shoppers_buy(shop: Service, data_dir: Path) -> None:
    with shop.admin() as admin:
        for number in range(3):
            body = {"sku": f"TEA-{number}", "name": f"Tea number {number}", "prices": PRICES}
            assert admin.post("/api/v1/products", json=body).status_code == 201
    before = accepted(shop)
    lived = simulate("--data-dir", str(data_dir), "--rate", "30", "--minutes", "0.03", "--elasticity", "4")
    assert lived.exit_code == 0, lived.output
    summary = lived.stdout
    assert figure(summary, "Shoppers") == 54
    assert figure(summary, "Errors") == 0, summary
    bought = figure(summary, "accepted")
    assert accepted(shop) - before == bought == len(re.findall(r" x Tea number \d at 80", summary))
    # At this elasticity four fifths of the base price are always bought, but for those who leave anyway.
    assert figure(summary, "too dear") == 0
    assert bought + figure(summary, "abandoned") == figure(summary, "Quotes") == 54
    assert "80.0 % of the base price" in summary


def new_key(service: Service, **fields: Any) -> str:
    """A new API key that the service knows."""
    with service.admin() as admin, service.anonymous() as anonymous:
        key: str = admin.post("/api/v1/api-keys", json={"name": "shoppers", **fields}).json()["data"]["key"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while anonymous.get("/api/v1/users", headers={"X-API-Key": key}).status_code == 401:
            assert time.monotonic() < deadline, "the key is not known"
            time.sleep(0.01)
    return key


def test_a_key_that_may_not_is_told(shop: Service) -> None:
    told = simulate("--url", shop.url, "--api-key", new_key(shop, scopes=["quote:read"]))
    assert told.exit_code == 1
    assert "cannot be used: forbidden" in told.stderr


def test_refusals_are_counted_by_their_code(shop: Service) -> None:
    limit = {"requests_per_second": 1, "burst": 6}
    key = new_key(shop, scopes=["quote:write"], rate_limit=limit)
    lived = simulate("--url", shop.url, "--api-key", key, "--rate", "100", "--minutes", "0.01")
    assert lived.exit_code == 0, lived.output
    assert figure(lived.stdout, "rate-limited") == figure(lived.stdout, "Errors") > 0


def test_ctrl_c_ends_it_with_a_summary(shop: Service, data_dir: Path) -> None:
    command = [sys.executable, "-m", "quote_service", "simulate-orders", "--data-dir", str(data_dir), "--minutes", "60"]
    running = subprocess.Popen(
        [*command, "--rate", "20"], env=service_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    rest, errors = running.communicate(timeout=60)
    assert running.returncode == 0, errors
    assert " x Tea number " in first
    assert figure(rest, "accepted") >= 1
    assert figure(rest, "Errors") == 0
    assert "Traceback" not in errors


def test_a_service_that_is_away_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused = simulate("--url", f"http://127.0.0.1:{port}", "--api-key", "k")
    assert refused.exit_code == 1
    assert "ConnectError" in refused.stderr


@pytest.mark.parametrize(
    "arguments", [("--rate", "0"), ("--minutes", "-1"), ("--concurrency", "0"), ("--url", "ftp://x", "--api-key", "k")]
)
def test_wrong_arguments_are_told(arguments: tuple[str, ...]) -> None:
    refused = simulate(*arguments)
    assert refused.exit_code == 2
    assert arguments[0] in refused.stderr
