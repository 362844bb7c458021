"""The newest dead letters, for a person at a terminal.

Source: docs/spec/event-bus.md#dead-letters.
"""

from quote_service.platform.event_bus.model.dead_letters import DeadLetter
from quote_service.platform.event_bus.tables.dead_letters import page_of_dead_letters
from quote_service.platform.postgres.pool import Connection

LISTED_MAX = 1000


async def list_dead_letters(connection: Connection, group: str | None) -> list[DeadLetter]:
    """Up to LISTED_MAX letters of a group or, without one, of all; the newest first."""
    return await page_of_dead_letters(connection, group=group, topic=None, state=None, before=None, limit=LISTED_MAX)
