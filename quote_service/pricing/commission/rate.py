"""A commission rate as an admin writes it: what the marketplace keeps of a line.

Source: docs/spec/commission.md.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Amount, Factor, Percent, quantity_faults
from quote_service.platform.system.errors import Fault
from quote_service.pricing.scoping import Priority, scoping_faults

CommissionType = Literal["PERCENTAGE", "FLAT", "TIERED"]
CommissionScope = Literal["UNIT", "LINE", "ORDER", "QUOTE"]
Dimension = Literal["seller", "category", "logistics"]
OnRefund = Literal["reverse", "keep"]

DIMENSIONS: tuple[Dimension, ...] = ("seller", "category", "logistics")
DEFAULT_SCOPES: dict[CommissionType, CommissionScope] = {"PERCENTAGE": "LINE", "FLAT": "UNIT", "TIERED": "ORDER"}


class CommissionTier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One bracket: `rate` percent on the part of the base up to `up_to`; the last bracket is open (null)."""

    rate: Percent
    """Percentage charged on the part of the base in this bracket, from 0 to 100."""
    up_to: Amount | None = None
    """Upper end of the bracket, in the rate's currency; null for the last bracket, which is open."""


class RateDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A commission rate as it is sent and stored; `rate` is a percentage, or an amount for FLAT."""

    commission_type: CommissionType
    """`PERCENTAGE` charges a percentage, `FLAT` a fixed amount, `TIERED` a percentage for each bracket of the base."""
    seller_id: UUID | None = None
    """Seller whose lines are charged; null for all sellers."""
    category_id: UUID | None = None
    """Category whose lines are charged; null for all categories."""
    logistics_provider: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | None = None
    """Logistics provider whose orders are charged; null for all providers."""
    rate: ExactNumber | None = None
    """For `PERCENTAGE` a percentage from 0 to 100, for `FLAT` an amount in the rate's currency. Required for both,
    refused for `TIERED`.
    """
    min_amount: Amount | None = None
    """The lowest charge, in the rate's currency; null for no lower limit."""
    max_amount: Amount | None = None
    """The highest charge, in the rate's currency; null for no upper limit. Must not be below `min_amount`."""
    tiers: Annotated[list[CommissionTier], msgspec.Meta(min_length=1, max_length=100)] | None = None
    """The brackets of a `TIERED` rate, ascending by `up_to`; the last is open. Required for `TIERED`, refused
    otherwise.
    """
    scope: CommissionScope | None = None
    """What is charged once: each `UNIT`, each `LINE`, the `ORDER`, which is all lines of one seller that pay the rate, or the
    `QUOTE`, all lines that pay it whoever sells them; null for `LINE` with `PERCENTAGE`, `UNIT` with `FLAT`, and `ORDER` with
    `TIERED`.
    """
    split: dict[Dimension, Factor] | None = None
    """How a charge is divided between the dimensions that the rate covers, as weights of at least 0; null for the
    whole charge to the first of `seller`, `category` and `logistics` that the rate covers.
    """
    currency: str | None = None
    """ISO 4217 code of the currency that the rate's amounts are in; the rate then counts for quotes in that currency
    only. Required when the rate has amounts; null for every currency.
    """
    region: str | None = None
    """Where the rate counts, compared with the delivery address: a path such as `TR`, `TR/Istanbul` or
    `TR/Istanbul/Kadıköy`, or the name of a city or district; null for everywhere.
    """
    effective_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """First instant at which the rate counts; null for the time of the request."""
    effective_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """Instant from which the rate no longer counts; null for no end. Must be after `effective_from`."""
    is_active: bool = True
    """Whether the rate counts at all."""
    priority: Priority = 0
    """Which of several matching rates counts; higher numbers win."""
    on_refund: OnRefund = "reverse"
    """What a refund gives back of the commission: `reverse` the part of the refunded units, `keep` nothing. Orders keep what the rate says when they are placed."""


_Draft = TypeVar("_Draft", bound=RateDraft)


def named_dimensions(draft: RateDraft) -> tuple[Dimension, ...]:
    """The dimensions that a rate names, in the order seller, category, logistics."""
    values = (draft.seller_id, draft.category_id, draft.logistics_provider)
    return tuple(name for name, value in zip(DIMENSIONS, values, strict=True) if value is not None)


def rate_faults(draft: RateDraft) -> tuple[Fault, ...]:
    """Everything about a well-formed rate that is refused; pointers are relative to the rate."""
    faults = list(scoping_faults(draft.region, draft.currency, draft.effective_from, draft.effective_to))
    exponent = EXPONENTS.get(draft.currency or "", 6)
    faults += quantity_faults(draft, "", exponent)
    faults += _charge_faults(draft, exponent)
    faults += _split_faults(draft)
    if draft.currency is None and _holds_money(draft):
        faults.append(Fault("/currency", "is required for a rate with amounts"))
    if draft.min_amount is not None and draft.max_amount is not None and draft.min_amount > draft.max_amount:
        faults.append(Fault("/max_amount", "must not be below min_amount"))
    return tuple(faults)


def rate_in_currency(draft: _Draft, default: str | None) -> _Draft:
    """The rate with its currency: a default stands in where it has amounts and names none."""
    if default is None or draft.currency is not None or not _holds_money(draft):
        return draft
    return msgspec.structs.replace(draft, currency=default)


def _holds_money(draft: RateDraft) -> bool:
    holds_bounds = draft.min_amount is not None or draft.max_amount is not None
    return draft.commission_type == "FLAT" or holds_bounds or draft.tiers is not None


class _Flat(msgspec.Struct):
    rate: Amount


class _Percentage(msgspec.Struct):
    rate: Percent


def _charge_faults(draft: RateDraft, exponent: int) -> list[Fault]:
    if draft.commission_type == "TIERED":
        faults = [] if draft.rate is None else [Fault("/rate", "must be left out for a TIERED rate")]
        if draft.tiers is None:
            return [*faults, Fault("/tiers", "is required for a TIERED rate")]
        return faults + _tier_faults(draft.tiers)
    faults = [] if draft.tiers is None else [Fault("/tiers", "is allowed for a TIERED rate only")]
    if draft.rate is None:
        return [*faults, Fault("/rate", "is required")]
    charge = _Flat(draft.rate) if draft.commission_type == "FLAT" else _Percentage(draft.rate)
    return [*faults, *quantity_faults(charge, "", exponent)]


def _tier_faults(tiers: list[CommissionTier]) -> list[Fault]:
    faults = []
    reached = ExactNumber(0)
    for index, tier in enumerate(tiers):
        is_last = index == len(tiers) - 1
        if tier.up_to is None:
            if not is_last:
                faults.append(Fault(f"/tiers/{index}/up_to", "is required for every tier but the last"))
        elif is_last:
            faults.append(Fault(f"/tiers/{index}/up_to", "the last tier must be open (null)"))
        elif tier.up_to <= reached:
            faults.append(Fault(f"/tiers/{index}/up_to", "tiers must ascend"))
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
