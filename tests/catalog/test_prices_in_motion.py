"""A shop of 20 000 products: whatever moves a price, the quotes of every worker follow, and the history says why.

Source: docs/spec/catalog.md; docs/spec/quotes.md#catalog-prices.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.shop.campaigns.operations.run_campaigns import do_due_steps
from tests.catalog.shop import PRODUCTS
from tests.fixtures.serve import PATIENCE_SECONDS, QUOTE, Served, a_basket, exact, in_database, served, until
from tests.fixtures.service import Started

pytestmark = [
    pytest.mark.second_try("kills a worker while others quote"),
    pytest.mark.long("a shop of 20 000 products and every way a price moves"),
]

ROWS = 20_000
# Each on a connection of its own, so that both of two workers have been asked.
IN_A_ROW = 12
# Some 10 s of one core, which it may have to share.
IMPORT_SECONDS = 240.0
PRICES = '[{"currency":"TRY","base_price":100,"min_price":50,"max_price":200}]'


class Shop:
    """The service with two web workers, its background, and one product that is looked at."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self.http = service.admin()
        self.product_id = ""

    def post(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        answer = self.http.post(f"/api/v1/{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json()["data"])

    def ask(self, quantity: int = 1) -> httpx.Response:
        """A quote of the product, over a connection of its own."""
        basket = a_basket(items=[{"product_id": self.product_id, "quantity": quantity}])
        headers = {"X-API-Key": self.service.api_key}
        return httpx.post(f"{self.service.url}{QUOTE}", json=basket, headers=headers, timeout=PATIENCE_SECONDS)

    def quote(self, quantity: int = 1) -> dict[str, Any]:
        answer = self.ask(quantity)
        assert answer.status_code == 200, answer.text
        return dict(exact(answer)["data"])

    def sell(self, quantity: int) -> None:
        quote = self.quote(quantity=quantity)
        answer = httpx.post(
            f"{self.service.url}/api/v1/quotes/{quote['quote_id']}/accept",
            headers={"X-API-Key": self.service.api_key, "Idempotency-Key": uuid4().hex},
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code == 200, answer.text

    def costs(self, price: str, *, list_price: str | None = None) -> None:
        """Wait until every worker quotes this price."""
        in_a_row = 0

        def is_quoted() -> bool:
            nonlocal in_a_row
            answer = self.ask()  # a 422 before the worker has heard of the product
            line = exact(answer)["data"]["items"][0] if answer.status_code == 200 else {}
            found = (line.get("price_source"), line.get("unit_price"), line.get("list_price"))
            wanted = ("catalog", Decimal(price), Decimal(list_price or price))
            in_a_row = in_a_row + 1 if found == wanted else 0
            return in_a_row >= IN_A_ROW

        until(is_quoted, f"every worker quotes {price}", self.service.started)

    def run_sql(self, statement: str, *arguments: Any) -> None:
        async def run(database: Database) -> None:
            async with database.transaction() as connection:
                await connection.execute(statement, *arguments)

        in_database(self.service.database_url, run)

    def history(self) -> list[tuple[str, Decimal | None, Decimal | None]]:
        """Reason, old and new price of each move, the first first."""
        answer = self.http.get(f"/api/v1/products/{self.product_id}/price-history", params={"limit": 100})
        assert answer.status_code == 200, answer.text
        moves = sorted(exact(answer)["data"], key=lambda move: str(move["at"]))
        return [(move["reason"], move["old_price"], move["new_price"]) for move in moves]


def _a_key() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


@contextmanager
def running(folder: Path, database_url: str, redis_url: str) -> Iterator[Shop]:
    keys = {name: _a_key() for name in ("QUOTE_JWT_KEYS", "QUOTE_SIGNING_KEYS", "QUOTE_RECEIPT_KEYS")}
    stores = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    background = Started(
        ["worker"],
        folder / f"worker-{uuid4().hex[:8]}.log",
        {**stores, **keys, "QUOTE_WORKER_METRICS_PORT": "0"},
        forked=True,
    )
    try:
        with served(folder, database_url, redis_url, workers=2) as service:
            yield Shop(service)
    finally:
        background.kill()


@pytest.fixture(scope="module")
def shop(server_folder: Path, new_database_url: Callable[[], str], redis_url: str) -> Iterator[Shop]:
    """20 000 products, imported as one CSV."""
    with running(server_folder, new_database_url(), redis_url) as shop:
        shop.product_id = imported(shop)
        yield shop


def imported(shop: Shop) -> str:
    """The id of one product of the import, once all of them are there."""
    quoted = PRICES.replace('"', '""')
    rows = "".join(f'S-{place},Shoe {place},"{quoted}"\n' for place in range(ROWS))
    answer = shop.http.post(
        f"{PRODUCTS}/import", content=f"sku,name,prices\n{rows}".encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 202, answer.text
    location = answer.headers["Location"]

    def record() -> dict[str, Any]:
        return dict(shop.http.get(location).json()["data"])

    deadline = time.monotonic() + IMPORT_SECONDS
    while (now := record())["status"] not in ("done", "failed"):
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    assert (now["status"], now["created"]) == ("done", ROWS), now
    found = shop.http.get(PRODUCTS, params={"q": f"S-{ROWS - 1}"}).json()["data"]
    return next(str(each["id"]) for each in found if each["sku"] == f"S-{ROWS - 1}")


@pytest.mark.time_limit(IMPORT_SECONDS + 240)
def test_whatever_moves_a_price_is_quoted_by_every_worker(shop: Shop) -> None:
    product_id = shop.product_id
    shop.costs("100.00")

    # By plain SQL of another program.
    shop.run_sql("UPDATE product_prices SET current_price = 120 WHERE item_id = $1", UUID(product_id))
    shop.costs("120.00")

    # By hand.
    shop.post(f"products/{product_id}/price", {"price": 100, "currency": "TRY", "reason_note": "Back"})
    shop.costs("100.00")

    # By a rule, which leaves the list price as it is.
    rule = shop.post(
        "pricing-rules",
        {
            "name": f"early {uuid4()}",
            "type": "TIME_PRICE",
            "configuration": {"adjustment": {"percent": -10}},
            "conditions": {"product_ids": [product_id]},
        },
    )
    shop.costs("90.00", list_price="100.00")
    assert shop.quote()["items"][0]["price_adjustments"][0]["rule_id"] == rule["id"]
    assert shop.http.delete(f"/api/v1/pricing-rules/{rule['id']}").status_code in (200, 204)
    shop.costs("100.00")

    # By stock that crosses a threshold, and by its return.
    answer = shop.http.put(
        f"/api/v1/inventory/{product_id}",
        json={"quantity": 40, "low_threshold": 10, "low_adjust_percent": 5, "is_dynamic": True},
    )
    assert answer.status_code in (200, 201), answer.text
    shop.post(f"inventory/{product_id}/adjust", {"delta": -30, "reason": "Sold elsewhere"})
    shop.costs("105.00")
    shop.post(f"inventory/{product_id}/adjust", {"delta": 130, "reason": "Delivery"})
    shop.costs("100.00")

    # By a campaign that sells better than expected, after its first hour; and by its end.
    terms = {"duration": 10, "price_manipulation_limit": 20, "target_sales_count": 100}
    campaign = shop.post("campaigns", {"name": f"C {uuid4()}", "product_id": product_id, **terms})
    shop.sell(50)
    began = datetime.fromisoformat(campaign["starts_at"]).astimezone(UTC)
    in_database(shop.service.database_url, lambda database: do_due_steps(database, began + timedelta(hours=1)))
    shop.costs("102.00")
    in_database(shop.service.database_url, lambda database: do_due_steps(database, began + timedelta(hours=10)))
    shop.costs("100.00")

    moves = [(reason, old and str(old), str(new)) for reason, old, new in shop.history()]
    assert moves == [
        ("import", None, "100.00"),
        ("manual", "100.00", "120.00"),
        ("manual", "120.00", "100.00"),
        ("inventory", "100.00", "105.00"),
        ("inventory", "105.00", "100.00"),
        ("campaign", "100.00", "102.00"),
        ("campaign", "102.00", "100.00"),
    ]
