"""Many post at once on the same accounts, and some are killed: everything holds after it.

Source: docs/spec/ledger.md#transactions.
"""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import asyncpg
import pytest

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.ledger.model.payouts import InsufficientBalance, PayoutDraft
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.pay_out import pay_out
from quote_service.selling.ledger.operations.post_transaction import post_transactions
from tests.ledger.books import CHANGE, Books, a_random_transaction, account, an_order, balances_in, findings_in, post

POSTED = 4_000
CONNECTIONS = 4
KILLED = 40
NO_SIDES = frozenset({"sign"})


class Killer:
    """Ends a connection of somebody whenever so many more transactions have been posted."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.pids: dict[Poster, int] = {}
        self.killed = 0
        self._chance = random.Random(99)
        self._turn = asyncio.Lock()
        self._left = 0

    async def note(self, posted: int) -> None:
        self._left -= posted
        if self._left <= 0:
            self._left = POSTED // KILLED
            async with self._turn:
                pid = self._chance.choice(list(self.pids.values()))
                self.killed += bool(await self.connection.fetchval("SELECT pg_terminate_backend($1)", pid))


class Poster:
    """One connection that posts at random: one or many at once, and repeats what it is not sure of."""

    def __init__(self, database: Database, parties: list[UUID], seed: int, killer: Killer) -> None:
        self.database = database
        self.killer = killer
        self.chance = random.Random(seed)
        self.parties = parties
        self.done: list[Transaction] = []
        self.lost: list[str] = []

    async def run(self, count: int) -> None:
        while len(self.done) < count:
            made = [a_random_transaction(self.chance, self.parties) for _ in range(self.chance.choice((1, 1, 3, 8)))]
            # Until it is known to be posted: a connection may be lost at the commit itself, and then it may have happened.
            while not await self._post(made):
                pass
            self.done += made
            await self.killer.note(len(made))

    async def _post(self, made: list[Transaction]) -> bool:
        try:
            async with self.database.transaction() as connection:
                self.killer.pids[self] = connection.get_server_pid()
                half = self.chance.randrange(len(made) + 1)
                for part in (made[:half], made[half:]):
                    if part:
                        await post_transactions(Change.within(connection, CHANGE), part)
        except Unavailable as unavailable:
            self.lost.append(unavailable.detail)
            return False
        return True


@pytest.mark.long("4 000 postings from four connections, which are killed")
async def test_random_postings_from_four_connections_survive_kills(database_url: str) -> None:
    parties = [uuid4() for _ in range(5)]
    connection = await asyncpg.connect(database_url)
    killer = Killer(connection)
    databases = [await Database.open(database_url, connections_max=1) for _ in range(CONNECTIONS)]
    posters = [Poster(database, parties, seed, killer) for seed, database in enumerate(databases)]
    await asyncio.gather(*(poster.run(POSTED // CONNECTIONS) for poster in posters))
    books = Books()
    for poster in posters:
        for each in poster.done:
            books.post(each)
    assert await balances_in(connection) == books.balances()
    assert await connection.fetchval("SELECT count(*) FROM ledger_transactions") == len(books.posted) >= POSTED
    assert killer.killed >= KILLED / 2
    lost = [detail for poster in posters for detail in poster.lost]
    # Each for being killed, and none for having waited in a circle.
    assert lost
    assert not [detail for detail in lost if "choose between" in detail or "another change" in detail]
    await connection.close()
    for database in databases:
        await database.close()
    assert await findings_in(database_url, but=NO_SIDES) == []


async def test_payouts_at_once_never_take_more_than_there_is(database_url: str) -> None:
    """While orders come in for the same seller, from as many connections."""
    seller = uuid4()
    database = await Database.open(database_url, connections_max=8)
    draft = PayoutDraft(amount=ExactNumber("3.00"), currency="TRY", reference="T")

    refused: list[int] = []

    async def pay() -> bool:
        try:
            async with database.transaction() as connection:
                await pay_out(Change.within(connection, CHANGE), seller, draft)
        except InsufficientBalance as refusal:
            refused.append(refusal.balance_minor)
            return False
        return True

    async def sell() -> bool:
        await post(database, an_order(seller, 1_00, 10))
        return False

    for _ in range(10):
        await asyncio.gather(*(work() for work in (sell, sell, pay, sell, pay, pay)))
    paid = 0
    while await pay():
        paid += 1
    async with database.read() as connection:
        balances = await balances_in(connection)
    assert 0 <= balances[account("seller", seller)] < 300
    assert balances[account("seller", seller)] + balances[account("payouts", seller)] == 30 * 90
    assert paid < 10
    assert refused
    assert max(refused) < 300
    await database.close()
    assert await findings_in(database_url, but=NO_SIDES) == []
