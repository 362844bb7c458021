"""What a check of orders finds.

Source: docs/spec/orders.md#check.
"""

from typing import NamedTuple

from quote_service.platform.system.findings import Finding

#: By name: what holds of orders.
CHECKS: dict[str, str] = {
    "posted": "the ledger has the entries that an order's figures say",
    "cancelled": "a cancelled order is taken back whole in the ledger, and no other order is",
    "source": "what is posted of kind order or cancellation is of an order",
    "lines": "the lines of an order add up to it and to its sellers",
    "refunds": "the ledger has the entries that a refund's figures say, and refunds of nothing else",
    "refunded": "the lines and fees of a refund add up to it, and an order's status says what is refunded of it",
}


class OrdersCheck(NamedTuple):
    """What was checked, and what was found."""

    orders: int
    lines: int
    findings: list[Finding]
