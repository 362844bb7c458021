"""The loop that forgets windows of the market that are old.

Source: docs/spec/market-analysis.md#windows.
"""

import asyncio

import structlog

from quote_service.intelligence.market_analysis.operations.sweep_windows import sweep_windows
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable

SWEEP_SECONDS = 300.0

_log = structlog.get_logger(__name__)


async def run_window_sweep(database: Database, settings: Settings) -> None:
    """Forget what is old for as long as the process runs; never returns."""
    while True:
        end_if_cancelled()
        is_much = False
        try:
            is_much = await sweep_windows(database, settings.market_window_days)
        except Unavailable as failure:
            _log.warning("market_windows_not_swept", reason=failure.detail)
        if not is_much:
            await asyncio.sleep(SWEEP_SECONDS)
