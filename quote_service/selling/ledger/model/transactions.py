"""Transactions and their entries, before they are posted.

The sign of an amount is written down here, and nowhere else: **a credit is above 0, a debit is below 0**, and a balance is
the sum of its entries. So a seller's balance above 0 is what the platform owes the seller; a customer's is below 0 by what
the customer has been charged; commission, taxes and delivery fees are above 0 by what has been earned or collected.

Source: docs/spec/ledger.md#transactions; docs/spec/ledger.md#accounts.
"""

from collections import Counter
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from quote_service.platform.money.currencies import EXPONENTS

TransactionKind = Literal["order", "refund", "cancellation", "payout", "adjustment"]
AccountName = Literal[
    "customer", "seller", "commission", "commission_tax", "sales_tax", "delivery", "platform_discounts", "payouts"
]
ACCOUNTS: tuple[AccountName, ...] = get_args(AccountName)
KINDS: tuple[TransactionKind, ...] = get_args(TransactionKind)
#: Accounts that are always somebody's.
OF_A_PARTY: frozenset[AccountName] = frozenset({"customer", "seller"})
#: What has been earned, collected or paid out: such a balance is never below 0.
NEVER_DEBIT: frozenset[AccountName] = frozenset({"commission", "commission_tax", "sales_tax", "delivery", "payouts"})
#: What has been charged or given away: such a balance is never above 0. A seller's may be either: after a refund that comes
#: later than the payout, the seller owes the platform.
NEVER_CREDIT: frozenset[AccountName] = frozenset({"customer", "platform_discounts"})
ENTRIES_MAX = 10_000
#: Whose account holds what is owed to a seller whom nobody has named yet; an adjustment moves it on, and no payout takes it.
UNKNOWN_SELLER = UUID(int=0)


class Account(NamedTuple):
    """An account: what it is for, whose it is (None for the platform's own), and its one currency."""

    account: AccountName
    party_id: UUID | None
    currency: str


class Entry(NamedTuple):
    """An amount on an account, in minor units: above 0 a credit, below 0 a debit."""

    account: Account
    amount_minor: int


class Unbalanced(ValueError):
    """The entries of a transaction cannot be posted: a mistake of who made them."""


def credit(account: Account, amount_minor: int) -> Entry:
    """An entry that adds to the balance; of a negative amount, a debit of its opposite."""
    return Entry(account, amount_minor)


def debit(account: Account, amount_minor: int) -> Entry:
    """An entry that takes from the balance; of a negative amount, a credit of its opposite."""
    return Entry(account, -amount_minor)


class Transaction:
    """Entries that are posted together; once for a source, however often they are sent.

    Entries of nothing are left out, and entries on one account stay apart in their order.

    Attributes:
        kind: What happened.
        source_id: The order, refund or payout that it is posted for.
        entries: At least two.
        reference: What another system calls it, such as a bank transfer.
        note: Why, in words.
        actor: Who causes it; None for whoever posts it.
    """

    __slots__ = ("actor", "entries", "kind", "note", "reference", "source_id")

    def __init__(
        self,
        kind: TransactionKind,
        source_id: UUID,
        entries: "tuple[Entry, ...] | list[Entry]",
        *,
        reference: str | None = None,
        note: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Check that it can be posted.

        Raises:
            Unbalanced: The entries do not add up to zero in each currency, are fewer than two, or are on accounts that
                cannot be.
        """
        self.kind = kind
        self.source_id = source_id
        self.entries = tuple(entry for entry in entries if entry.amount_minor)
        self.reference = reference
        self.note = note
        self.actor = actor
        if not 2 <= len(self.entries) <= ENTRIES_MAX:
            raise Unbalanced(f"a transaction has 2 to {ENTRIES_MAX} entries, not {len(self.entries)}")
        for entry in self.entries:
            _require_account(entry.account)
        if left := sums_left(self.entries):
            raise Unbalanced(f"entries do not add up to zero: {left}")


def sums_left(entries: "tuple[Entry, ...] | list[Entry]") -> dict[str, int]:
    """By how much entries do not add up to zero, in minor units by currency; empty if they do."""
    sums = Counter[str]()
    for entry in entries:
        sums[entry.account.currency] += entry.amount_minor
    return {currency: total for currency, total in sums.items() if total}


def _require_account(account: Account) -> None:
    if account.account not in ACCOUNTS:
        raise Unbalanced(f"there is no account {account.account}")
    if account.currency not in EXPONENTS:
        raise Unbalanced(f"there is no currency {account.currency}")
    if account.party_id is None and account.account in OF_A_PARTY:
        raise Unbalanced(f"{account.account} is somebody's account")
