"""A version of a pricing rule as admins see it: what was written, and by whom and when.

Source: docs/spec/pricing-rules.md#versions.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Fault
from quote_service.pricing.conditions.conditions import Conditions
from quote_service.pricing.rule_types.registry import RuleType
from quote_service.pricing.rulebook.rule import RuleDraft, TypedByRule, normalised_configuration

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_OF_MINIMUM = "respects_min_price"
_DISCOUNTS = ("PROMOTION", "COUPON")


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version; it never changes but for `is_active`, and `revision` counts how often that was switched, from 1.

    `configuration` and `conditions` hold the digits that were written.
    """

    id: UUID
    """Identifies this version."""
    name: str
    """What the versions of one rule share, unique among rules."""
    version: int
    """Number of this version among those of its name, from 1."""
    type: RuleType
    """What the rule does; it decides which `configuration` the rule has."""
    configuration: TypedByRule
    """What the rule charges or takes off, by `type`, as it was written."""
    currency: str | None
    """ISO 4217 code of the currency that the rule's amounts are in; null for a rule of every currency."""
    region: str | None
    """Where the rule counts, as it was written; null for everywhere."""
    priority: int
    """Which rule comes first among those of one type; higher numbers win."""
    conditions: Conditions | None
    """What else has to hold for the rule to count; null for nothing."""
    effective_from: Instant
    """First instant at which the version counts."""
    effective_to: Instant | None
    """Instant from which the version no longer counts; null for no end."""
    is_active: bool
    """Whether the version counts at all."""
    created_by: str
    """Id of the person who made this version."""
    created_at: Instant
    """When this version was made."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of the person who last made, activated or deactivated this version."""
    changed_at: Annotated[Instant, Renamed("updated_at")]
    """When this version was last made, activated or deactivated."""
    revision: int
    """How many states the version has had, from 1; it goes up when `is_active` changes, and `ETag` follows it."""


class RuleFilters(msgspec.Struct, frozen=True):
    """What a list may be narrowed by. `active_at`: only versions that count at that instant, one of each name."""

    name: str | None = None
    """Only versions of the rule with this name."""
    type: RuleType | None = None
    """Only rules of this type."""
    region: str | None = None
    """Only rules of this region, in any spelling."""
    currency: str | None = None
    """Only rules of this currency (ISO 4217)."""
    is_active: bool | None = None
    """Only versions that are active, or only those that are not."""
    active_at: Instant | None = None
    """Only versions that count at this instant, one of each name."""


def draft_of(record: RuleRecord) -> RuleDraft:
    """What would have to be sent for the same content."""
    return RuleDraft(
        name=record.name,
        type=record.type,
        configuration=record.configuration,
        currency=record.currency,
        region=record.region,
        priority=record.priority,
        conditions=record.conditions,
        effective_from=record.effective_from,
        effective_to=record.effective_to,
        is_active=record.is_active,
    )


def with_minimum_of(draft: RuleDraft, held: RuleRecord | None) -> RuleDraft:
    """A version with what it would have of `respects_min_price`: where it says nothing, what the rule has, or no respect where
    there is no rule."""
    if draft.type not in _DISCOUNTS or _OF_MINIMUM in normalised_configuration(draft.configuration):
        return draft
    kept = held is not None and held.configuration.get(_OF_MINIMUM, False)
    return msgspec.structs.replace(draft, configuration={**draft.configuration, _OF_MINIMUM: kept})


def identity_faults(held: RuleRecord, draft: RuleDraft) -> tuple[Fault, ...]:
    """What the next version of a rule may not change."""
    faults = []
    if draft.name != held.name:
        faults.append(Fault("/name", "cannot change between versions"))
    if draft.type != held.type:
        faults.append(Fault("/type", "cannot change between versions"))
    return tuple(faults)


def started(draft: RuleDraft, at: datetime) -> RuleDraft:
    """The draft with a start: the one given, or the instant of the change."""
    return draft if draft.effective_from is not None else msgspec.structs.replace(draft, effective_from=at)
