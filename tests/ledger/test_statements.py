"""Statements of sellers: they add up, fit together, and never change.

Source: docs/spec/ledger.md#statements.
"""

from __future__ import annotations

import asyncio
import csv
import io
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.model.statement import StatementTransaction
from quote_service.selling.ledger.model.transactions import Transaction, credit, debit
from quote_service.selling.ledger.operations.read_statement import open_statement, transactions_of_statement
from tests.catalog.shop import pointers
from tests.ledger.books import a_random_transaction, account, an_order, post
from tests.ledger.till import Till


def path_of(seller_id: UUID) -> str:
    return f"/api/v1/sellers/{seller_id}/statement"


def own(reported: dict[str, Any]) -> Decimal:
    """What the entries on the seller's own account come to."""
    return sum(
        (
            entry["amount"]
            for each in reported["transactions"]
            for entry in each["entries"]
            if entry["account"] == "seller"
        ),
        Decimal(0),
    )


def test_a_statement_shows_orders_with_commission_and_payouts(till: Till) -> None:
    seller = uuid4()
    till.post_all(an_order(seller, 100_00, 10_00), an_order(uuid4(), 5_00), an_order(seller, 7_00, currency="USD"))
    paid = till.pay(seller, "50.00").json()["data"]
    reported = till.statement(seller)
    assert (reported["seller_id"], reported["currency"], reported["from"]) == (str(seller), "TRY", None)
    assert (reported["opening_balance"], reported["closing_balance"]) == (0, 40)
    order, payout = reported["transactions"]
    assert (order["kind"], order["amount"], order["balance"]) == ("order", 90, 90)
    assert order["entries"] == [{"account": "seller", "amount": 90}, {"account": "commission", "amount": 10}]
    assert (payout["kind"], payout["amount"], payout["balance"]) == ("payout", -50, 40)
    assert (payout["transaction_id"], payout["reference"]) == (paid["id"], paid["reference"])
    assert payout["entries"] == [{"account": "seller", "amount": -50}, {"account": "payouts", "amount": 50}]
    assert '"opening_balance":0.00' in till.http.get(path_of(seller), params={"currency": "TRY"}).text


def test_periods_fit_together_and_add_up(till: Till) -> None:
    seller, chance = uuid4(), random.Random(5)
    till.post_all(*(a_random_transaction(chance, [seller]) for _ in range(40)))
    whole = till.statement(seller)
    shown = whole["transactions"]
    assert len(shown) > 10
    assert whole["opening_balance"] + own(whole) == whole["closing_balance"]
    borders = [shown[place]["posted_at"] for place in (3, 7, 8)]
    begin: dict[str, str] = {}
    parts, opening = [], Decimal(0)
    for end in (*borders, whole["to"]):
        part = till.statement(seller, to=end, **begin)
        assert part["opening_balance"] == opening
        assert part["opening_balance"] + own(part) == part["closing_balance"]
        assert sum((each["amount"] for each in part["transactions"]), Decimal(0)) == own(part)
        opening = part["closing_balance"]
        parts += part["transactions"]
        begin = {"from": end}
    assert parts == shown
    assert opening == whole["closing_balance"]
    running = Decimal(0)
    for each in shown:
        running += each["amount"]
        assert each["balance"] == running


@pytest.mark.parametrize("name", ["Europe/Istanbul", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
def test_dates_are_local_days_of_the_zone_that_is_named(till: Till, name: str) -> None:
    seller, zone = uuid4(), ZoneInfo(name)
    till.post_all(an_order(seller, 100_00))
    (posted,) = till.statement(seller)["transactions"]
    day = datetime.fromisoformat(posted["posted_at"]).astimezone(zone).date()
    days = [str(day + timedelta(days=count)) for count in (-1, 0, 1)]
    body = till.http.get(
        path_of(seller), params={"currency": "TRY", "from": days[1], "to": days[2], "time_zone": name}
    ).json()["data"]
    begin = datetime.combine(day, time(), zone)
    assert (datetime.fromisoformat(body["from"]), body["time_zone"], len(body["transactions"])) == (begin, name, 1)
    before = till.http.get(
        path_of(seller), params={"currency": "TRY", "from": days[0], "to": days[1], "time_zone": name}
    ).json()["data"]
    assert (before["closing_balance"], before["transactions"]) == (0, [])
    text = till.http.get(
        path_of(seller), params={"currency": "TRY", "from": days[1], "time_zone": name, "format": "csv"}
    ).text
    first, entry, *_ = csv.DictReader(io.StringIO(text, newline=""))
    assert first["posted_at"] == begin.isoformat()
    at = datetime.fromisoformat(entry["posted_at"])
    assert (at, at.utcoffset()) == (datetime.fromisoformat(posted["posted_at"]), begin.utcoffset())
    (account_id,) = [
        each["id"]
        for each in till.http.get(
            "/api/v1/ledger/accounts", params={"party_id": str(seller), "account": "seller"}
        ).json()["data"]
    ]
    for since, found in ((days[1], 1), (days[2], 0)):
        asked = {"from": since, "time_zone": name}
        entries = till.http.get(f"/api/v1/ledger/accounts/{account_id}/entries", params=asked).json()["data"]
        assert len(entries) == found


def test_csv_says_the_same(till: Till) -> None:
    seller = uuid4()
    made = Transaction(
        "refund",
        uuid4(),
        [debit(account("seller", seller), 30), credit(account("customer", uuid4()), 30)],
        reference="=1+1",
        note='says "no"\nand, goes',
    )
    till.post_all(an_order(seller, 100_00, 10_00), made)
    reported = till.statement(seller)
    query = {"currency": "TRY", "to": reported["to"]}
    answer = till.http.get(path_of(seller), params={**query, "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert f"statement-{seller}-TRY.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert (rows[0]["kind"], rows[0]["balance"]) == ("opening_balance", "0.00")
    assert (rows[-1]["kind"], rows[-1]["balance"], rows[-1]["posted_at"]) == (
        "closing_balance",
        "89.70",
        reported["to"],
    )
    assert [(row["account"], Decimal(row["amount"])) for row in rows[1:-1]] == [
        (entry["account"], entry["amount"]) for each in reported["transactions"] for entry in each["entries"]
    ]
    assert [row["balance"] for row in rows[1:-1]] == ["90.00", "", "89.70"]
    assert (rows[-2]["reference"], rows[-2]["note"]) == ("'=1+1", 'says "no"\nand, goes')
    for accept, kind in (
        ("text/csv", "text/csv"),
        ("text/csv;q=0.9, */*;q=0.1", "text/csv"),
        ("application/json, text/csv", "application/json"),
        ("*/*", "application/json"),
    ):
        asked = till.http.get(path_of(seller), params=query, headers={"Accept": accept})
        assert asked.headers["content-type"].startswith(kind)
        assert asked.headers["vary"] == "Accept"
    by_name = till.http.get(path_of(seller), params={**query, "format": "json"}, headers={"Accept": "text/csv"})
    assert by_name.json()["data"]["closing_balance"] == 89.7


def test_a_seller_without_entries_has_a_statement_of_zeros(till: Till) -> None:
    reported = till.statement(uuid4(), currency="KWD")
    assert (reported["opening_balance"], reported["closing_balance"], reported["transactions"]) == (0, 0, [])
    answer = till.http.get(path_of(uuid4()), params={"currency": "KWD", "format": "csv"})
    assert answer.text.count("0.000") == 2


def test_a_period_that_has_not_ended_ends_now(till: Till) -> None:
    seller = till.seller_with(100)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    reported = till.statement(seller, to=later)
    till.post_all(an_order(seller, 100))
    assert till.statement(seller, to=reported["to"]) == reported
    assert len(till.statement(seller, to=later)["transactions"]) == 2


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("", "/query/currency"),
        ("currency=XXX", "/query/currency"),
        ("currency=TRY&from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "/query/to"),
        ("currency=TRY&from=2226-01-01T00:00:00Z", "/query/from"),
        ("currency=TRY&from=2026-01-32", "/query/from"),
        ("currency=TRY&from=2026-01-01T00:00:00", "/query/from"),
        ("currency=TRY&time_zone=Europe/Constantinople2", "/query/time_zone"),
        ("currency=TRY&format=pdf", "/query/format"),
        ("currency=TRY&limit=5", "/query/limit"),
    ],
)
def test_a_statement_refuses_what_it_does_not_know(till: Till, query: str, where: str) -> None:
    assert pointers(till.http.get(f"{path_of(uuid4())}?{query}")) == [where]


async def test_a_transaction_on_the_border_of_pages_stays_whole(database: Database) -> None:
    seller, chance = uuid4(), random.Random(9)
    await post(database, *(a_random_transaction(chance, [seller]) for _ in range(25)))
    whole = await _read(database, seller, 1000)
    assert max(len([each for each in one.entries if each.account == "seller"]) for one in whole) > 1
    for page_rows in (1, 2, 3, 5, 7):
        assert await _read(database, seller, page_rows) == whole


async def _read(database: Database, seller_id: UUID, page_rows: int) -> list[StatementTransaction]:
    head = await open_statement(database, seller_id, "TRY", None, None)
    pages: AsyncIterator[list[StatementTransaction]] = transactions_of_statement(database, head, page_rows)
    return [each async for page in pages for each in page]


async def test_who_is_posting_is_waited_for(database: Database, database_url: str) -> None:
    """A statement up to now is final: what is posted already and not committed yet is part of it."""
    seller = uuid4()
    await post(database, an_order(seller, 100))
    connection = await asyncpg.connect(database_url)
    work = connection.transaction()
    await work.start()
    await connection.execute(
        """INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
        VALUES ('order', gen_random_uuid(), '{delivery,seller}', ARRAY[NULL, $1::uuid], '{TRY,TRY}', '{-5,5}')""",
        seller,
    )
    await connection.execute("SET CONSTRAINTS post_entries IMMEDIATE")
    asked = asyncio.create_task(open_statement(database, seller, "TRY", None, None))
    while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
        assert not asked.done()
        await asyncio.sleep(0)
    await work.commit()
    assert (await asked).closing_minor == 105
    await connection.close()
