"""What is in the ledger, as it is shown.

Source: docs/spec/ledger.md#accounts; docs/spec/ledger.md#transactions.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.money.amounts import amount_text
from quote_service.platform.money.numbers import ExactNumber
from quote_service.selling.ledger.model.transactions import AccountName, TransactionKind


def shown_amount(amount_minor: int, exponent: int) -> ExactNumber:
    """An amount with its currency's digits."""
    return ExactNumber(amount_text(amount_minor, exponent))


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An account and its balance."""

    id: UUID
    """Identifies the account."""
    account: AccountName
    """What the account is for."""
    party_id: UUID | None
    """Id of the seller or customer whose account it is; null for the platform's own."""
    currency: str
    """ISO 4217 code."""
    balance: ExactNumber
    """Sum of all entries: above 0 credit, below 0 debit. A seller's balance above 0 is owed to the seller."""
    entry_count: int
    """Number of entries."""
    last_posted_at: datetime
    """When the last entry was posted."""


class EntryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an account."""

    number: int
    """Number of the entry in its account, from 1 and without gaps."""
    amount: ExactNumber
    """Amount: above 0 a credit, below 0 a debit."""
    balance: ExactNumber
    """Balance of the account after this entry."""
    posted_at: datetime
    """When the entry was posted."""
    transaction_id: UUID
    """Id of the transaction."""
    kind: TransactionKind
    """What happened."""
    source_id: UUID
    """Id of the order, refund, payout or adjustment."""
    reference: str | None
    """What another system calls it."""
    note: str | None
    """Why, in words."""


class PostedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a transaction."""

    account_id: UUID
    """Id of the account."""
    account: AccountName
    """What the account is for."""
    party_id: UUID | None
    """Whose account it is; null for the platform's own."""
    currency: str
    """ISO 4217 code."""
    amount: ExactNumber
    """Amount: above 0 a credit, below 0 a debit."""
    balance: ExactNumber
    """Balance of the account after this entry."""


class TransactionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction with its entries, which add up to zero in each currency."""

    id: UUID
    """Identifies the transaction."""
    kind: TransactionKind
    """What happened."""
    source_id: UUID
    """Id of the order, refund, payout or adjustment; a source is posted once."""
    actor: str
    """Id of who caused it, or a database role."""
    reference: str | None
    """What another system calls it."""
    note: str | None
    """Why, in words."""
    posted_at: datetime
    """When it was posted."""
    entries: list[PostedEntry]
    """Its entries, in the order in which they were given."""
