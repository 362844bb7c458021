"""Units of many items move without two transactions waiting for each other. Source: docs/decisions/reservations.md."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.inventory.model.held_item import HeldItem, Move
from quote_service.shop.inventory.operations.move_units import hold_items, move_units
from tests.conftest import eventually
from tests.reservations.shelves import DYNAMIC
from tests.reservations.things import make_stock, stock_of


async def move(database: Database, items: Sequence[UUID], units: int) -> None:
    async with database.transaction() as connection:
        held = await hold_items(connection, items)
        await move_units(connection, held, {item: Move(units, 0) for item in items}, actor="ayşe", reason="sold")


@pytest.mark.parametrize("is_reversed", [False, True])
async def test_products_are_locked_by_id_before_their_prices_follow(database: Database, is_reversed: bool) -> None:
    async with database.transaction() as connection:
        first, last = sorted([await make_stock(connection, 13, **DYNAMIC) for _ in range(2)])
    items = [last, first] if is_reversed else [first, last]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with database.transaction() as other, database.read() as watching:
        await other.execute("SELECT 1 FROM products WHERE id = $1 FOR NO KEY UPDATE", first)
        moving = asyncio.create_task(move(database, items, -1))

        async def waits() -> bool:
            return bool(await watching.fetchval(waiting) == 1)

        await eventually(waits, "it waits for the first product")
        # Free still: whoever has the first product can have the last one too.
        await other.execute("SELECT 1 FROM products WHERE id = $1 FOR NO KEY UPDATE NOWAIT", last)
    await moving
    async with database.read() as connection:
        assert [await stock_of(connection, item) for item in items] == [(12, 0)] * 2


@pytest.mark.parametrize(
    ("quantity", "delta", "moves"),
    [(13, -1, True), (12, 1, True), (24, 1, True), (25, -1, True), (13, 11, False), (12, -12, False), (25, 9, False)],
)
def test_prices_follow_where_the_level_changes(quantity: int, delta: int, moves: bool) -> None:
    item = HeldItem(UUID(int=1), UUID(int=2), quantity, 0, True, 12, 25)
    assert item.moves_prices(delta) is moves
    assert not item._replace(is_dynamic=False).moves_prices(delta)
    assert not item._replace(low_threshold=None, high_threshold=None).moves_prices(delta)


async def test_no_more_than_there_is_free(database: Database) -> None:
    async with database.transaction() as connection:
        item = await make_stock(connection, 5, reserved=3)
    with pytest.raises(Invalid):
        await move(database, [item], -3)
    await move(database, [item], -2)
    async with database.read() as connection:
        assert await stock_of(connection, item) == (3, 3)
