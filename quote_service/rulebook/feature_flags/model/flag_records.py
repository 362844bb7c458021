"""A feature flag as it is kept and shown: what was written, which version it is, who wrote it and when.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.system.errors import Fault
from quote_service.pricing.flags.flag import FlagDraft, FlagState, FlagType
from quote_service.pricing.flags.guardrails import Direction, Measure


class FlagRollback(msgspec.Struct, frozen=True, kw_only=True):
    """What showed harm, and the figures that it rests on."""

    at: datetime
    """When the flag was rolled back."""
    version: int
    """Version of the flag that did harm."""
    arm: str
    """The arm that did harm."""
    control: str
    """The arm that it was compared with."""
    metric: str
    """The guardrail's metric."""
    measure: Measure
    """How the metric was compared."""
    direction: Direction
    """Which values are better."""
    exposures: int
    """Customers in the arm."""
    control_exposures: int
    """Customers in the control."""
    events: int
    """Customers of the arm with an outcome."""
    control_events: int
    """Customers of the control with an outcome."""
    value: float
    """The arm's rate or mean."""
    control_value: float
    """The control's rate or mean."""
    tolerated: float
    """The value that would have been tolerated."""
    level: float
    """The chance that this guardrail ever rolls back a flag that does no harm."""
    log_e_value: float | None
    """Of rates: the natural logarithm of the evidence, which shows harm from ln(1 / `level`) on; null for means."""
    bound: float | None
    """Of means: by how much the arm is at least worse than tolerated; null for rates."""


class FlagRecord(FlagDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of a flag; `changed_by` and `changed_at` tell who made this version and when."""

    id: UUID
    """Identifies the flag."""
    version: int
    """Version of the flag, from 1; it goes up with every change, and `ETag` follows it."""
    is_archived: bool
    """Whether the flag has been archived."""
    state: Annotated[FlagState, Renamed("status")]
    """`ROLLED_BACK` while the flag is off for everybody because its experiment did harm; otherwise `ACTIVE`."""
    rollback: FlagRollback | None
    """What showed harm, while the flag is rolled back for it; otherwise null."""
    created_by: str
    """Id of the person who created the flag."""
    created_at: datetime
    """When the flag was created."""
    changed_by: Annotated[str, Renamed("updated_by")]
    """Id of the person who made this version."""
    changed_at: Annotated[datetime, Renamed("updated_at")]
    """When this version was made."""


class FlagFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which flags to list; None asks nothing. `key_prefix`: the key starts so, capitals counting."""

    type: FlagType | None = None
    """Only flags of this type."""
    is_enabled: bool | None = None
    """Only flags that are on, or only those that are off."""
    expose_in_quote: bool | None = None
    """Only flags that quotes show, or only those that they do not."""
    state: Annotated[FlagState | None, Renamed("status")] = None
    """Only flags in this state."""
    is_archived: bool = False
    """Whether to list archived flags instead of the others."""
    key_prefix: str | None = None
    """Only flags whose key begins with this, case-sensitive."""


def flag_document(record: FlagRecord) -> bytes:
    """The JSON of a flag, its numbers as they were written."""
    return write_document(record)


def is_written_so(held: FlagRecord, draft: FlagDraft) -> bool:
    """Whether a flag is what a draft would make of it, its numbers in the same digits."""
    return all(_literal(getattr(held, name)) == _literal(getattr(draft, name)) for name in FlagDraft.__struct_fields__)


def _literal(value: Any) -> str | None:
    """The JSON of a value; None for one that is not given, which is no null."""
    return None if value is msgspec.UNSET else json_literal(value)


def identity_faults(held: FlagRecord, draft: FlagDraft) -> Iterator[Fault]:
    """What of a draft would deal the flag's customers again: another key, algorithm or salt.

    They decide the bucket of every customer, so whoever wants them otherwise makes another flag. A salt that is the key
    and a salt that is not given are the same one.
    """
    if draft.key != held.key:
        yield Fault("/key", "cannot change; create another flag")
    if draft.algorithm != held.algorithm:
        yield Fault("/algorithm", f"cannot change; the flag's algorithm is {held.algorithm}")
    if (draft.salt or held.key) != (held.salt or held.key):
        kept = "the key" if held.salt is None else json_literal(held.salt)
        yield Fault("/salt", f"cannot change; the flag's salt is {kept}")
