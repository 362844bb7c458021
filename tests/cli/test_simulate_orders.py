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
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result

from quote_service.serving.cli import main
from tests.fixtures.environment import service_environment
from tests.fixtures.postgres_clusters import put_cluster_into
from tests.fixtures.service import PATIENCE_SECONDS, Service, start_development

pytestmark = pytest.mark.long("an installation of its own that shoppers buy from")

PRICES = [{"currency": "TRY", "base_price": 100, "current_price": 80, "min_price": 50, "max_price": 200}]

# However slow the machine is, nobody is turned away.
NO_QUEUE = ("--concurrency", "1000")


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


@pytest.fixture(scope="module")
def stocked(shop: Service) -> Service:
    """The same service, once it sells something."""
    with shop.admin() as admin:
        for number in range(3):
            body = {"sku": f"TEA-{number}", "name": f"Tea number {number}", "prices": PRICES}
            assert admin.post("/api/v1/products", json=body).status_code == 201
    return shop


def counted(service: Service, statement: str) -> Counter[str]:
    """Rows of a name and a count."""

    async def ask() -> Counter[str]:
        connection = await asyncpg.connect(service.database_url)
        try:
            return Counter({row[0]: row[1] for row in await connection.fetch(statement)})
        finally:
            await connection.close()

    return asyncio.run(ask())


def orders_of(service: Service) -> Counter[str]:
    """How many orders there are by status."""
    return counted(service, "SELECT status, count(*) FROM orders GROUP BY 1")


def check(service: Service, subject: str) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "quote_service", subject, "check"],
        env=service_environment({"DATABASE_URL": service.database_url}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate-orders", *arguments])


def figure(summary: str, name: str) -> int:
    found = re.search(rf"^ *{name} +(\d+)", summary, re.MULTILINE)
    assert found, summary
    return int(found[1])


def test_a_shop_without_products_is_reported(shop: Service, data_dir: Path) -> None:
    refused = simulate("--data-dir", str(data_dir))
    assert refused.exit_code == 1
    assert "sells no product" in refused.stderr


def test_shoppers_buy(stocked: Service, data_dir: Path) -> None:
    before = orders_of(stocked)
    lived = simulate("--data-dir", str(data_dir), "--rate", "30", "--minutes", "0.03", "--elasticity", "4", *NO_QUEUE)
    assert lived.exit_code == 0, lived.output
    summary = lived.stdout
    assert figure(summary, "Shoppers") == 54
    assert figure(summary, "Errors") == 0, summary
    bought = figure(summary, "Orders")
    assert (orders_of(stocked) - before).total() == bought == len(re.findall(r" x Tea number \d at 80", summary))
    # At this elasticity four fifths of the base price are always bought, but for those who leave anyway.
    assert figure(summary, "too expensive") == 0
    assert bought + figure(summary, "abandoned") == figure(summary, "Quotes") == 54
    assert "80.0 % of the base price" in summary


def furnish(shop: Service) -> str:
    """A seller with commission, a product of which there are few, fees, tax, and a promotion that is soon used up; others each time.

    Returns:
        The product, once quotes know all of it.
    """
    since = {"effective_from": "2025-01-01T00:00:00Z"}
    with shop.admin() as admin:

        def make(what: str, **body: Any) -> str:
            made = admin.post(f"/api/v1/{what}", json=body)
            assert made.status_code == 201, made.text
            return str(made.json()["data"]["id"])

        seller = make("sellers", name="Samovar")
        make("commission-rates", commission_type="PERCENTAGE", seller_id=seller, rate=12.5, **since)
        tea = make("products", sku=f"RARE-{seller}", name="Tea number 9", prices=PRICES, seller_id=seller)
        assert admin.put(f"/api/v1/inventory/{tea}", json={"quantity": 2}).status_code == 200
        rules: dict[str, dict[str, Any]] = {
            "TAX": {"rate": 20},
            "SMALL_BASKET_FEE": {"threshold": 200, "fee": "9.90"},
            "PROMOTION": {"kind": "percent", "value": 10, "budget": 20},
        }
        for kind, configuration in rules.items():
            make("pricing-rules", name=kind, type=kind, currency="TRY", configuration=configuration, **since)
        basket = {
            "customer_id": seller,
            "seller_id": seller,
            "items": [{"product_id": tea, "quantity": 1, "unit_price": 80}],
            "delivery_address": {"country": "TR", "city": "Ankara"},
            "currency": "TRY",
        }
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            quoted = admin.post("/api/v1/quote", json=basket, headers={"Cache-Control": "no-cache"})
            answered = quoted.json().get("data", {})
            amounts = [answered.get(name, 0) for name in ("discount_amount", "tax_amount", "small_basket_fee")]
            if all(amounts) and answered["commission_breakdown"]["total_commission"]:
                return tea
            assert time.monotonic() < deadline, quoted.text
            time.sleep(0.02)


def test_orders_are_fulfilled_cancelled_and_refunded_and_the_books_hold(stocked: Service, data_dir: Path) -> None:
    tea, before = furnish(stocked), orders_of(stocked)
    lived = simulate(
        *("--data-dir", str(data_dir), "--rate", "30", "--minutes", "0.05", "--elasticity", "4"),
        *("--cancel", "30", "--refund", "60", *NO_QUEUE),
    )
    assert lived.exit_code == 0, lived.output
    summary = lived.stdout
    assert figure(summary, "Errors") == 0, summary
    placed = orders_of(stocked) - before
    refunded = placed["refunded"] + placed["partly_refunded"]
    assert figure(summary, "Orders") == placed.total()
    assert figure(summary, "cancelled") == placed["cancelled"] > 0
    assert figure(summary, "fulfilled") == placed["fulfilled"] + refunded
    assert figure(summary, "Refunds") >= refunded > 0
    assert figure(summary, "reserved") > 0
    # There are two of one tea, and every promotion ends: the shop says so, and nobody is lost by it.
    left_without = figure(summary, "out-of-stock")
    assert placed.total() + left_without + figure(summary, "abandoned") == figure(summary, "Quotes") == 90
    assert "budget-exhausted" in summary or "repeated" in summary
    stock = counted(stocked, f"SELECT product_id::text, quantity FROM inventory WHERE product_id = '{tea}'")
    assert 0 <= stock[tea] <= 2
    check(stocked, "ledger")
    check(stocked, "orders")


def new_key(service: Service, **fields: Any) -> str:
    """A new API key that the service knows."""
    with service.admin() as admin, service.anonymous() as anonymous:
        key: str = admin.post("/api/v1/api-keys", json={"name": "shoppers", **fields}).json()["data"]["key"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while anonymous.get("/api/v1/users", headers={"X-API-Key": key}).status_code == 401:
            assert time.monotonic() < deadline, "the key is not known"
            time.sleep(0.01)
    return key


@pytest.mark.parametrize("scope", ["quote:read", "quote:write"])
def test_a_key_that_may_not_is_reported(stocked: Service, scope: str) -> None:
    reported = simulate("--url", stocked.url, "--api-key", new_key(stocked, scopes=[scope]))
    assert reported.exit_code == 1
    assert "cannot be used: forbidden" in reported.stderr


def test_refusals_are_counted_by_their_code(stocked: Service) -> None:
    limit = {"requests_per_second": 1, "burst": 6}
    key = new_key(stocked, scopes=["quote:write", "order:write"], rate_limit=limit)
    lived = simulate("--url", stocked.url, "--api-key", key, "--rate", "100", "--minutes", "0.01")
    assert lived.exit_code == 0, lived.output
    assert figure(lived.stdout, "rate-limited") == figure(lived.stdout, "Errors") > 0


def test_ctrl_c_ends_it_with_a_summary(stocked: Service, data_dir: Path) -> None:
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
    assert figure(rest, "Orders") >= 1
    assert figure(rest, "Errors") == 0
    assert "Traceback" not in errors


def test_a_service_that_is_away_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    refused = simulate("--url", f"http://127.0.0.1:{port}", "--api-key", "k")
    assert refused.exit_code == 1
    assert "ConnectError" in refused.stderr


@pytest.mark.parametrize(
    "arguments", [("--rate", "0"), ("--minutes", "-1"), ("--concurrency", "0"), ("--url", "ftp://x", "--api-key", "k")]
)
def test_wrong_arguments_are_reported(arguments: tuple[str, ...]) -> None:
    refused = simulate(*arguments)
    assert refused.exit_code == 2
    assert arguments[0] in refused.stderr
