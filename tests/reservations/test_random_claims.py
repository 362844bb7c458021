"""Thousands of random claims from four connections: no deadlock, and in the end everything adds up.

Source: docs/spec/reservations.md; docs/decisions/reservations.md.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.shop.reservations.model.claim import ClaimedDiscount, PartBack
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock
from quote_service.shop.reservations.operations.release import release_due
from tests.reservations.shelves import Quotes, Shelves, assert_all_adds_up, make_shelves

CONNECTIONS = 4
STEPS = 350


@pytest.fixture
async def patient(database_url: str) -> AsyncIterator[Database]:
    """The module's database, for programs that wait for each other on a busy machine as long as it takes."""
    opened = await Database.open(database_url, connections_max=8, statement_seconds=100, lock_seconds=90)
    yield opened
    await opened.close()


async def do_at_random(shelves: Shelves, quotes: Quotes, chance: random.Random) -> None:
    """One thing that a checkout, an order, a seller or the sweep does."""
    match chance.choice(
        (
            "take",
            "take",
            "group",
            "reserve",
            "reserve",
            "pay",
            "release",
            "cancel",
            "refund",
            "over",
            "supply",
            "prices",
        )
    ):
        case "take":
            await quotes.take([shelves.claim(chance)])
        case "group":
            claims = [shelves.claim(chance) for _ in range(chance.randrange(2, 12))]
            held = chance.sample(list(quotes.reserved.values()), min(2, len(quotes.reserved)))
            await quotes.take(chance.sample(claims + held, len(claims) + len(held)))
        case "reserve":
            await quotes.reserve(shelves.claim(chance))
        case "pay" if quotes.reserved:
            await quotes.take([chance.choice(list(quotes.reserved.values()))])
        case "release" if quotes.reserved:
            await quotes.release(chance.choice(list(quotes.reserved)))
        case "cancel" if open_ones := sorted(quotes.accepted.keys() - quotes.cancelled):
            await quotes.cancel(chance.sample(open_ones, min(len(open_ones), chance.randrange(1, 4))))
        case "refund" if open_ones := sorted(quotes.accepted.keys() - quotes.cancelled):
            claim = quotes.accepted[chance.choice(open_ones)]
            units = {line.line: chance.randrange(1, 3) for line in claim.units if chance.random() < 0.6}
            discounts = tuple(
                ClaimedDiscount(rule, chance.randrange(1, 200)) for rule, _ in discounts_of(claim.discounts)
            )
            await quotes.refund(PartBack(quote_id=claim.quote_id, units=units, discounts=discounts))
        case "over":
            await quotes.reserve(shelves.claim(chance), ends_at=datetime(2020, 1, 1, tzinfo=UTC))
            await release_due(quotes.database)
        case "supply":
            await supply(shelves, quotes.database, chance)
        case "prices":
            await move_prices(shelves, quotes.database, chance)


def discounts_of(discounts: tuple[ClaimedDiscount, ...]) -> list[tuple[UUID, int]]:
    return [(each.rule_id, each.amount_minor) for each in discounts]


async def supply(shelves: Shelves, database: Database, chance: random.Random) -> None:
    """A seller puts in units of one item, or takes some out that are free; prices follow."""
    item, delta = chance.choice(shelves.items).id, chance.choice((-3, 2, 5, 9))
    async with database.transaction() as connection:
        done = await connection.fetchval(
            "UPDATE inventory SET quantity = quantity + $2 WHERE item_id = $1 AND quantity + $2 BETWEEN reserved AND 60"
            " RETURNING 1",
            item,
            delta,
        )
    if done:
        shelves.supplied[item] += delta


async def move_prices(shelves: Shelves, database: Database, chance: random.Random) -> None:
    """An import: it locks products by id, and then moves prices of all of them."""
    items = chance.sample(shelves.items, 3)
    async with database.transaction() as connection:
        await connection.fetch(
            "SELECT id FROM products WHERE id = ANY ($1) ORDER BY id FOR UPDATE", [item.product_id for item in items]
        )
        for item in items:
            await connection.execute(
                "UPDATE product_prices SET current_price = $2 WHERE item_id = $1", item.id, chance.randrange(50, 150)
            )


@pytest.mark.long("random claims from four connections beside a model")
async def test_random_claims_from_four_connections(patient: Database) -> None:
    async with patient.transaction() as connection:
        shelves = await make_shelves(connection, products=3, variants=2, units=30)
    programs = [Quotes(patient) for _ in range(CONNECTIONS)]

    async def run(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(STEPS):
            await do_at_random(shelves, programs[seed], chance)

    await asyncio.gather(*(run(seed) for seed in range(CONNECTIONS)))
    while await release_due(patient):
        pass
    async with patient.read() as connection:
        await assert_all_adds_up(connection, shelves, programs)
        moved = await connection.fetchval("SELECT count(*) FROM price_history WHERE reason = 'inventory'")
    # Otherwise nothing much was tried.
    refused = sum((program.refused for program in programs), Counter())
    assert {OutOfStock, CouponExhausted, BudgetExhausted} <= refused.keys()
    assert sum(len(program.accepted) for program in programs) > STEPS / 2
    assert moved > 20
