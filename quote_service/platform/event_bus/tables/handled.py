"""Which events a group has handled, noted in the transaction of what it did for them.

Source: docs/spec/event-bus.md#delivery.
"""

from collections.abc import Sequence
from uuid import UUID

from quote_service.platform.event_bus.model.groups import GROUPS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.identifiers import uuid7

_QUERIES = load_queries(__file__, "handled")
_MARK = _QUERIES["mark_handled"]
_FORGET = _QUERIES["forget_handled"]


async def mark_handled(connection: Connection, group: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Note events as handled, if the transaction commits; answers those that were not before."""
    return {row["event_id"] for row in await connection.fetch(_MARK, group, event_ids)}


async def forget_handled(connection: Connection, before_ms: int, limit: int) -> int:
    """Forget events told before an instant in milliseconds, up to so many of each group; how many."""
    first = UUID(uuid7(before_ms, 0))
    return int((await connection.execute(_FORGET, list(GROUPS), first, limit)).rpartition(" ")[2])
