"""A commission rate as it is kept and shown: what was written, who wrote it and when, and which version it is.

Source: docs/spec/commission.md#managing-rates.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.commission.rate import CommissionTier, CommissionType, RateDraft
from quote_service.pricing.regions import region_key

BULK_ROWS_MAX = 10_000


class RateRow(RateDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of an import: it replaces the rate with its `id`, or creates one if it has none."""

    id: UUID | None = None
    """The rate to replace; null or left out to create one."""


class RateRecord(RateDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of a rate; `changed_by` and `changed_at` tell who made this version and when."""

    id: UUID
    """Identifies the rate."""
    version: int
    """Version of the rate, from 1; it goes up with every change, and `ETag` follows it."""
    created_by: str
    """Id of the person who created the rate."""
    created_at: datetime
    """When the rate was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of the person who made this version."""
    changed_at: Annotated[datetime, Renamed("updated_at")]
    """When this version was made."""


class ImportedRates(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did: how many rows made, replaced and found as they were; `ids` in the order of the rows."""

    created: int
    """How many rates were created."""
    changed: int
    """How many rates were replaced."""
    unchanged: int
    """How many rows say what their rate says already."""
    ids: list[UUID]
    """Ids of the rates, in the order of the rows."""


def content_of(rate: RateDraft) -> RateDraft:
    """What was written of a rate, by itself: two that are equal mean the same (numbers compare by value)."""
    return RateDraft(**{name: getattr(rate, name) for name in RateDraft.__struct_fields__})


def started(draft: RateDraft, otherwise: datetime) -> RateDraft:
    """The draft with its start filled in where none was given."""
    return draft if draft.effective_from is not None else msgspec.structs.replace(draft, effective_from=otherwise)


def period_faults(draft: RateDraft) -> tuple[Fault, ...]:
    """What a start that was filled in leaves wrong with the period."""
    assert draft.effective_from is not None
    if draft.effective_to is not None and draft.effective_to <= draft.effective_from:
        return (Fault("/effective_to", "must be after effective_from"),)
    return ()


def ended(rate: RateDraft, at_us: int) -> RateDraft:
    """The rate ended at an instant: an open or later end comes down to it; one that has not begun is switched off.

    What has ended before stays as it is.
    """
    at = from_micros(at_us)
    assert rate.effective_from is not None
    if rate.effective_to is not None and rate.effective_to <= at:
        return rate
    if rate.effective_from < at:
        return msgspec.structs.replace(rate, effective_to=at)
    return msgspec.structs.replace(rate, is_active=False)


def with_currency_digits(draft: RateDraft) -> dict[str, object]:
    """The fields of a rate that hold amounts, each with exactly the minor digits of the rate's currency.

    Source: docs/spec/wire.md#money.
    """
    exponent = EXPONENTS.get(draft.currency or "")
    if exponent is None:
        return {}
    step = Decimal(1).scaleb(-exponent)
    amounts: dict[str, object] = {
        name: _to_digits(number, step)
        for name in _amounts_of(draft.commission_type)
        if (number := getattr(draft, name)) is not None
    }
    if draft.tiers is not None:
        amounts["tiers"] = [
            tier if tier.up_to is None else CommissionTier(tier.rate, _to_digits(tier.up_to, step))
            for tier in draft.tiers
        ]
    return amounts


def scope_of(rate: RateDraft) -> tuple[object, ...]:
    """What two rates must have in common to be exact duplicates while their periods overlap."""
    return (
        rate.seller_id,
        rate.category_id,
        rate.logistics_provider,
        region_key(rate.region),
        rate.currency,
        rate.priority,
    )


def _amounts_of(commission_type: CommissionType) -> tuple[str, ...]:
    return ("rate", "min_amount", "max_amount") if commission_type == "FLAT" else ("min_amount", "max_amount")


def _to_digits(number: ExactNumber, step: Decimal) -> ExactNumber:
    # Exact: no stored amount is finer than its currency.
    return ExactNumber(number.quantize(step))
