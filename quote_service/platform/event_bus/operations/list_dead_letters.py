"""The newest dead letters, for a person at a terminal.

Source: docs/spec/event-bus.md#dead-letters.
"""

from quote_service.platform.event_bus.model.dead_letters import DeadLetter
from quote_service.platform.event_bus.tables.dead_letters import LETTER_ROWS
from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Connection

LISTED_MAX = 1000


async def list_dead_letters(connection: Connection, group: str | None) -> list[DeadLetter]:
    """Up to LISTED_MAX letters of a group or, without one, of all; the newest first."""
    return (await LETTER_ROWS.page(connection, Wanted({"consumer_group": group}, limit=LISTED_MAX))).rows
