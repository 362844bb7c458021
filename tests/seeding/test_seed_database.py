"""A seeded database on a real server: the same for the same seed, true to every rule of its tables, all or nothing.

Source: docs/spec/seeding.md.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quote_service.lab.seeding.model.draw_vocabulary import draw_vocabulary
from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.lab.seeding.operations.seed_database import AlreadyThere, seed_database
from quote_service.lab.seeding.tables.seeded_rows import COLUMNS
from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Key
from quote_service.quotes.model.accepted_quote import figures_of
from quote_service.quotes.operations.explain_quote import explain_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.verify_quote import verify_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.quotes.tables.accepted_quotes import accepted_quote
from tests.conftest import MakeDatabase

SECRET = bytes(range(32))
KEYS = OrderKeys((Key("k1", SECRET),), (Key("r1", SECRET),), 900, "seed")
PLAN = SeedPlan(customers=30, products=150, orders=120, seed=5, until=datetime(2026, 2, 1, tzinfo=UTC))
TABLES = (
    *COLUMNS,
    "price_history",
    "inventory_movements",
    "inventory_price_moves",
    "accepted_quote_lines",
    "commission_rates",
    "pricing_rules",
    "product_skus",
    "product_words",
)
# The database's own: transactions, versions of the rulebook by the clock, and numbers of the order of writing.
OWN = {"changed_in", "begun_in", "rulebook_version"}
Interrupt = Callable[[str], None]


async def fill(url: str, plan: SeedPlan, *, appends: bool = False, at: Interrupt = lambda what: None) -> None:
    database = await Database.open(url, statement_seconds=120)
    try:
        async with database.transaction() as connection:
            await seed_database(
                connection,
                plan,
                draw_vocabulary(plan.seed),
                KEYS,
                appends=appends,
                processes=1,
                report=lambda what, done, of_all: at(what),
            )
    finally:
        await database.close()


async def ask(url: str, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


async def content(url: str) -> dict[str, str]:
    """A hash of every table."""
    found = {}
    for table in TABLES:
        lines = [
            repr([(name, value) for name, value in row.items() if name not in OWN])
            for row in await ask(url, f"SELECT * FROM {table}")
        ]
        found[table] = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    return found


@pytest.fixture(scope="module")
def seeded(new_database_url: MakeDatabase) -> str:
    url = new_database_url()
    asyncio.run(fill(url, PLAN))
    return url


async def test_the_same_seed_gives_the_same_rows(seeded: str, new_database_url: MakeDatabase) -> None:
    again, other = new_database_url(), new_database_url()
    await fill(again, PLAN)
    await fill(other, msgspec.structs.replace(PLAN, seed=6))
    first = await content(seeded)
    assert await content(again) == first
    assert {table for table, hashed in (await content(other)).items() if hashed == first[table]} == set()


async def test_so_much_is_there_as_was_asked_for(seeded: str) -> None:
    for table, wanted in (("customers", 30), ("products", 150), ("accepted_quotes", 120)):
        [counted] = await ask(seeded, f"SELECT count(*) FROM {table}")
        assert counted["count"] == wanted
    [empty] = await ask(
        seeded,
        """SELECT count(*) FROM products WHERE cardinality(words_of(name)) < 3 OR length(description) < 10
        OR category_id IS NULL OR seller_id IS NULL""",
    )
    assert empty["count"] == 0
    [lines] = await ask(seeded, "SELECT count(DISTINCT quote_id) FROM accepted_quote_lines")
    assert lines["count"] == 120


async def test_prices_have_a_history_that_leads_to_them(seeded: str) -> None:
    odd = await ask(
        seeded,
        """SELECT * FROM product_prices AS price WHERE current_price IS DISTINCT FROM (
            SELECT new_price FROM price_history AS h
            WHERE h.item_id = price.item_id AND h.currency = price.currency ORDER BY at DESC LIMIT 1)""",
    )
    assert odd == []
    moves = await ask(seeded, "SELECT * FROM price_history ORDER BY item_id, currency, at")
    assert {move["reason"] for move in moves} == {"import", "schedule", "inventory"}
    assert {move["at"] for move in moves if move["old_price"] is None} == {PLAN.opened}
    assert max(move["at"] for move in moves) <= PLAN.until + timedelta(microseconds=1)
    assert {row["at"] for row in await ask(seeded, "SELECT at FROM inventory_movements")} == {PLAN.until}


async def test_orders_are_quotes_at_the_prices_of_their_time(seeded: str) -> None:
    rows = await ask(
        seeded,
        """SELECT quote.issued_at, item, (
            SELECT new_price FROM price_history AS h
            WHERE h.item_id = coalesce(own.item_id, (item ->> 'product_id')::uuid) AND h.currency = quote.currency
                AND h.at <= quote.issued_at
            ORDER BY at DESC LIMIT 1
        ) AS price
        FROM accepted_quotes AS quote
        CROSS JOIN json_array_elements(convert_from(data, 'UTF8')::json -> 'items') AS item
        LEFT JOIN product_prices AS own
            ON own.item_id = (item ->> 'variant_id')::uuid AND own.currency = quote.currency""",
    )
    assert len(rows) > 120
    for row in rows:
        item = parse_exact(row["item"].encode())
        assert item["price_source"] == "catalog"
        assert item["list_price"] == row["price"]
    # Some were bought at other prices than the first.
    assert any(row["price"] % 1 != Decimal("0.9") for row in rows)


async def test_orders_verify_and_their_columns_are_their_figures(seeded: str) -> None:
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key()
    for row in await ask(seeded, "SELECT * FROM accepted_quotes"):
        verification, quote = verify_quote(QuoteSigner([("k1", SECRET)]), parse_exact(row["data"]))
        assert verification.valid
        assert quote is not None
        figures = figures_of(quote.document, quote.exponent)
        for name in row.keys() & set(figures.__struct_fields__) - {"payouts", "coupon_codes"}:
            assert row[name] == getattr(figures, name), name
        assert msgspec.json.decode(row["payouts"]) == list(msgspec.to_builtins(figures.payouts))
        claims = jwt.decode(row["receipt"], public, ["EdDSA"], options={"verify_iat": False})
        assert claims["data_sha256"] == hashlib.sha256(quote.signed).hexdigest()
        assert row["issued_at"] < row["accepted_at"] < min(row["valid_until"], PLAN.until)
        assert figures.seller_commission_minor
        assert quote.document["warnings"] == []


async def test_orders_can_be_explained(seeded: str) -> None:
    database = await Database.open(seeded)
    try:
        for row in await ask(seeded, "SELECT quote_id FROM accepted_quotes LIMIT 10"):
            async with database.read() as connection:
                quote = await accepted_quote(connection, row["quote_id"])
            assert quote is not None
            explained = await explain_quote(database, quote, decode_basket)
            assert explained.agrees, explained.differences
    finally:
        await database.close()


async def test_nothing_is_reported_to_happen_in_the_future(seeded: str) -> None:
    connection = await asyncpg.connect(seeded)
    transaction = connection.transaction()
    await transaction.start()
    try:
        for setting in ("price_at", "stock_at"):
            await connection.execute(
                "SELECT set_config($1, $2, true)", f"quote_service.{setting}", "2999-01-01T00:00:00+00:00"
            )
        [price] = await connection.fetch(
            """UPDATE product_prices SET current_price = min_price WHERE item_id = (
            SELECT item_id FROM product_prices WHERE currency = 'TRY' AND current_price > min_price LIMIT 1)
            AND currency = 'TRY' RETURNING item_id""",
        )
        moved = await connection.fetchval("SELECT max(at) FROM price_history WHERE item_id = $1", price["item_id"])
        await connection.execute("UPDATE inventory SET quantity = quantity + 1 WHERE quantity > 0")
        counted = await connection.fetchval("SELECT max(at) FROM inventory_movements")
        assert moved <= await connection.fetchval("SELECT clock_timestamp()")
        assert counted <= await connection.fetchval("SELECT clock_timestamp()")
    finally:
        await transaction.rollback()
        await connection.close()


async def test_locks_do_not_grow_with_what_is_seeded(new_database_url: MakeDatabase) -> None:
    """PostgreSQL has some thousands of them."""
    database = await Database.open(new_database_url(), statement_seconds=120)
    try:
        async with database.transaction() as connection:
            await seed_database(
                connection,
                PLAN,
                draw_vocabulary(PLAN.seed),
                KEYS,
                appends=False,
                processes=1,
                report=lambda what, done, of_all: None,
            )
            held = await connection.fetchval(
                "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"
            )
    finally:
        await database.close()
    assert held <= 1  # the category tree's


async def test_more_is_added_only_where_it_is_wanted(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    small = SeedPlan(2, 5, 3, 1, PLAN.until)
    await fill(url, small)
    with pytest.raises(AlreadyThere, match="--append"):
        await fill(url, msgspec.structs.replace(small, seed=2))
    with pytest.raises(AlreadyThere, match="seed 1 already"):
        await fill(url, small, appends=True)
    await fill(url, msgspec.structs.replace(small, seed=2), appends=True)
    [counted] = await ask(url, "SELECT count(*) FROM accepted_quotes")
    assert counted["count"] == 6
    [rules] = await ask(url, "SELECT count(*) FROM pricing_rules")
    assert rules["count"] == 5


@pytest.mark.parametrize("stage", ["customers", "products", "orders"])
async def test_what_is_interrupted_leaves_nothing(new_database_url: MakeDatabase, stage: str) -> None:
    url = new_database_url()

    def interrupt(what: str) -> None:
        if what == stage:
            raise KeyError(stage)

    with pytest.raises(KeyError):
        await fill(url, PLAN, at=interrupt)
    for table in TABLES:
        assert await ask(url, f"SELECT * FROM {table}") == [], table
