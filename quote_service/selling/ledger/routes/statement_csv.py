"""A statement as CSV (RFC 4180, UTF-8, a header line): the opening balance, one row an entry, the closing balance.

A text that a spreadsheet would take for a formula is written with an apostrophe before it.

Source: docs/spec/ledger.md#statements.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from quote_service.platform.documents.spreadsheet_text import spreadsheet_text
from quote_service.platform.system.instants import instant_text, to_micros
from quote_service.selling.ledger.model.records import shown_amount
from quote_service.selling.ledger.model.statement import StatementHead, StatementTransaction

COLUMNS = (
    "posted_at", "kind", "transaction_id", "source_id", "reference", "note", "account", "currency", "amount", "balance",
    "warnings",
)  # fmt: skip


class StatementCsv:
    """Writes one statement; the balance runs along with the entries on the seller's own account."""

    __slots__ = ("_balance", "_head", "_zone")

    def __init__(self, head: StatementHead, zone: ZoneInfo | None = None) -> None:
        """`zone` is whose offset instants are shown with; None for UTC with `Z`."""
        self._head = head
        self._zone = zone
        self._balance = Decimal(shown_amount(head.opening_minor, head.exponent))

    def start(self) -> bytes:
        """Header and opening balance."""
        return _lines([COLUMNS, self._end_row("opening_balance", self._head.posted_from, self._head.opening_minor)])

    def rows(self, transactions: Iterable[StatementTransaction]) -> bytes:
        """One row an entry; the balance stands with those that change it."""
        return _lines(row for transaction in transactions for row in self._rows(transaction))

    def end(self) -> bytes:
        """Closing balance."""
        return _lines([self._end_row("closing_balance", self._head.posted_to, self._head.closing_minor)])

    def _rows(self, reported: StatementTransaction) -> Iterable[tuple[object, ...]]:
        named = (self._instant(reported.posted_at), reported.kind, reported.transaction_id, reported.source_id)
        texts = (spreadsheet_text(reported.reference), spreadsheet_text(reported.note))
        for entry in reported.entries:
            balance: object = ""
            warnings = ""
            if entry.account == "seller":
                self._balance += entry.amount
                balance, warnings = self._balance, " ".join(each.code for each in reported.warnings or ())
            yield (*named, *texts, entry.account, self._head.currency, entry.amount, balance, warnings)

    def _end_row(self, kind: str, at: datetime | None, balance_minor: int) -> tuple[object, ...]:
        balance = shown_amount(balance_minor, self._head.exponent)
        return (self._instant(at), kind, "", "", "", "", "seller", self._head.currency, "", balance, "")

    def _instant(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return instant_text(to_micros(at)) if self._zone is None else at.astimezone(self._zone).isoformat()


def _lines(rows: Iterable[tuple[object, ...]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()
