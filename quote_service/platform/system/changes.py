"""Who changes something, when, and within which request: what an audit row says of its author.

Source: docs/spec/access.md#audit-log.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import current_traceparent

ActorKind = Literal["user", "key", "system"]


class Author(msgspec.Struct, frozen=True):
    """The author of a change; `actor` is the id of a user or an API key, or the name of a part of the system.

    `change_set_id` is the change set that is published or rolled back by it; None for what is changed by itself.
    `traceparent` is that of what makes the change, where it is traced.
    """

    actor: str
    actor_kind: ActorKind
    request_id: str
    at_us: int
    change_set_id: UUID | None = None
    traceparent: str | None = msgspec.field(default_factory=current_traceparent)

    @property
    def at(self) -> datetime:
        """When it is made."""
        return from_micros(self.at_us)


def change_by_system(part: str, at_us: int) -> Author:
    """Of what no request asked for: a command line, a schedule or a sweep."""
    return Author(actor=part, actor_kind="system", request_id="", at_us=at_us)
