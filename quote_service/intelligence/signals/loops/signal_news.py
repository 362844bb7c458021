"""The loop of every process that streams signals: read what has changed while anybody listens.

Source: docs/spec/signals.md#notifications.
"""

import asyncio
from contextlib import suppress

from quote_service.intelligence.signals.operations.signal_news import SignalNews
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable

LOOK_SECONDS = 1.0


async def follow_signals(news: SignalNews, database: Database) -> None:
    """Look again and again while anybody listens; never returns."""
    while True:
        end_if_cancelled()
        if not news.listeners.wanted.is_set():
            news.rest()
            await news.listeners.wanted.wait()
        # While PostgreSQL is unavailable nothing changes; what was missed is read when it is back.
        with suppress(Unavailable):
            await news.look(database)
        await asyncio.sleep(LOOK_SECONDS)
