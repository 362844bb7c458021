"""A feature flag as it is stored: what was written, with its identity, its version and when it changed.

Source: docs/spec/feature-flags.md.
"""

import msgspec

from quote_service.pricing.flags.flag import FlagDraft, FlagState


class StoredFlag(msgspec.Struct, frozen=True, kw_only=True):
    """A feature flag; its numbers keep their literal: int where written as one, else ExactNumber.

    An archived one has no rollout; one that is rolled back is off for everybody, whatever was written.
    """

    id: str
    version: int
    draft: FlagDraft
    is_archived: bool
    changed_in: int
    state: FlagState = "ACTIVE"
