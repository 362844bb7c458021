"""A price that is moved shows in the quotes of every worker process, whoever moves it.

Source: docs/spec/quotes.md#snapshot-and-clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quote_service.platform.postgres.pool import Connection, Database
from tests.fixtures.serve import QUOTE, Served, a_basket, in_database, served, until

# Each request is a connection of its own, so that any of two workers answers it.
ASKED = 16


@pytest.fixture(scope="module")
def service(server_folder: Path, database_url: str, redis_url: str) -> Iterator[Served]:
    with served(server_folder, database_url, redis_url, workers=2) as running:
        yield running


def by_sql(service: Served, statement: str, *arguments: Any) -> None:
    """What another program does."""

    async def work(database: Database) -> None:
        connection: Connection
        async with database.transaction() as connection:
            await connection.execute(statement, *arguments)

    in_database(service.database_url, work)


def test_a_moved_price_shows_in_every_worker(service: Served) -> None:
    with service.admin() as admin:
        answer = admin.post(
            "/api/v1/products",
            json={
                "sku": "two-workers",
                "name": "shoe",
                "prices": [{"currency": "TRY", "base_price": 40, "max_price": 90}],
            },
        )
        assert answer.status_code == 201, answer.text
        product = answer.json()["data"]["id"]
        item = f"/api/v1/products/{product}"

        def set_price() -> None:
            moved = admin.post(f"{item}/price", json={"price": 45.5, "currency": "TRY"})
            assert moved.status_code < 300, moved.text

        def sold_at(price: float | None) -> Callable[[], bool]:
            basket = a_basket(items=[{"product_id": product, "quantity": 1}])
            headers = {"X-API-Key": service.api_key}

            def asked() -> float | None:
                quote = httpx.post(f"{service.url}{QUOTE}", json=basket, headers=headers, timeout=30)
                return quote.json()["data"]["items"][0]["unit_price"] if quote.status_code == 200 else None

            return lambda: all(asked() == price for _ in range(ASKED))

        until(sold_at(40), "a new product")
        set_price()
        until(sold_at(45.5), "a price moved over the API")
        by_sql(service, "UPDATE product_prices SET current_price = 50 WHERE product_id = $1", product)
        until(sold_at(50), "a price moved by SQL")
        by_sql(
            service,
            "INSERT INTO inventory (product_id, quantity, low_threshold, low_adjust_percent, is_dynamic)"
            " VALUES ($1, 5, 10, 20, true)",
            product,
        )
        until(sold_at(60), "a price moved by stock")
        by_sql(service, "UPDATE products SET is_active = false WHERE id = $1", product)
        until(sold_at(None), "a product that is not sold any more")
        by_sql(service, "UPDATE products SET is_active = true WHERE id = $1", product)
        until(sold_at(60), "a product that is sold again")
