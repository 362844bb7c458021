"""A version of a pricing rule as admins see it: what was written, and by whom and when.

Source: spec 4, Versions.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.domain.errors import Fault
from quote_service.domain.rules.conditions import Conditions
from quote_service.domain.rules.rule import RuleDraft, RuleType

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version; it never changes but for `is_active`, and `revision` counts how often that was switched, from 1.

    `configuration` and `conditions` hold the digits that were written.
    """

    id: UUID
    name: str
    version: int
    type: RuleType
    configuration: dict[str, Any]
    currency: str | None
    region: str | None
    priority: int
    conditions: Conditions | None
    effective_from: Instant
    effective_to: Instant | None
    is_active: bool
    created_by: str
    created_at: Instant
    changed_by: str
    changed_at: Instant
    revision: int


class RuleFilters(msgspec.Struct, frozen=True):
    """What a list may be narrowed by. `active_at`: only versions that count at that instant, one of each name."""

    name: str | None = None
    type: RuleType | None = None
    region: str | None = None
    currency: str | None = None
    is_active: bool | None = None
    active_at: Instant | None = None


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


def identity_faults(held: RuleRecord, draft: RuleDraft) -> tuple[Fault, ...]:
    """What the next version of a rule may not change."""
    faults = []
    if draft.name != held.name:
        faults.append(Fault("/name", "is what makes these the versions of one rule, and cannot change"))
    if draft.type != held.type:
        faults.append(Fault("/type", "cannot change between versions"))
    return tuple(faults)


def started(draft: RuleDraft, at: datetime) -> RuleDraft:
    """The draft with a start: the one given, or the instant of the change."""
    return draft if draft.effective_from is not None else msgspec.structs.replace(draft, effective_from=at)
