"""Postings over PostgreSQL, held against a model that knows no database.

Source: docs/spec/ledger.md#transactions.
"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.model.transactions import Account, Transaction, credit, debit
from quote_service.selling.ledger.operations.post_transaction import SourcePosted, post_transaction, post_transactions
from tests.conftest import MakeDatabase
from tests.ledger.books import (
    CHANGE,
    Books,
    a_random_transaction,
    account,
    an_order,
    balances_in,
    findings_in,
    post,
)

# What the random transactions do: they know no sides of accounts.
NO_SIDES = frozenset({"sign"})
PLAIN = """INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
    VALUES ($1, $2, $3, $4, $5, $6)"""


@pytest.mark.long("25 histories of postings beside a model")
@settings(max_examples=25)
@given(st.data())
def test_random_postings_are_those_of_the_model(new_database_url: MakeDatabase, data: st.DataObject) -> None:
    """In database transactions of one or several, some rolled back, some repeated."""
    url = _one_database(new_database_url)
    chance = random.Random(data.draw(st.integers(0, 2**64)))
    steps = data.draw(st.lists(st.sampled_from(("one", "many", "apart", "again", "rolled back")), max_size=12))
    asyncio.run(_play(url, chance, steps))


async def _play(url: str, chance: random.Random, steps: list[str]) -> None:
    parties = [uuid4() for _ in range(3)]
    database = await Database.open(url)
    books = Books()
    async with database.read() as connection:
        before = await balances_in(connection)
    for step in steps:
        made = [a_random_transaction(chance, parties) for _ in range(chance.randrange(2, 5))]
        async with database.read() as connection:
            work = connection.transaction()
            await work.start()
            if step == "one":
                made = made[:1]
                assert (await post_transaction(Change.within(connection, CHANGE), made[0])).is_new
            elif step == "many":
                assert all(posted.is_new for posted in await post_transactions(Change.within(connection, CHANGE), made))
            elif step == "apart":
                for each in made:
                    await post_transaction(Change.within(connection, CHANGE), each)
            elif step == "again":
                made = [*chance.sample(list(books.posted.values()), min(2, len(books.posted))), made[0]]
                reported = await post_transactions(Change.within(connection, CHANGE), made)
                assert [posted.is_new for posted in reported] == [False] * (len(made) - 1) + [True]
            else:
                await post_transactions(Change.within(connection, CHANGE), made)
                await work.rollback()
                continue
            await work.commit()
        for each in made:
            books.post(each)
    async with database.read() as connection:
        after = await balances_in(connection)
        assert {key: after[key] - before.get(key, 0) for key in books.entries} == books.balances()
        for key in books.entries.keys() - before.keys():
            rows = await connection.fetch(
                "SELECT amount_minor FROM ledger_entries WHERE account_id = ledger_account_id($1, $2, $3)", *key
            )
            assert sorted(row["amount_minor"] for row in rows) == sorted(books.entries[key])
    await database.close()
    assert await findings_in(url, but=NO_SIDES) == []


_made: dict[int, str] = {}


def _one_database(make: MakeDatabase) -> str:
    """One for all examples: they bring accounts of parties of their own, and share the others."""
    return _made.setdefault(id(make), make())


async def test_a_repeat_is_answered_with_the_first(database: Database) -> None:
    seller, source_id = uuid4(), uuid4()
    customer = account("customer", uuid4())
    await post(
        database, Transaction("order", source_id, [debit(customer, 180), credit(account("seller", seller), 180)])
    )
    made = Transaction("refund", source_id, [debit(account("seller", seller), 90), credit(customer, 90)])
    (first,) = await post(database, made)
    (again,) = await post(database, made)
    assert (first.is_new, again.is_new, first.id) == (True, False, again.id)
    other = Transaction("refund", source_id, [debit(account("seller", seller), 91), credit(customer, 91)])
    with pytest.raises(SourcePosted):
        await post(database, other)
    cancelled = Transaction("cancellation", source_id, made.entries)
    assert (await post(database, cancelled))[0].is_new
    async with database.read() as connection:
        assert (await balances_in(connection))[customer] == 0


async def test_of_two_at_once_one_posts_a_source(database_url: str) -> None:
    made = an_order(uuid4(), 100, 10)
    databases = [await Database.open(database_url) for _ in range(4)]
    reported = [(await each)[0] for each in [asyncio.ensure_future(post(database, made)) for database in databases]]
    for database in databases:
        await database.close()
    assert sorted(posted.is_new for posted in reported) == [False, False, False, True]
    assert len({posted.id for posted in reported}) == 1


async def test_an_account_has_the_digits_of_its_currency(database: Database, database_url: str) -> None:
    seller = uuid4()
    await post(database, *(an_order(seller, 1000, 10, currency=currency) for currency in EXPONENTS))
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT currency, exponent FROM ledger_accounts WHERE party_id = $1", seller)
    assert {row["currency"]: row["exponent"] for row in rows} == EXPONENTS
    await connection.close()


async def test_the_id_of_an_account_follows_from_what_it_is(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    party = UUID("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a02")
    ids = [
        await connection.fetchval("SELECT ledger_account_id($1, $2, $3)", *key)
        for key in (("commission", None, "TRY"), ("commission", party, "TRY"), ("commission", party, "USD"))
    ]
    assert ids[0] == UUID("4df88cf4-3da0-86de-8697-56da9dc561b0")
    assert len(set(ids)) == 3
    assert {(each.version, each.variant) for each in ids} == {(8, "specified in RFC 4122")}
    await connection.close()


async def test_instants_of_an_account_never_go_back(database: Database, database_url: str) -> None:
    seller = uuid4()
    for _ in range(5):
        await post(database, an_order(seller, 100, 10))
    connection = await asyncpg.connect(database_url)
    instants: list[datetime] = [
        row["posted_at"]
        for row in await connection.fetch(
            """SELECT posted_at FROM ledger_entries WHERE account_id = ledger_account_id('seller', $1, 'TRY')
            ORDER BY number""",
            seller,
        )
    ]
    await connection.close()
    assert instants == sorted(instants)
    assert len(instants) == 5


@pytest.mark.parametrize(
    "columns",
    [
        ("order", ["delivery", "sales_tax"], [None, None], ["TRY", "TRY"], [-100, 90]),
        ("order", ["delivery", "sales_tax"], [None, None], ["TRY", "USD"], [-100, 100]),
        ("order", ["delivery"], [None], ["TRY"], [0]),
        ("order", ["delivery", "sales_tax"], [None, None], ["TRY", "TRY"], [0, 0]),
        ("order", ["delivery"], [None], ["TRY"], [5]),
        ("order", [], [], [], []),
        ("order", ["delivery", "bank"], [None, None], ["TRY", "TRY"], [-100, 100]),
        ("order", ["delivery", None], [None, None], ["TRY", "TRY"], [-100, 100]),
        ("order", ["delivery", "seller"], [None, None], ["TRY", "TRY"], [-100, 100]),
        ("order", ["delivery", "customer"], [None, None], ["TRY", "TRY"], [-100, 100]),
        ("order", ["delivery", "sales_tax"], [None, None], ["try", "try"], [-100, 100]),
        ("order", ["delivery", "sales_tax"], [None, None], ["TRY"], [-100, 100]),
        ("order", ["delivery", "sales_tax"], [None, None], ["TRY", "TRY"], [-100, None]),
        ("gift", ["delivery", "sales_tax"], [None, None], ["TRY", "TRY"], [-100, 100]),
        ("payout", ["seller", "payouts"], [UUID(int=7), UUID(int=7)], ["TRY", "TRY"], [-1, 1]),
    ],
)
async def test_plain_sql_cannot_post_what_is_not_allowed(database_url: str, columns: tuple[Any, ...]) -> None:
    connection = await asyncpg.connect(database_url)
    kind, *lines = columns
    source_id = uuid4()
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.RestrictViolationError)):
        await connection.execute(PLAIN, kind, source_id, *lines)
    assert not await connection.fetchval("SELECT count(*) FROM ledger_transactions WHERE source_id = $1", source_id)
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transactions SET note = 'other'",
        "UPDATE ledger_entries SET amount_minor = amount_minor + 1",
        "UPDATE ledger_accounts SET balance_minor = balance_minor + 1",
        "DELETE FROM ledger_transactions",
        "DELETE FROM ledger_entries",
        "DELETE FROM ledger_accounts",
        "TRUNCATE ledger_transactions",
        "TRUNCATE ledger_entries",
        "TRUNCATE ledger_accounts",
        "INSERT INTO ledger_entries SELECT transaction_id, 100, account_id, 100, 1, 1, now() FROM ledger_entries LIMIT 1",
        """INSERT INTO ledger_accounts
        VALUES (ledger_account_id('delivery', NULL, 'SEK'), 'delivery', NULL, 'SEK', 2, 0, 0, now())""",
        """INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor, posted_in)
        VALUES ('order', gen_random_uuid(), '{delivery,sales_tax}', '{NULL,NULL}', '{TRY,TRY}', '{1,-1}', '1')""",
    ],
)
async def test_plain_sql_cannot_change_what_is_posted(database: Database, database_url: str, statement: str) -> None:
    await post(database, an_order(uuid4(), 100, 10))
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(statement)
    await connection.close()
    assert await findings_in(database_url) == []


async def test_plain_sql_posts_like_everybody(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    before = (await balances_in(connection)).get(Account("delivery", None, "SEK"), 0)
    async with connection.transaction():
        for amount in (100, 23):
            accounts, parties = ["platform_discounts", "delivery"], [None, None]
            await connection.execute(PLAIN, "order", uuid4(), accounts, parties, ["SEK", "SEK"], [-amount, amount])
        # Not before the commit.
        assert (await balances_in(connection)).get(Account("delivery", None, "SEK"), 0) == before
    assert (await balances_in(connection))[Account("delivery", None, "SEK")] == before + 123
    await connection.close()
    assert await findings_in(database_url) == []


async def test_what_savepoints_take_back_is_not_posted(database_url: str) -> None:
    seller = uuid4()
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await post_transaction(Change.within(connection, CHANGE), an_order(seller, 100))
        inner = connection.transaction()
        await inner.start()
        await post_transaction(Change.within(connection, CHANGE), an_order(seller, 10))
        await connection.execute("SET CONSTRAINTS post_entries IMMEDIATE")
        assert (await balances_in(connection))[account("seller", seller)] == 110
        await inner.rollback()
        async with connection.transaction():
            await post_transaction(Change.within(connection, CHANGE), an_order(seller, 1))
    assert (await balances_in(connection))[account("seller", seller)] == 101
    await connection.close()
    assert await findings_in(database_url) == []


async def test_more_than_can_be_counted_is_refused(database: Database) -> None:
    seller = uuid4()
    await post(database, an_order(seller, 2**63 - 1))
    with pytest.raises(Exception, match="field"):
        await post(database, an_order(seller, 1))
