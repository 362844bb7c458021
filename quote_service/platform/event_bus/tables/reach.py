"""Whether the bus answered whoever asked it last, as a row.

Source: docs/spec/event-bus.md#lag.
"""

from typing import Final

from quote_service.platform.event_bus.model.status import BusReach
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "reach")
_DETAIL_MAX: Final = 1000
#: Longer than a background process takes to ask again, though the bus lets it wait.
_KNOWN_SECONDS: Final = 60.0


async def note_reach(connection: Connection, failure: str | None) -> None:
    """Write down that the bus has answered, or why it has not."""
    await connection.execute(STATEMENTS["note_reach"], None if failure is None else failure[:_DETAIL_MAX])


async def read_reach(connection: Connection) -> BusReach:
    """What was found last; `unknown` where that is a minute ago."""
    row = await connection.fetchrow(STATEMENTS["reach"], _KNOWN_SECONDS)
    if row is None:
        return BusReach(state="unknown", since=None, checked_at=None, detail=None)
    if row["is_old"]:
        return BusReach(state="unknown", since=None, checked_at=row["checked_at"], detail=None)
    return BusReach(
        state="away" if row["is_away"] else "reachable",
        since=row["since"],
        checked_at=row["checked_at"],
        detail=row["detail"],
    )
