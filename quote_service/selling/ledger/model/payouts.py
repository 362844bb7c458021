"""Money that is paid to a seller.

Source: docs/spec/ledger.md#payouts.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Amount
from quote_service.platform.system.errors import Conflict

Currency = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class InsufficientBalance(Conflict):
    """`balance` of the seller is what there is, in `currency`."""

    code = "insufficient-balance"
    title = "Insufficient balance"

    def __init__(self, *, balance_minor: int, balance: ExactNumber | None = None, currency: str = "") -> None:
        super().__init__("The seller's balance is less than this amount")
        self.balance_minor = balance_minor
        self.members = {"balance": balance, "currency": currency}


class PayoutDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A payout to record."""

    amount: Amount
    """What is paid: above 0, and not more than the seller's balance."""
    currency: Currency
    """ISO 4217 code."""
    reference: Reference
    """What identifies the payment, such as the number of a bank transfer."""
    note: Note | None = None
    """Remark, in words."""


class PayoutRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A payout as it is recorded."""

    id: UUID
    """Id of the payout's transaction."""
    seller_id: UUID
    """The seller."""
    amount: ExactNumber
    """What was paid."""
    currency: str
    """ISO 4217 code."""
    balance: ExactNumber
    """What of the seller's balance is left."""
    reference: str
    """What identifies the payment."""
    note: str | None
    """Remark, in words."""
    actor: str
    """Id of who recorded it."""
    posted_at: datetime
    """When it was posted."""
