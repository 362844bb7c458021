"""What a check of the ledger finds.

Source: docs/spec/ledger.md#check.
"""

from typing import NamedTuple

from quote_service.platform.system.findings import Finding

#: By name: what holds in a ledger in order.
CHECKS: dict[str, str] = {
    "trigger": "the triggers that post, and that refuse changes, are there and enabled",
    "constraint": "the constraints of the ledger are there",
    "source": "a source is posted once",
    "entries": "a transaction has entries",
    "lines": "the entries of a transaction are its lines",
    "balanced": "the entries of a transaction add up to zero in each currency",
    "orphan": "an entry belongs to a transaction and to an account",
    "known": "an account is of a known kind, with a party where it needs one",
    "identity": "an account's id is that of its kind, party and currency, which it has alone",
    "currency": "an account has one known currency, with its digits",
    "balance": "a balance is the sum of the entries, and their count is the account's",
    "sequence": "the entries of an account are numbered without gaps, each with the balance after it",
    "instants": "the instants of an account's entries never go back",
    "sign": "what was earned, collected or paid is never below zero, what was charged or given away never above",
    "payout": "no payout took more than the seller's balance",
}


class LedgerCheck(NamedTuple):
    """What was checked, and what was found."""

    transactions: int
    entries: int
    accounts: int
    findings: list[Finding]
