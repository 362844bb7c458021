"""Scheduled price changes: done once, in their order, by whoever is up.

Source: docs/spec/catalog.md#scheduled-changes.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.price_changes import PriceChange
from quote_service.shop.catalog.model.prices import PriceDraft
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.run_price_schedule import do_next_change, seconds_until_change
from quote_service.shop.catalog.operations.write_product import create_product
from quote_service.shop.catalog.tables.price_changes import insert_changes
from tests.access.running import until
from tests.catalog.shop import PRODUCTS, Shop


def test_the_service_does_a_change_when_it_is_due(shop: Shop) -> None:
    made = shop.product()
    due = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    change = shop.price(made, 80, effective_at=due, reason_note="soon")
    place = f"{PRODUCTS}/{made['id']}/price-changes/{change['id']}"
    until(lambda: shop.shown(place)["status"] == "done", "the change is done")
    move = shop.history(made)[0]
    assert (move["old_price"], move["new_price"], move["reason"]) == (100, 80, "schedule")
    assert (move["source_id"], move["note"], move["actor"]) == (change["id"], "soon", change["created_by"])
    assert move["at"] >= change["effective_at"]
    assert shop.shown(f"{PRODUCTS}/{made['id']}")["prices"][0]["current_price"] == 80
    assert [row["action"] for row in shop.audited(change["id"])] == ["price.schedule", "price.change"]


async def a_product(database: Database, sku: str) -> ProductRecord:
    price = PriceDraft(
        currency="TRY", base_price=ExactNumber(100), min_price=ExactNumber(50), max_price=ExactNumber(200)
    )
    async with database.transaction() as connection:
        draft = ProductDraft(sku=sku, name="shoe", prices=[price])
        return await create_product(Change.within(connection, change_by_system("test", now_us())), draft)


async def schedule(database: Database, product: ProductRecord, price: int, at: datetime, currency: str = "TRY") -> UUID:
    change = PriceChange(
        id=UUID(new_id()), product_id=product.id, variant_id=None, currency=currency, price=ExactNumber(price),
        effective_at=at, reason_note=None, status="scheduled", applied_price=None, decided_at=None, version=1,
        created_by="test", created_at=at,
    )  # fmt: skip
    async with database.transaction() as connection:
        await insert_changes(connection, [change])
    return change.id


async def moves(database: Database, product: ProductRecord) -> list[Any]:
    async with database.read() as connection:
        rows = await connection.fetch(
            "SELECT new_price::float8, reason FROM price_history WHERE product_id = $1 ORDER BY id", product.id
        )
    return [tuple(row) for row in rows]


async def test_many_workers_do_each_change_once_and_in_order(database: Database) -> None:
    products = [await a_product(database, f"SKU-{place}") for place in range(4)]
    past = datetime.now(UTC) - timedelta(hours=1)
    wanted = list(range(60, 70))
    for step, price in enumerate(wanted):
        for product in products:
            await schedule(database, product, price, past + timedelta(seconds=step))

    async def worker() -> int:
        done = 0
        while (due := await seconds_until_change(database)) is not None and due < 0:
            done += await do_next_change(database) is not None
        return done

    counts = await asyncio.gather(*(worker() for _ in range(6)))
    assert sum(counts) == len(products) * len(wanted)
    for product in products:
        assert await moves(database, product) == [(100, "manual"), *((price, "schedule") for price in wanted)]


@pytest.mark.parametrize(("price", "becomes"), [(10, 50), (500, 200), (60, 60)])
async def test_a_price_is_held_to_the_bounds_of_its_time(database: Database, price: int, becomes: int) -> None:
    product = await a_product(database, f"SKU-held-{price}")
    change_id = await schedule(database, product, price, datetime.now(UTC) - timedelta(seconds=1))
    done = await do_next_change(database)
    assert done is not None
    assert (done.id, done.status) == (change_id, "done")
    assert done.price == price
    assert done.applied_price == becomes


async def test_a_change_without_its_price_fails_and_stops_no_other(database: Database) -> None:
    product = await a_product(database, "SKU-eur")
    past = datetime.now(UTC) - timedelta(seconds=5)
    await schedule(database, product, 60, past, currency="EUR")
    await schedule(database, product, 70, past + timedelta(seconds=1))
    first, second, none = [await do_next_change(database) for _ in range(3)]
    assert first is not None
    assert second is not None
    assert (first.status, second.status, none) == ("failed", "done", None)


async def test_a_change_to_come_is_waited_for(database: Database) -> None:
    product = await a_product(database, "SKU-later")
    change_id = await schedule(database, product, 70, datetime.now(UTC) + timedelta(hours=1))
    assert await do_next_change(database) is None
    seconds = await seconds_until_change(database)
    assert seconds is not None
    assert 3000 < seconds <= 3600
    async with database.transaction() as connection:
        await connection.execute(
            "UPDATE price_changes SET status = 'cancelled', decided_at = now() WHERE id = $1", change_id
        )
    assert await seconds_until_change(database) is None
