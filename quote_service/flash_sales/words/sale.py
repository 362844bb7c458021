"""A flash sale as it is sent, kept and shown.

Source: docs/spec/flash-sales.md#sales.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.money.amounts import amount_text
from quote_service.money.currencies import EXPONENTS
from quote_service.money.numbers import ExactNumber, scale_decimal, written_number
from quote_service.money.quantities import Amount, quantity_faults
from quote_service.system.errors import Fault

SaleState = Literal["scheduled", "active", "ended", "cancelled"]

ITEMS_MAX = 100
STOCK_MAX = 1_000_000
HOLD_SECONDS_MAX = 86_400
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class SaleItemDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One product on sale: `sale_price` a unit, `allocated_stock` units in all, `per_customer_limit` units a customer."""

    product_id: UUID
    """The product."""
    sale_price: Amount
    """Price of one unit during the sale, in `currency`."""
    currency: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
    """ISO 4217 code of the currency of the prices."""
    allocated_stock: Annotated[int, msgspec.Meta(ge=0, le=STOCK_MAX)]
    """How many units are on sale in all."""
    per_customer_limit: Annotated[int, msgspec.Meta(ge=1, le=STOCK_MAX)]
    """How many units one customer may buy."""
    list_price: Amount | None = None
    """Price of one unit outside the sale, in `currency`; null if it is not known here."""


class SaleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flash sale to create or replace. With `hold_seconds`, a purchase stays reserved for that time and has to be confirmed."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Name of the sale, for people."""
    starts_at: _Instant
    """When the sale begins."""
    ends_at: _Instant
    """When the sale ends; must be after `starts_at`."""
    items: Annotated[list[SaleItemDraft], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    """The products on sale."""
    hold_seconds: Annotated[int, msgspec.Meta(ge=1, le=HOLD_SECONDS_MAX)] | None = None
    """Seconds for which a purchase stays reserved until the buyer confirms it; null to confirm purchases at once."""


class SaleRecord(SaleDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A flash sale."""

    id: UUID
    """Identifies the sale."""
    state: SaleState
    """Whether the sale is scheduled, active, ended or cancelled."""
    version: int
    """Version of the sale, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of the person who created the sale."""
    created_at: datetime
    """When the sale was created."""
    changed_by: str
    """Id of the person who last changed the sale."""
    changed_at: datetime
    """When the sale was last changed."""


def sale_faults(draft: SaleDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed sale that cannot be."""
    faults: list[Fault] = []
    if not draft.name.strip():
        faults.append(Fault("/name", "must not be blank"))
    if draft.ends_at <= draft.starts_at:
        faults.append(Fault("/ends_at", "must be after starts_at"))
    seen: set[UUID] = set()
    for index, item in enumerate(draft.items):
        if item.product_id in seen:
            faults.append(Fault(f"/items/{index}/product_id", "is already on this sale"))
        seen.add(item.product_id)
        if item.currency not in EXPONENTS:
            faults.append(Fault(f"/items/{index}/currency", "is not an ISO 4217 currency code"))
            continue
        faults += quantity_faults(item, f"/items/{index}", EXPONENTS[item.currency])
    return tuple(faults)


def to_minor(amount: ExactNumber, currency: str) -> int:
    """An amount without faults in minor units of its currency."""
    return scale_decimal(amount, EXPONENTS[currency])


def of_minor(amount_minor: int, currency: str) -> ExactNumber:
    """An amount of minor units, with the digits of its currency."""
    return written_number(amount_text(amount_minor, EXPONENTS[currency]))
