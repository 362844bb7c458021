"""Keep what a process knows of who wants which events at what is committed.

Source: docs/spec/webhooks.md#events.
"""

import asyncio
import time

import structlog

from quote_service.postgres.outbox import EventInterest, wanted_types
from quote_service.postgres.pool import Database
from quote_service.system.cancellation import end_if_cancelled
from quote_service.system.errors import Unavailable

POLL_SECONDS = 0.4

_log = structlog.get_logger(__name__)


async def watch_event_interest(
    database: Database, interest: EventInterest, *, poll_seconds: float = POLL_SECONDS
) -> None:
    """Ask for as long as the process runs; never returns."""
    is_away = False
    while True:
        end_if_cancelled()
        asked_at = time.monotonic()
        try:
            async with database.read() as connection:
                patterns = await wanted_types(connection)
            interest.confirm(patterns, asked_at)
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("event_interest_not_refreshed", reason=failure.detail)
            is_away = True
        await asyncio.sleep(poll_seconds)
