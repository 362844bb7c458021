"""The check finds what somebody has done by hand, behind the back of every trigger.

Source: docs/spec/ledger.md#check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.model.findings import CHECKS
from quote_service.selling.ledger.model.transactions import ACCOUNTS, KINDS, Transaction, credit, debit
from tests.conftest import MakeDatabase
from tests.fixtures.environment import service_environment
from tests.ledger.books import account, an_order, findings_in, post
from tests.test_specification import first_column

PROJECT = Path(__file__).parents[2]
SELLER, OTHER = UUID(int=11), UUID(int=12)
SELLERS = f"ledger_account_id('seller', '{SELLER}', 'TRY')"
PAYOUT = UUID(int=77)
# What is done, and which checks find it. Each is done to a ledger of its own.
BREAKAGES: dict[str, tuple[str, set[str]]] = {
    "an amount is changed": (
        "UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE account_id = {sellers} AND number = 2",
        {"lines", "balanced", "balance", "sequence"},
    ),
    "a balance is changed": (
        "UPDATE ledger_accounts SET balance_minor = balance_minor + 1 WHERE id = {sellers}",
        {"balance"},
    ),
    "an entry is removed": (
        "DELETE FROM ledger_entries WHERE account_id = {sellers} AND number = 2",
        {"lines", "balanced", "balance", "sequence"},
    ),
    "an entry is added": (
        """INSERT INTO ledger_entries SELECT transaction_id, 9, account_id, 99, 5, 5, posted_at FROM ledger_entries
        WHERE account_id = {sellers} AND number = 2""",
        {"lines", "balanced", "balance", "sequence", "instants"},
    ),
    "all entries of a transaction are removed": (
        "DELETE FROM ledger_entries WHERE transaction_id = (SELECT id FROM ledger_transactions WHERE kind = 'refund')",
        {"entries", "balance"},
    ),
    "a transaction is removed": (
        "DELETE FROM ledger_transactions WHERE kind = 'refund'",
        {"orphan"},
    ),
    "an account is removed": (
        "DELETE FROM ledger_accounts WHERE id = {sellers}",
        {"orphan", "balanced"},
    ),
    "an entry is moved to another account": (
        """UPDATE ledger_entries SET account_id = ledger_account_id('seller', '{other}', 'TRY')
        WHERE account_id = {sellers} AND number = 3""",
        {"lines", "balance", "sequence", "instants"},
    ),
    "lines are rewritten": (
        "UPDATE ledger_transactions SET amounts_minor = '{{-1,1}}' WHERE kind = 'refund'",
        {"lines"},
    ),
    "the currency of an account is changed": (
        """ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_id;
        UPDATE ledger_accounts SET currency = 'USD' WHERE id = {sellers}""",
        {"constraint", "identity", "balanced"},
    ),
    "the digits of an account are changed": (
        "UPDATE ledger_accounts SET exponent = 3 WHERE id = {sellers}",
        {"currency"},
    ),
    "an account is of a kind that there is not": (
        """ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_account;
        INSERT INTO ledger_accounts VALUES (ledger_account_id('bank', NULL, 'TRY'), 'bank', NULL, 'TRY', 2, 0, 0, now())""",
        {"constraint", "known"},
    ),
    "a currency is one that there is not": (
        """INSERT INTO ledger_accounts
        VALUES (ledger_account_id('delivery', NULL, 'QQQ'), 'delivery', NULL, 'QQQ', 2, 0, 0, now())""",
        {"currency"},
    ),
    "a source is posted twice": (
        """ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_source;
        INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
        SELECT kind, source_id, accounts, party_ids, currencies, amounts_minor FROM ledger_transactions WHERE kind = 'refund'""",
        {"constraint", "source", "entries"},
    ),
    "numbers are exchanged": (
        "UPDATE ledger_entries SET number = 5 - number WHERE account_id = {sellers} AND number IN (2, 3)",
        {"sequence", "instants"},
    ),
    "an instant is put back": (
        "UPDATE ledger_entries SET posted_at = posted_at - interval '1 day' WHERE account_id = {sellers} AND number = 3",
        {"instants"},
    ),
    "a trigger is disabled": (
        "ALTER TABLE ledger_entries DISABLE TRIGGER refuse_change",
        {"trigger"},
    ),
    "a trigger fires on replicas only": (
        "ALTER TABLE ledger_transactions ENABLE REPLICA TRIGGER post_entries",
        {"trigger"},
    ),
    "a trigger is dropped": (
        "DROP TRIGGER refuse_removal ON ledger_accounts",
        {"trigger"},
    ),
    "commission was paid out of nothing": (
        """SET session_replication_role = origin;
        INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
        VALUES ('adjustment', gen_random_uuid(), '{{commission,seller}}', '{{NULL,{other}}}', '{{TRY,TRY}}', '{{-5,5}}')""",
        {"sign"},
    ),
    "a customer was given more than was charged": (
        """SET session_replication_role = origin;
        INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
        VALUES ('adjustment', gen_random_uuid(), '{{customer,seller}}', '{{{other},{other}}}', '{{TRY,TRY}}', '{{5,-5}}')""",
        {"sign"},
    ),
    "a payout was made of what was an adjustment": (
        """SET session_replication_role = origin;
        INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
        VALUES ('adjustment', gen_random_uuid(), '{{seller,payouts}}', '{{{other},{other}}}', '{{TRY,TRY}}', '{{-9,9}}');
        SET session_replication_role = replica;
        UPDATE ledger_transactions SET kind = 'payout' WHERE kind = 'adjustment'""",
        {"payout"},
    ),
}


async def a_ledger(url: str) -> None:
    """Orders, a refund and a payout."""
    database = await Database.open(url)
    customer = account("customer", UUID(int=13))
    for source in range(1, 5):
        await post(database, an_order(SELLER, 1000 * source, 100, source_id=UUID(int=source)))
    await post(database, Transaction("order", UUID(int=6), [debit(customer, 90), credit(account("seller", OTHER), 90)]))
    await post(
        database, Transaction("refund", UUID(int=6), [debit(account("seller", OTHER), 90), credit(customer, 90)])
    )
    lines = [debit(account("seller", SELLER), 500), credit(account("payouts", SELLER), 500)]
    await post(database, Transaction("payout", PAYOUT, lines))
    await database.close()


@pytest.mark.parametrize("name", BREAKAGES)
async def test_each_breakage_is_found(new_database_url: MakeDatabase, name: str) -> None:
    url = new_database_url()
    await a_ledger(url)
    assert await findings_in(url) == []
    statements, wanted = BREAKAGES[name]
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(statements.format(sellers=SELLERS, other=OTHER))
    await connection.close()
    found = await findings_in(url)
    assert {finding.check for finding in found} == wanted, found


def test_every_check_finds_something() -> None:
    assert {check for _, checks in BREAKAGES.values() for check in checks} == CHECKS.keys()


def test_the_pages_name_every_check_kind_and_account() -> None:
    assert first_column("ledger.md", "Check") == CHECKS.keys()
    assert first_column("ledger.md", "Accounts") == set(ACCOUNTS)
    page = (PROJECT / "docs" / "spec" / "ledger.md").read_text("utf-8")
    assert all(f"`{kind}`" in page for kind in KINDS)


def run_check(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quote_service", "ledger", "check", *options],
        cwd=PROJECT,
        env=service_environment({"DATABASE_URL": url}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_the_command_says_what_holds_and_what_does_not(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    await a_ledger(url)
    output = run_check(url)
    assert output.returncode == 0, output.stderr
    first, *lines = output.stdout.splitlines()
    assert first == "7 transactions, 18 entries, 9 accounts"
    assert [line.split()[:2] for line in lines] == [[name, "holds"] for name in CHECKS]
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(f"UPDATE ledger_accounts SET balance_minor = 1 WHERE id = {SELLERS}")
    sellers = await connection.fetchval(f"SELECT {SELLERS}")
    await connection.close()
    output = run_check(url)
    assert output.returncode == 1
    assert f"account {sellers} has balance 1 of 5 entries; its entries are 5 and add up to 9100" in output.stdout
    document = json.loads(run_check(url, "--json").stdout)
    assert (document["holds"], document["entries"]) == (False, 18)
    assert [finding["check"] for finding in document["findings"]] == ["balance"]


def test_what_cannot_be_checked_is_no_verdict() -> None:
    output = run_check("postgresql://postgres@127.0.0.1:1/postgres")
    assert output.returncode == 2
    assert "Traceback" not in output.stderr
