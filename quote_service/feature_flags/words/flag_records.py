"""A feature flag as it is kept and shown: what was written, which version it is, who wrote it and when.

Source: spec 6, Admin.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.domain.errors import Fault
from quote_service.domain.flags import FlagDraft, FlagType
from quote_service.domain.literals import json_literal


class FlagRecord(FlagDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of a flag; `changed_by` and `changed_at` tell who made this version and when."""

    id: UUID
    version: int
    is_archived: bool
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime


class FlagFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which flags to list; None asks nothing. `key_prefix`: the key starts so, capitals counting."""

    type: FlagType | None = None
    is_enabled: bool | None = None
    expose_in_quote: bool | None = None
    is_archived: bool = False
    key_prefix: str | None = None


def flag_document(record: FlagRecord) -> bytes:
    """The JSON of a flag, its numbers as they were written."""
    return json_literal(record).encode()


def identity_faults(held: FlagRecord, draft: FlagDraft) -> Iterator[Fault]:
    """What of a draft would deal the flag's customers anew: another key, algorithm or salt.

    They decide the bucket of every customer, so whoever wants them otherwise makes another flag. A salt that is the key
    and a salt that is not given are the same one.
    """
    if draft.key != held.key:
        yield Fault("/key", "the key of a flag never changes; make another flag")
    if draft.algorithm != held.algorithm:
        yield Fault("/algorithm", f"the algorithm of a flag never changes; this one's is {held.algorithm}")
    if (draft.salt or held.key) != (held.salt or held.key):
        kept = "the key" if held.salt is None else json_literal(held.salt)
        yield Fault("/salt", f"the salt of a flag never changes; this one's is {kept}")
