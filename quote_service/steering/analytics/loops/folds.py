"""The loop of the background: add what was counted of quotes to the rollups, let go of what is old, and lay days by key.

Source: docs/spec/analytics.md#rollups.
"""

import asyncio
from datetime import UTC, datetime

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable
from quote_service.steering.analytics.operations.cluster_days import cluster_days
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from quote_service.steering.analytics.operations.forget_rollups import forget_rollups

FOLD_SECONDS = 60.0
# Weeks of a cube in a round: those of a week that has ended take some minutes, those of a year some hours.
_WEEKS_AT_ONCE = 5
_log = structlog.get_logger(__name__)


async def run_folds(database: Database, settings: Settings, *, fold_seconds: float = FOLD_SECONDS) -> None:
    """Fold again and again; never returns."""
    while True:
        end_if_cancelled()
        try:
            while await fold_quotes(database, settings.time_zone):
                end_if_cancelled()
            await forget_rollups(database, settings.analytics_hour_days, settings.analytics_day_days)
            for _ in range(_WEEKS_AT_ONCE):
                end_if_cancelled()
                if not await cluster_days(database, datetime.now(UTC)):
                    break
        except Unavailable as failure:
            _log.warning("quote_counts_not_folded", reason=failure.detail)
        await asyncio.sleep(fold_seconds)
