"""A commission rate as an admin writes it: what the marketplace keeps of a line.

Source: spec 3.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.domain.currencies import EXPONENTS
from quote_service.domain.errors import Fault
from quote_service.domain.numbers import ExactNumber
from quote_service.domain.quantities import Amount, Factor, Percent, quantity_faults
from quote_service.domain.scoping import Priority, scoping_faults

CommissionType = Literal["PERCENTAGE", "FLAT", "TIERED"]
CommissionScope = Literal["UNIT", "LINE", "ORDER"]
Dimension = Literal["seller", "category", "logistics"]

DIMENSIONS: tuple[Dimension, ...] = ("seller", "category", "logistics")
DEFAULT_SCOPES: dict[CommissionType, CommissionScope] = {"PERCENTAGE": "LINE", "FLAT": "UNIT", "TIERED": "ORDER"}


class CommissionTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bracket: `rate` percent on the part of the base up to `up_to`; the last bracket is open (null)."""

    rate: Percent
    up_to: Amount | None = None


class RateDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A commission rate as it is sent and stored; `rate` is a percentage, or an amount for FLAT."""

    commission_type: CommissionType
    seller_id: UUID | None = None
    category_id: UUID | None = None
    logistics_provider: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    rate: ExactNumber | None = None
    min_amount: Amount | None = None
    max_amount: Amount | None = None
    tiers: Annotated[list[CommissionTier], msgspec.Meta(min_length=1, max_length=100)] | None = None
    scope: CommissionScope | None = None
    split: dict[Dimension, Factor] | None = None
    currency: str | None = None
    region: str | None = None
    effective_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    effective_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    is_active: bool = True
    priority: Priority = 0


def named_dimensions(draft: RateDraft) -> tuple[Dimension, ...]:
    """The dimensions that a rate names, in the order seller, category, logistics."""
    values = (draft.seller_id, draft.category_id, draft.logistics_provider)
    return tuple(name for name, value in zip(DIMENSIONS, values, strict=True) if value is not None)


def rate_faults(draft: RateDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed rate that spec 3 refuses; pointers are relative to the rate."""
    faults = list(scoping_faults(draft.region, draft.currency, draft.effective_from, draft.effective_to))
    exponent = EXPONENTS.get(draft.currency or "", 6)
    faults += quantity_faults(draft, "", exponent)
    faults += _charge_faults(draft, exponent)
    faults += _split_faults(draft)
    holds_money = draft.commission_type == "FLAT" or draft.min_amount is not None or draft.max_amount is not None
    if draft.currency is None and (holds_money or draft.tiers is not None):
        faults.append(Fault("/currency", "a rate with amounts must name its currency"))
    if draft.min_amount is not None and draft.max_amount is not None and draft.min_amount > draft.max_amount:
        faults.append(Fault("/max_amount", "must not be below min_amount"))
    return tuple(faults)


class _Flat(msgspec.Struct):
    rate: Amount


class _Percentage(msgspec.Struct):
    rate: Percent


def _charge_faults(draft: RateDraft, exponent: int) -> list[Fault]:
    if draft.commission_type == "TIERED":
        faults = [] if draft.rate is None else [Fault("/rate", "a TIERED rate is given by its tiers alone")]
        if draft.tiers is None:
            return [*faults, Fault("/tiers", "a TIERED rate needs tiers")]
        return faults + _tier_faults(draft.tiers)
    faults = [] if draft.tiers is None else [Fault("/tiers", "only a TIERED rate has tiers")]
    if draft.rate is None:
        return [*faults, Fault("/rate", "is required")]
    charge = _Flat(draft.rate) if draft.commission_type == "FLAT" else _Percentage(draft.rate)
    return [*faults, *quantity_faults(charge, "", exponent)]


def _tier_faults(tiers: list[CommissionTier]) -> list[Fault]:
    faults = []
    reached = ExactNumber(0)
    for place, tier in enumerate(tiers):
        is_last = place == len(tiers) - 1
        if tier.up_to is None:
            if not is_last:
                faults.append(Fault(f"/tiers/{place}/up_to", "only the last tier is open"))
        elif is_last:
            faults.append(Fault(f"/tiers/{place}/up_to", "the last tier must be open (null)"))
        elif tier.up_to <= reached:
            faults.append(Fault(f"/tiers/{place}/up_to", "tiers must ascend"))
        else:
            reached = tier.up_to
    return faults


def _split_faults(draft: RateDraft) -> list[Fault]:
    if draft.split is None:
        return []
    covered = named_dimensions(draft) or DIMENSIONS
    faults = [
        Fault(f"/split/{dimension}", "the rate does not cover this dimension")
        for dimension in draft.split
        if dimension not in covered
    ]
    if not any(weight > 0 for weight in draft.split.values()):
        faults.append(Fault("/split", "at least one weight must be above 0"))
    return faults
