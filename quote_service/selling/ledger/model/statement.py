"""A seller's statement: what was owed at the beginning of a period, all that changed it, and what was owed at its end.

Source: docs/spec/ledger.md#statements.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from quote_service.platform.money.numbers import ExactNumber
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.selling.ledger.model.transactions import AccountName, TransactionKind


class StatementEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry on one of the seller's accounts."""

    account: AccountName
    """What the account is for; entries on `seller` change the balance."""
    amount: ExactNumber
    """Amount: above 0 a credit, below 0 a debit."""


class StatementTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of the period, as far as it is about the seller."""

    transaction_id: UUID
    """Id of the transaction."""
    kind: TransactionKind
    """What happened."""
    source_id: UUID
    """Id of the order, refund, payout or adjustment."""
    posted_at: datetime
    """When it was posted."""
    reference: str | None
    """What another system calls it."""
    note: str | None
    """Why, in words."""
    amount: ExactNumber
    """By how much it changed the seller's balance."""
    balance: ExactNumber
    """The seller's balance after it."""
    entries: list[StatementEntry]
    """Its entries on the seller's accounts."""
    warnings: list[WarningDocument] | UnsetType = UNSET
    """`payout_negative` of an order that leaves the seller owing something; left out if there is nothing to say."""


class StatementRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A seller's statement in one currency."""

    seller_id: UUID
    """The seller."""
    currency: str
    """ISO 4217 code."""
    from_: datetime | None = msgspec.field(name="from")
    """Beginning of the period; null for the beginning of the ledger."""
    to: datetime
    """End of the period, which is not part of it."""
    time_zone: str
    """IANA time zone that dates of the period were read by."""
    opening_balance: ExactNumber
    """What was owed to the seller at `from`."""
    closing_balance: ExactNumber
    """What was owed to the seller at `to`: the opening balance and all amounts."""
    transactions: list[StatementTransaction]
    """All transactions of the period, oldest first."""


class StatementHead(NamedTuple):
    """What a statement says before its transactions; balances in minor units of `exponent` digits."""

    seller_id: UUID
    currency: str
    exponent: int
    posted_from: datetime | None
    posted_to: datetime
    opening_minor: int
    closing_minor: int
