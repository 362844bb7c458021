"""Which events a group has handled, noted in the transaction of what it did for them.

Source: docs/spec/event-bus.md#delivery.
"""

from collections.abc import Sequence
from uuid import UUID

from quote_service.platform.event_bus.model.groups import GROUPS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.identifiers import uuid7

STATEMENTS = Statements(__file__, "handled")


@STATEMENTS.query()
async def mark_handled(connection: Connection, group: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Note events as handled, if the transaction commits; answers those that were not before."""


async def forget_handled(connection: Connection, before_ms: int, limit: int) -> int:
    """Forget events told before an instant in milliseconds, up to so many of each group; how many."""
    first = UUID(uuid7(before_ms, 0))
    return int((await connection.execute(STATEMENTS["forget_handled"], list(GROUPS), first, limit)).rpartition(" ")[2])
