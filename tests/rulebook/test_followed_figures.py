"""Stock and demand are held while a price rule asks for them, and no longer.

Source: docs/decisions/followed-catalog.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.new_ids import new_id
from tests.postgres.rows import change, insert_rule
from tests.rulebook.stored_catalog import Follower, add_product

MakeDatabase = Callable[[], str]
A, B, VARIANT = (str(UUID(int=number)) for number in (0xA, 0xB, 0xC))
INVENTORY = {"low": {"below": 10, "adjustment": {"percent": 10}}}


def demand(hours: int) -> dict[str, Any]:
    return {
        "window_hours": hours,
        "expected_per_hour": 1,
        "percent_per_10_percent": 1,
        "max_percent": 10,
        "min_percent": -10,
    }


@pytest.fixture
async def follower(new_database_url: MakeDatabase) -> AsyncIterator[Follower]:
    database = await Database.open(new_database_url())
    async with database.transaction() as connection:
        for product in (A, B):
            await add_product(connection, product)
        await connection.execute(
            "INSERT INTO product_variants (id, product_id, sku, name, place) VALUES ($1, $2, 'v', 'red', 0)", VARIANT, A
        )
    one = Follower(database)
    await one.refresh()
    yield one
    await database.close()


async def committed(follower: Follower, statement: str, *arguments: Any, is_seen: bool = True) -> None:
    """Something commits, and is followed if it is seen."""
    async with follower.database.transaction() as connection:
        await connection.execute(statement, *arguments)
    assert await follower.is_current() != is_seen, statement
    await follower.refresh()


def stock(follower: Follower) -> dict[str, int | None]:
    return {item: follower.catalog.stock.get(item) for item in (A, B, VARIANT)}


async def test_stock_is_what_can_be_sold_while_a_rule_asks_for_it(follower: Follower) -> None:
    nothing = {A: None, B: None, VARIANT: None}
    await committed(follower, "INSERT INTO inventory (product_id, quantity) VALUES ($1, 7)", A, is_seen=False)
    assert stock(follower) == nothing
    async with follower.database.transaction() as connection:
        rule = await insert_rule(connection, type="INVENTORY_PRICE", configuration=INVENTORY)
    await follower.refresh()
    assert stock(follower) == {**nothing, A: 7}
    await committed(follower, "UPDATE inventory SET reserved = 3")
    assert stock(follower) == {**nothing, A: 4}
    # Without a unit there is no movement.
    await committed(follower, "INSERT INTO inventory (product_id, variant_id, quantity) VALUES ($1, $2, 0)", A, VARIANT)
    await committed(follower, "INSERT INTO inventory (product_id, version) VALUES ($1, 0)", B)
    assert stock(follower) == {A: 4, B: None, VARIANT: 0}
    await committed(follower, "UPDATE inventory SET low_threshold = 1 WHERE product_id = $1", B)
    await committed(follower, "UPDATE inventory SET quantity = quantity + 5 WHERE product_id = $1", A)
    assert stock(follower) == {A: 9, B: 0, VARIANT: 5}
    fresh = Follower(follower.database)
    await fresh.refresh()
    assert stock(fresh) == stock(follower)
    async with follower.database.transaction() as connection:
        await change(connection, "pricing_rules", rule, is_active=False)
    await follower.refresh()
    assert stock(follower) == nothing


async def test_demand_is_counted_over_the_hours_that_rules_ask_for(follower: Follower) -> None:
    async with follower.database.transaction() as connection:
        for product, minutes, quantity in ((A, 30, 2), (A, 90, 3), (B, 90, 5), (A, 0, 11), (B, 60 * 24, 13)):
            await connection.execute(
                "INSERT INTO accepted_quote_lines (quote_id, line, product_id, accepted_at, currency, quantity, net_minor,"
                " price_source) VALUES ($1, 1, $2, date_trunc('minute', now() - interval '5 seconds') + interval '1 second'"
                " - make_interval(mins => $3), 'EUR', $4, 1, 'catalog')",
                new_id(),
                product,
                minutes,
                quantity,
            )
    await follower.refresh()
    assert (follower.catalog.demand_hours, follower.catalog.demand.get((A, 1))) == (frozenset(), None)
    async with follower.database.transaction() as connection:
        rules = [await insert_rule(connection, type="DEMAND_PRICE", configuration=demand(hours)) for hours in (1, 2)]
    await follower.refresh()

    def counted() -> list[int | None]:
        return [follower.catalog.demand.get((product, hours)) for product in (A, B) for hours in (1, 2, 24)]

    # The minute may have turned between the two: what was accepted within it counts then, and nothing falls out.
    assert counted() in ([2, 5, None, None, 5, None], [13, 16, None, None, 5, None])
    assert follower.catalog.demand_hours == {1, 2}
    async with follower.database.transaction() as connection:
        await change(connection, "pricing_rules", rules[1], is_active=False)
    await follower.refresh()
    assert follower.catalog.demand_hours == {1}
    assert follower.catalog.demand.get((A, 2)) is None


async def test_demand_is_counted_again_in_the_next_minute(follower: Follower) -> None:
    async with follower.database.transaction() as connection:
        await insert_rule(connection, type="DEMAND_PRICE", configuration=demand(1))
    await follower.refresh()
    position = follower.holder.position
    assert position is not None
    earlier = msgspec.structs.replace(position.moment, minute_us=position.moment.minute_us - 60_000_000)
    follower.holder.position = msgspec.structs.replace(position, moment=earlier)
    former = follower.catalog
    assert not await follower.is_current()
    await follower.refresh()
    assert follower.catalog is not former
    assert follower.catalog.rows is former.rows
