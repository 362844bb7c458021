"""What the schedule does with a sale that somebody moves just then. Source: docs/spec/flash-sales.md#states."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import pytest

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleItemDraft
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import move_sale
from quote_service.selling.flash_sales.operations.sales.run_schedule import run_schedule
from tests.conftest import eventually
from tests.flash_sales.quiet_shop import PRICE

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url, connections_max=4)
    yield opened
    await opened.close()


async def scheduled(database: Database, name: str) -> UUID:
    """A sale that is due."""
    now = now_us()
    item = SaleItemDraft(product_id=uuid4(), sale_price=PRICE, currency="TRY", allocated_stock=5, per_customer_limit=2)
    draft = SaleDraft(name=name, starts_at=from_micros(now), ends_at=from_micros(now + 3600 * 10**6), items=[item])
    async with database.transaction() as connection:
        return (await create_sale(Change.within(connection, change_by_system("test", now_us())), draft)).id


async def activate(connection: Connection, sale_id: UUID) -> None:
    await move_sale(Change.within(connection, change_by_system("test", now_us())), sale_id, "activate", UNCONDITIONAL)


async def postpone(connection: Connection, sale_id: UUID) -> None:
    await connection.execute(
        "UPDATE flash_sales SET starts_at = starts_at + interval '10 minutes' WHERE id = $1", sale_id
    )


async def delete(connection: Connection, sale_id: UUID) -> None:
    await connection.execute("DELETE FROM flash_sale_items WHERE sale_id = $1", sale_id)
    await connection.execute("DELETE FROM flash_sales WHERE id = $1", sale_id)


@pytest.mark.parametrize(
    ("meanwhile", "state"),
    [(activate, "active"), (postpone, "scheduled"), (delete, None)],
    ids=["activated", "postponed", "deleted"],
)
async def test_a_sale_that_is_moved_meanwhile_is_left_and_the_others_are_not(
    database: Database, meanwhile: Callable[[Connection, UUID], object], state: str | None
) -> None:
    taken, other = await scheduled(database, "taken"), await scheduled(database, "other")
    async with database.transaction() as held:
        await meanwhile(held, taken)  # type: ignore[misc]  # each is a coroutine function
        running = asyncio.create_task(run_schedule(database))
        async with database.read() as watching:

            async def waits() -> bool:
                return bool(await watching.fetchval(_WAITING))

            await eventually(waits, "the schedule waits for the sale")
    async with asyncio.timeout(30):
        assert await running == [other]
    async with database.read() as connection:
        assert await connection.fetchval("SELECT state FROM flash_sales WHERE id = $1", taken) == state
