"""Counts of posted transactions in one process, written where they outlive it.

Source: docs/spec/ledger.md#figures.
"""

from quote_service.platform.telemetry.registry import Registry
from quote_service.selling.ledger.model.transactions import KINDS, TransactionKind


class LedgerMeters:
    """A counter a kind; all are there from the start, so that the first of each is seen as an increase."""

    __slots__ = ("_posted",)

    def __init__(self, registry: Registry) -> None:
        meaning = "Transactions posted to the ledger, by kind"
        self._posted = {
            kind: registry.counter("quote_ledger_transactions_total", meaning, {"kind": kind}) for kind in KINDS
        }

    def posted(self, kind: TransactionKind, count: int = 1) -> None:
        """So many transactions have been committed."""
        self._posted[kind].add(count)
