"""Sessions of a person, as the person sees them.

Source: docs/spec/access.md#sessions.
"""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

BegunBy = Literal["password", "provider"]
SessionKind = Literal["pages", "api"]


class LiveSession(msgspec.Struct, frozen=True):
    """A session that has not ended."""

    id: str
    """Identifies the session."""
    kind: SessionKind
    """Where it is used: in the `pages`, or with the `api` by tokens."""
    begun_by: BegunBy | None
    """How it was begun: by `password`, or by the sign-in `provider`; null for one from before this was kept."""
    device: str | None
    """Browser and system that it was begun from, as they named themselves; null if they did not."""
    started_at: datetime
    """When it was begun."""
    last_used_at: datetime
    """When it was last used; of the pages exact to a minute, of the API when its tokens were last renewed."""
    expires_at: datetime
    """When it ends at the latest unless it is renewed."""


class Visit(NamedTuple):
    """A request of somebody who is about to sign in: where from, on what, which one, and when."""

    address: str
    device: str | None
    request_id: str
    at_us: int
