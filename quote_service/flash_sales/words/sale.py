"""A flash sale as it is sent, kept and shown.

Source: spec 7.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.errors import Fault
from quote_service.domain.money import amount_text
from quote_service.domain.numbers import ExactNumber, scale_decimal, written_number
from quote_service.domain.quantities import Amount, quantity_faults

SaleState = Literal["scheduled", "active", "ended", "cancelled"]

ITEMS_MAX = 100
STOCK_MAX = 1_000_000
HOLD_SECONDS_MAX = 86_400
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class SaleItemDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One product on sale: `sale_price` a unit, `allocated_stock` units in all, so many a customer."""

    product_id: UUID
    sale_price: Amount
    currency: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[A-Z]{3}$"})]
    allocated_stock: Annotated[int, msgspec.Meta(ge=0, le=STOCK_MAX)]
    per_customer_limit: Annotated[int, msgspec.Meta(ge=1, le=STOCK_MAX)]
    list_price: Amount | None = None


class SaleDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sale as it is sent; with `hold_seconds` a purchase stays reserved so long and waits to be confirmed."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    starts_at: _Instant
    ends_at: _Instant
    items: Annotated[list[SaleItemDraft], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)]
    hold_seconds: Annotated[int, msgspec.Meta(ge=1, le=HOLD_SECONDS_MAX)] | None = None


class SaleRecord(SaleDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sale as it is kept."""

    id: UUID
    state: SaleState
    version: int
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


def sale_faults(draft: SaleDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed sale that cannot be."""
    faults: list[Fault] = []
    if not draft.name.strip():
        faults.append(Fault("/name", "must not be blank"))
    if draft.ends_at <= draft.starts_at:
        faults.append(Fault("/ends_at", "must be after starts_at"))
    seen: set[UUID] = set()
    for place, item in enumerate(draft.items):
        if item.product_id in seen:
            faults.append(Fault(f"/items/{place}/product_id", "is on this sale already"))
        seen.add(item.product_id)
        if item.currency not in EXPONENTS:
            faults.append(Fault(f"/items/{place}/currency", "is no ISO 4217 currency"))
            continue
        faults += quantity_faults(item, f"/items/{place}", EXPONENTS[item.currency])
    return tuple(faults)


def to_minor(amount: ExactNumber, currency: str) -> int:
    """An amount without faults in minor units of its currency."""
    return scale_decimal(amount, EXPONENTS[currency])


def of_minor(amount_minor: int, currency: str) -> ExactNumber:
    """An amount of minor units, with the digits of its currency."""
    return written_number(amount_text(amount_minor, EXPONENTS[currency]))
