"""What the ledger holds about one customer.

Source: docs/spec/customers.md#export.
"""

from quote_service.selling.ledger.model.records import EntryRecord


class CustomerEntry(EntryRecord, frozen=True, kw_only=True):
    """An entry of a customer's account."""

    currency: str
    """ISO 4217 code."""
