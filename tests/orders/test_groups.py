"""Orders that share a transaction. Source: docs/spec/orders.md#place-an-order; docs/decisions/orders.md."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.selling.orders.operations.asked_order import OfferWanted
from quote_service.selling.orders.operations.check_orders import check_orders
from quote_service.selling.orders.operations.place_orders import place_orders
from tests.conftest import eventually
from tests.flash_sales.fault_proxy import FaultProxy
from tests.orders.books import RECEIPTS, accepted, asked, code_of, groups_on, place, placed
from tests.quotes.lifecycle.issued import WiderWorld

SEEDS = itertools.count(1)


async def quotes(database: Database, count: int) -> list[UUID]:
    return [await accepted(database, WiderWorld(next(SEEDS))) for _ in range(count)]


@asynccontextmanager
async def held(url: str, quote_id: UUID) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Somebody else holds a quote for the length of the block, and says whether anybody waits for it."""
    other = await asyncpg.connect(url)

    async def is_waited_for() -> bool:
        return bool(
            await other.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database()))"
            )
        )

    try:
        async with other.transaction():
            await other.execute("SELECT hold_quotes($1::uuid[])", [quote_id])
            yield is_waited_for
    finally:
        await other.close()


async def orders_of(database: Database, quote_ids: list[UUID]) -> int:
    async with database.read() as connection:
        return int(
            await connection.fetchval("SELECT count(*) FROM orders WHERE quote_id = ANY ($1::uuid[])", quote_ids)
        )


async def test_statements_are_as_many_for_one_as_for_many(database: Database) -> None:
    counts = []
    for size in (1, 1, 100):  # at first a connection also asks for types
        wanted = [asked(quote_id) for quote_id in await quotes(database, size)]
        seen: list[str] = []
        async with database.transaction() as connection:
            with connection.query_logger(lambda record: seen.append(record.query)):  # noqa: B023
                outcomes = await place_orders(connection, wanted, RECEIPTS)
        assert len({placed(outcome)["id"] for outcome in outcomes}) == size
        counts.append(len(seen))
    assert max(counts[1:]) <= 10


async def test_those_that_come_meanwhile_share_the_next(database: Database, database_url: str) -> None:
    groups = groups_on(database)
    first, *others = await quotes(database, 20)
    async with held(database_url, first) as is_waited_for:
        waiting = [asyncio.create_task(groups.place(asked(first)))]
        await eventually(is_waited_for, "the first is under way")
        waiting += [asyncio.create_task(groups.place(asked(quote_id))) for quote_id in others]
        await eventually(lambda: groups.waiting == len(others), "the others wait")
    assert {placed(outcome)["quote_id"] for outcome in await asyncio.gather(*waiting)} == {
        str(quote_id) for quote_id in (first, *others)
    }
    async with database.read() as connection:
        transactions = await connection.fetch(
            "SELECT DISTINCT xmin::text FROM orders WHERE quote_id = ANY ($1::uuid[])", others
        )
    assert len(transactions) == 1
    await groups.close()


async def test_a_key_and_a_quote_stand_in_a_group_once(database: Database) -> None:
    groups = groups_on(database)
    one, two = await quotes(database, 2)
    key = uuid4().hex
    outcomes = await asyncio.gather(
        *(groups.place(each) for each in (asked(one, key), asked(one, key), asked(two, key), asked(two), asked(two))),
        return_exceptions=True,
    )
    assert placed(outcomes[0]) == placed(outcomes[1])
    assert code_of(outcomes[2]) == "idempotency-key-reused"
    assert placed(outcomes[3])["quote_id"] == str(two)
    assert code_of(outcomes[4]) == "quote-ordered"
    await groups.close()


async def test_what_cannot_be_written_fails_nobody_else(database: Database) -> None:
    groups = groups_on(database)
    good = await quotes(database, 5)
    broken = await accepted(database, WiderWorld(next(SEEDS)), data=b'{"quote_id": 7}')
    outcomes = await asyncio.gather(
        *(groups.place(asked(quote_id)) for quote_id in (*good[:2], broken, *good[2:])), return_exceptions=True
    )
    failed = outcomes.pop(2)
    assert isinstance(failed, Exception)
    assert [placed(outcome)["quote_id"] for outcome in outcomes] == [str(quote_id) for quote_id in good]
    assert await orders_of(database, [broken]) == 0
    await groups.close()


async def test_who_has_left_before_the_group_is_not_placed(database: Database, database_url: str) -> None:
    groups = groups_on(database)
    first, left, stays = await quotes(database, 3)
    async with held(database_url, first) as is_waited_for:
        waiting = [asyncio.create_task(groups.place(asked(first)))]
        await eventually(is_waited_for, "the first is under way")
        waiting += [asyncio.create_task(groups.place(asked(quote_id))) for quote_id in (left, stays)]
        await eventually(lambda: groups.waiting == 2, "two wait")
        waiting[1].cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert await orders_of(database, [left]) == 0
    assert await orders_of(database, [first, stays]) == 2
    await groups.close()


async def test_who_leaves_while_the_group_is_under_way_is_placed(database: Database, database_url: str) -> None:
    groups = groups_on(database)
    (only,) = await quotes(database, 1)
    wanted = asked(only)
    async with held(database_url, only) as is_waited_for:
        waiting = asyncio.create_task(groups.place(wanted))
        await eventually(is_waited_for, "it is under way")
        waiting.cancel()
        await asyncio.wait([waiting])
    await groups.close()
    again = await groups.place(wanted)
    assert not isinstance(again, OfferWanted)
    assert again.is_replayed
    await groups.close()


async def test_nobody_waits_too_long_or_behind_too_many(database: Database, database_url: str) -> None:
    groups = groups_on(database, waiting_max=1, wait_seconds=0.05)
    first, second, third = await quotes(database, 3)
    async with held(database_url, first) as is_waited_for:
        waiting = asyncio.create_task(groups.place(asked(first)))
        await eventually(is_waited_for, "the first is under way")
        late = asyncio.create_task(groups.place(asked(second)))
        await eventually(lambda: groups.waiting == 1, "the second waits")
        (refused,) = await asyncio.gather(groups.place(asked(third)), return_exceptions=True)
        assert code_of(refused) == "overloaded"
        (too_late,) = await asyncio.gather(late, return_exceptions=True)
        assert code_of(too_late) == "overloaded"
    placed(await waiting)
    await groups.close()
    assert await orders_of(database, [second, third]) == 0


async def test_who_is_in_the_way_of_one_delays_the_others_no_longer_than_a_lock_may(database_url: str) -> None:
    database = await Database.open(database_url, lock_seconds=0.2)
    groups = groups_on(database)
    blocked, *good = await quotes(database, 4)
    async with held(database_url, blocked):
        outcomes = await asyncio.gather(
            *(groups.place(asked(quote_id)) for quote_id in (blocked, *good)), return_exceptions=True
        )
        assert code_of(outcomes[0]) == "dependency-unavailable"
        assert [placed(outcome)["quote_id"] for outcome in outcomes[1:]] == [str(quote_id) for quote_id in good]
    await groups.close()
    await database.close()


@pytest.mark.parametrize("is_committed", [True, False])
async def test_a_lost_answer_is_found_with_the_key(database: Database, database_url: str, is_committed: bool) -> None:
    """The connection is lost at the commit: for all of a group the same, and a repeat finds out."""
    place_of = urlsplit(database_url)
    assert place_of.port is not None
    link = FaultProxy(place_of.port, marker=b"COMMIT" if is_committed else b"order_lines")
    await link.start()
    far = await Database.open(database_url.replace(f":{place_of.port}", f":{link.port}"))
    groups = groups_on(far)
    wanted = [asked(quote_id) for quote_id in await quotes(database, 8)]
    link.drop_replies_to = 1
    outcomes = await asyncio.gather(*(groups.place(each) for each in wanted), return_exceptions=True)
    assert link.dropped == 1
    assert {code_of(outcome) for outcome in outcomes[:1]} == {"dependency-unavailable"}
    again = [await groups.place(each) for each in wanted]
    orders = [placed(outcome)["id"] for outcome in again]
    assert len(set(orders)) == len(wanted)
    assert not isinstance(again[0], OfferWanted)
    assert again[0].is_replayed is is_committed
    assert await orders_of(database, [each.quote_id for each in wanted]) == len(wanted)
    assert (await check_orders(database)).findings == []
    await groups.close()
    await far.close()
    await link.stop()


async def test_a_quote_that_nobody_accepted_asks_for_its_offer(database: Database) -> None:
    (outcome,) = await place(database, asked(uuid4()))
    assert isinstance(outcome, OfferWanted)
