"""What an audit of a flash sale says.

Source: docs/spec/flash-sales.md#invariants.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.selling.flash_sales.model.sale import SaleState

INVARIANTS = {
    "I1": "what is sold and held never exceeds what is allocated",
    "I2": "no customer has more than the limit",
    "I3": "a customer's key names one purchase of the sale, in Redis too",
    "I6": "what is left in Redis and what is sold and held are what is allocated",
    "I7": "Redis counts for each customer what is recorded, and holds what is to be decided",
    "I8": "the ledger has each movement once, and adds up to what is sold and held",
    "I9": "all was sold within the sale, at a price that was in force",
    "I10": "what is left in Redis is neither negative nor more than is allocated",
    "I12": "nothing is waiting to be recorded or sent to Redis, and nothing was set aside as unreadable",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that breaks an invariant."""

    invariant: str
    detail: str


class AuditedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item as it was found; `stock` and `waiting` are Redis's, null where it no longer holds the item."""

    item_id: int
    product_id: UUID
    allocated: int
    confirmed: int
    reserved: int
    stock: int | None
    waiting: int | None


class SaleAudit(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found; all but `findings` breaks nothing, and is to be known.

    `rebuilt` counts how often items were built in Redis, the first time included; `recoveries` says why, without it.
    `rejected` counts late refusals. `notes` says what could not be checked, or waits.
    """

    flash_sale_id: UUID
    name: str
    state: Annotated[SaleState, Renamed("status")]
    at: datetime
    items: list[AuditedItem]
    findings: list[Finding]
    notes: list[str]
    rebuilt: int
    recoveries: dict[str, int]
    rejected: int
    rejected_for: dict[str, int]
    dead_letters: int
