"""The loops of signals in a background process.

Source: docs/spec/signals.md#looking.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from quote_service.intelligence.signals.operations.looking.look_at_news import NOTES_AT_ONCE, look_at_news
from quote_service.intelligence.signals.operations.looking.look_at_sales import look_at_all_sales
from quote_service.intelligence.signals.operations.looking.look_at_sources import SOURCES_AT_ONCE, look_at_sources
from quote_service.intelligence.signals.operations.sweep_signals import ROWS_AT_ONCE, sweep_signals
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import more_if, repeat_rounds

NEWS_SECONDS = 1.0
SOURCES_SECONDS = 30.0
SALES_SECONDS = 300.0
SWEEP_SECONDS = 15.0

_log = structlog.get_logger(__name__)


async def run_news(database: Database, *, news_seconds: float = NEWS_SECONDS, pause: Pause = asyncio.sleep) -> None:
    """Look at what is new for as long as the process runs; never returns."""
    await _run(lambda: look_at_news(database), NOTES_AT_ONCE, news_seconds, "news", pause)


async def run_sources(database: Database, *, sources_seconds: float = SOURCES_SECONDS) -> None:
    """Look at sources for as long as the process runs; never returns."""
    await _run(lambda: look_at_sources(database), SOURCES_AT_ONCE, sources_seconds, "sources")


async def run_sales(database: Database, *, sales_seconds: float = SALES_SECONDS) -> None:
    """Look at sales for as long as the process runs; never returns."""

    async def look() -> int:
        await look_at_all_sales(database)
        return 0

    await _run(look, 1, sales_seconds, "sales")


async def run_sweep(database: Database, settings: Settings, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
    """Tidy up for as long as the process runs; never returns."""
    await _run(lambda: sweep_signals(database, settings.signal_keep_days), ROWS_AT_ONCE, sweep_seconds, "old signals")


async def _run(
    look: Callable[[], Awaitable[int]], much: int, seconds: float, at_what: str, pause: Pause = asyncio.sleep
) -> None:
    """Again at once while there is much, else after a while."""

    async def work() -> float | None:
        return more_if(await look() >= much)

    await repeat_rounds("signals_not_looked_for", work, seconds, pause, at_what=at_what)
