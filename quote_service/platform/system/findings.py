"""What a check of stored rows finds.

Source: docs/spec/ledger.md#check; docs/spec/orders.md#check.
"""

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that is wrong: which check, and what with ids."""

    check: str
    detail: str
