"""Whether there is a competitor, for subjects that tell something of it.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

from quote_service.intelligence.competitors.operations.competitors import COMPETITORS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import read


async def require_competitor(connection: Connection, competitor_id: UUID) -> None:
    """Return where there is such a competitor.

    Raises:
        NotFound: There is none.
    """
    await read(COMPETITORS, connection, competitor_id)
