"""Transactions to post, and a model of the ledger that knows no database."""

from __future__ import annotations

import random
from collections import defaultdict
from uuid import UUID, uuid4

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.findings import Finding
from quote_service.selling.ledger.model.transactions import (
    Account,
    AccountName,
    Entry,
    Transaction,
    TransactionKind,
    credit,
    debit,
)
from quote_service.selling.ledger.operations.check_ledger import check_ledger
from quote_service.selling.ledger.operations.post_transaction import Posted, post_transactions

CHANGE = change_by_system("test", 1_767_225_600_000_000)


def account(name: AccountName, party_id: UUID | None = None, currency: str = "TRY") -> Account:
    return Account(name, party_id, currency)


def an_order(
    seller_id: UUID, paid_minor: int, commission_minor: int = 0, *, currency: str = "TRY", source_id: UUID | None = None
) -> Transaction:
    """Somebody buys from a seller: what is paid goes to the seller, less the commission."""
    return Transaction(
        "order",
        source_id or uuid4(),
        [
            debit(account("customer", uuid4(), currency), paid_minor),
            credit(account("seller", seller_id, currency), paid_minor - commission_minor),
            credit(account("commission", seller_id, currency), commission_minor),
        ],
    )


def a_random_transaction(
    chance: random.Random, parties: list[UUID], kind: TransactionKind = "order", source_id: UUID | None = None
) -> Transaction:
    """Entries on any accounts, in any order, in one or two currencies."""
    entries: list[Entry] = []
    for currency in chance.sample(("TRY", "JPY", "KWD"), chance.choice((1, 1, 1, 2))):
        left = 0
        for _ in range(chance.randrange(1, 6)):
            amount = chance.choice((-1, 1)) * chance.randrange(1, 100_000)
            entries.append(Entry(_any_account(chance, parties, currency), amount))
            left -= amount
        entries.append(Entry(_any_account(chance, parties, currency), left or 1))
        if not left:
            entries.append(Entry(_any_account(chance, parties, currency), -1))
    chance.shuffle(entries)
    return Transaction(kind, source_id or uuid4(), entries)


def _any_account(chance: random.Random, parties: list[UUID], currency: str) -> Account:
    name: AccountName = chance.choice(
        ("customer", "seller", "seller", "commission", "commission_tax", "sales_tax", "delivery", "platform_discounts")
    )
    party_id = chance.choice(parties) if name in ("customer", "seller") else chance.choice((None, None, parties[0]))
    return Account(name, party_id, currency)


class Books:
    """A ledger as a dict: what each account holds, entry by entry."""

    def __init__(self) -> None:
        self.entries: dict[Account, list[int]] = defaultdict(list)
        self.posted: dict[tuple[TransactionKind, UUID], Transaction] = {}

    def post(self, transaction: Transaction) -> None:
        """Once for each source."""
        key = (transaction.kind, transaction.source_id)
        if key in self.posted:
            return
        self.posted[key] = transaction
        for each in transaction.entries:
            self.entries[each.account].append(each.amount_minor)

    def balances(self) -> dict[Account, int]:
        return {account: sum(amounts) for account, amounts in self.entries.items()}


async def post(database: Database, *transactions: Transaction) -> list[Posted]:
    """In one database transaction."""
    async with database.transaction() as connection:
        return await post_transactions(Change.within(connection, CHANGE), transactions)


async def balances_in(connection: Connection) -> dict[Account, int]:
    rows = await connection.fetch("SELECT account, party_id, currency, balance_minor FROM ledger_accounts")
    return {Account(row["account"], row["party_id"], row["currency"]): row["balance_minor"] for row in rows}


async def findings_in(url: str, *, but: frozenset[str] = frozenset()) -> list[Finding]:
    """What the check finds, apart from what some checks find."""
    database = await Database.open(url)
    try:
        return [finding for finding in (await check_ledger(database)).findings if finding.check not in but]
    finally:
        await database.close()
